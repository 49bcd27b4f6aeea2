"""The lists of groups and activists, declared with django-import-export: what is exported comes back unchanged."""

from __future__ import annotations

from typing import Any

from import_export import fields, widgets

from governance.models import Activist, Organisation
from planners.models import ImportBatch
from planners.register_resources import DAY, LocalResource


class ContactableResource(LocalResource):
    """A phone leaves only with the consent it was given for."""

    kind_words = fields.Field("kind", "종류")
    name = fields.Field("name", "이름")
    dong = fields.Field("dong", "행정동")
    phone = fields.Field("phone", "연락처")
    may_be_contacted = fields.Field("may_be_contacted", "연락동의")
    consent_on = fields.Field("consent_on", "동의일", DAY)

    def dehydrate_phone(self, record: Any) -> str:
        return record.phone if record.may_be_contacted else ""

    def dehydrate_may_be_contacted(self, record: Any) -> str:
        return {True: "O", False: "X"}.get(record.may_be_contacted, "")


class OrganisationResource(ContactableResource):
    """The register of groups."""

    kind = ImportBatch.Kind.GROUPS
    name = fields.Field("name", "단체명")
    members = fields.Field("members", "회원수", widgets.IntegerWidget())

    class Meta:
        model = Organisation
        fields = ("name", "kind_words", "dong", "members", "phone", "may_be_contacted", "consent_on")
        export_order = fields


class ActivistResource(ContactableResource):
    """The register of activists."""

    kind = ImportBatch.Kind.ACTIVISTS
    may_be_taken_along = False  # people
    name = fields.Field("name", "성명")
    field = fields.Field("field", "활동분야")

    class Meta:
        model = Activist
        fields = ("name", "kind_words", "dong", "field", "phone", "may_be_contacted", "consent_on")
        export_order = fields
