"""The columns of the register lists, declared with django-import-export: what is exported comes back unchanged."""

from __future__ import annotations

from typing import Any

from import_export import fields, widgets

from centers.models import Facility, Posting
from centers.roles import ROLE_BY_CODE
from planners.lists.budget_rows import NO_CATEGORY
from planners.lists.personnel_words import ROLES
from planners.models import ImportBatch
from planners.resources import StagedResource
from staffing.models import BudgetLine

DAY = widgets.DateWidget("%Y-%m-%d")


class LocalResource(StagedResource):
    """What stands in a dong: its kind in words, its dong by name or ‘구 전체’."""

    may_be_taken_along = True

    def dehydrate_kind_words(self, record: Any) -> str:
        return record.get_kind_display()

    def dehydrate_dong(self, record: Any) -> str:
        return record.dong.name if record.dong_id else "구 전체"

    def filter_export(self, queryset, **kwargs: Any):
        """Those that stand today, in the order of the pages."""
        return queryset.filter(valid_to=None).select_related("dong").order_by("dong__order", "kind", "name", "pk")


class FacilityResource(LocalResource):
    """The register of facilities."""

    kind = ImportBatch.Kind.FACILITIES
    name = fields.Field("name", "시설명")
    kind_words = fields.Field("kind", "종류")
    dong = fields.Field("dong", "행정동")
    address = fields.Field("address", "주소")
    phone = fields.Field("phone", "전화")
    operator = fields.Field("operator", "운영주체")
    capacity = fields.Field("capacity", "정원", widgets.IntegerWidget())
    valid_from = fields.Field("valid_from", "개소일", DAY)

    class Meta:
        model = Facility
        fields = ("name", "kind_words", "dong", "address", "phone", "operator", "capacity", "valid_from")
        export_order = fields


class PersonnelResource(StagedResource):
    """Personnel orders: every running posting as the order that made it."""

    kind = ImportBatch.Kind.STAFF
    number = fields.Field("user__employee_number", "사번")
    name = fields.Field("user__name", "성명")
    on = fields.Field("valid_from", "발령일", DAY)
    act = fields.Field(column_name="발령내용")
    place = fields.Field(column_name="소속")
    team = fields.Field("team__name", "팀")
    title = fields.Field("user__job_title", "직위")
    role = fields.Field("role", "역할")
    tongs = fields.Field("tongs", "담당통")

    class Meta:
        model = Posting
        fields = ("number", "name", "on", "act", "place", "team", "title", "role", "tongs")
        export_order = fields

    def dehydrate_act(self, posting: Posting) -> str:
        """Who holds more than one posting has been given the others besides."""
        first = min(posting.user.postings.all(), key=lambda one: (one.valid_from, one.pk))
        return "신규임용" if first == posting else "겸임"

    def dehydrate_place(self, posting: Posting) -> str:
        return posting.dong.name if posting.dong_id else "구청"

    def dehydrate_role(self, posting: Posting) -> str:
        return ROLE_BY_CODE[posting.role].title

    def dehydrate_tongs(self, posting: Posting) -> str:
        return ", ".join(map(str, posting.tongs))

    def filter_export(self, queryset, **kwargs: Any):
        """Postings that hold, of people with a number and with roles that orders can give."""
        running = queryset.filter(valid_to=None, role__in=set(ROLES.values())).exclude(user__employee_number=None)
        running = running.select_related("user", "dong", "team").prefetch_related("user__postings")
        return running.order_by("user__employee_number", "valid_from", "pk")


class BudgetResource(StagedResource):
    """Budgets with their calculations; parts are told by a dash."""

    kind = ImportBatch.Kind.BUDGETS
    may_be_taken_along = True
    title = fields.Field("budget__title", "예산 이름")
    year = fields.Field("budget__year", "연도")
    dong = fields.Field("budget__dong__name", "동")
    category = fields.Field("category", "과목")
    item = fields.Field("item", "세부항목")
    calculation = fields.Field("calculation", "산출내역")
    amount_kkrw = fields.Field("amount_kkrw", "금액(천원)")
    note = fields.Field("note", "비고")

    class Meta:
        model = BudgetLine
        fields = ("title", "year", "dong", "category", "item", "calculation", "amount_kkrw", "note")
        export_order = fields

    def dehydrate_category(self, line: BudgetLine) -> str:
        return line.category or NO_CATEGORY

    def dehydrate_item(self, line: BudgetLine) -> str:
        return f"- {line.item}" if line.part_of_id else f"○ {line.item}"

    def dehydrate_amount_kkrw(self, line: BudgetLine) -> str:
        return f"{line.amount_kkrw.normalize():f}" if line.amount_kkrw is not None else ""

    def filter_export(self, queryset, **kwargs: Any):
        return queryset.standing().select_related("budget__dong").order_by("budget", "order", "pk")
