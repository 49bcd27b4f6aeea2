"""The columns of the register lists, declared with django-import-export: what is exported comes back unchanged."""

from __future__ import annotations

from typing import Any

from import_export import fields, widgets

from centers.models import Facility
from planners.models import ImportBatch
from planners.resources import StagedResource

DAY = widgets.DateWidget("%Y-%m-%d")


class LocalResource(StagedResource):
    """What stands in a dong: its kind in words, its dong by name or ‘구 전체’."""

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
