"""The columns of our spreadsheets, declared with django-import-export and loaded set by set.

A `StagedResource` keeps what that library is good at: one declaration for import and export, formats,
permissions, the admin's forms. Its `import_data` does not go row by row: a dry run stages and previews
the file, a confirmed run applies what was staged. The hooks the library calls for each row are
therefore never called, and overriding one is an error that `check` reports.
"""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export import fields, resources, widgets
from import_export.results import InvalidRow, Result, RowResult

from centers.figure_tables import BENEFITS
from centers.models import Dong
from common.months import seoul_date
from planners.lists import import_files, list_import
from planners.models import Benefit, ImportBatch, ImportIssue, Person, Pregnancy, RegisterEvent

ROW_HOOKS = (
    "before_import_row",
    "after_import_row",
    "import_row",
    "import_instance",
    "before_save_instance",
    "after_save_instance",
    "skip_row",
    "get_or_init_instance",
    "save_instance",
)
INVALID_SHOWN = 1_000


class StagedFile:
    """A sealed upload where the library expects a dataset: rows are read when they are staged."""

    def __init__(self, kept: import_files.Kept, file_name: str) -> None:
        self.kept, self.file_name, self.headers = kept, file_name, []

    def __len__(self) -> int:
        return 0

    def __iter__(self):
        return iter(())


class StagedResource(resources.ModelResource):
    """A resource whose lists are staged, previewed and applied as sets (see the module)."""

    kind = ImportBatch.Kind.RESIDENTS
    may_be_taken_along = False  # whether those who import may take what is there along as a sheet to mend

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse subclasses that override a hook which would silently never run."""
        overridden = [name for name in ROW_HOOKS if getattr(cls, name) is not getattr(resources.ModelResource, name)]
        return [
            checks.Error(f"{cls.__name__}.{name} is never called: staged resources work on sets", id="planners.E001")
            for name in overridden
        ]

    def import_data(
        self, dataset: StagedFile, dry_run: bool = False, raise_errors: bool = False, **kwargs: Any
    ) -> Result:
        """`dry_run` stages and counts; otherwise the batch that was staged, or the file, is applied."""
        user, now = kwargs.get("user"), timezone.now()
        batch = kwargs.get("batch") or list_import.receive(
            dataset.kept, file_name=dataset.file_name, kind=self.kind, by=user, at=now, source="resource",
            extracted_on=kwargs.get("extracted_on"),
        )  # fmt: skip
        if batch.state == ImportBatch.State.RECEIVED:
            batch = list_import.stage(batch, on=seoul_date(now))
        if not dry_run:
            batch = list_import.begin_applying(batch, by=user)
            batch = list_import.apply(batch, by=user, on=seoul_date(now), at=now)
        return self._result(batch)

    def _result(self, batch: ImportBatch) -> Result:
        result = Result()
        counts = batch.counts
        result.batch = batch
        result.total_rows = counts["rows"]
        result.diff_headers = [field.column_name for field in self.get_import_fields()]
        result.totals[RowResult.IMPORT_TYPE_NEW] = counts["added"]
        result.totals[RowResult.IMPORT_TYPE_UPDATE] = counts["changed"] + counts["moved"]
        result.totals[RowResult.IMPORT_TYPE_SKIP] = counts["unchanged"] + counts["skipped"]
        result.totals[RowResult.IMPORT_TYPE_INVALID] = counts["rejected"]
        rejects = batch.issues.filter(level=ImportIssue.Level.REJECT).order_by("row", "pk")[:INVALID_SHOWN]
        result.invalid_rows = [
            InvalidRow(issue.row, ValidationError(f"{issue.column}: {issue.message}"), [issue.column])
            for issue in rejects
        ]
        return result


class ResidentResource(StagedResource):
    """The resident list: headings as our empty form has them."""

    name = fields.Field("name", "성명")
    birth_on = fields.Field("birth_on", "생년월일", widgets.DateWidget("%Y-%m-%d"))
    sex = fields.Field("sex", "성별")
    dong = fields.Field("dong", "행정동", widgets.ForeignKeyWidget(Dong, "name"))
    tong = fields.Field("tong", "통", widgets.IntegerWidget())
    ban = fields.Field("ban", "반", widgets.IntegerWidget())
    address = fields.Field("address", "도로명주소")
    mobile = fields.Field("mobile", "휴대전화")
    phone = fields.Field("phone", "자택전화")
    relation = fields.Field("relation", "세대주와의 관계")

    class Meta:
        model = Person
        fields = ("name", "birth_on", "sex", "dong", "tong", "ban", "address", "mobile", "phone", "relation")
        export_order = fields

    def dehydrate_sex(self, person: Person) -> str:
        return person.get_sex_display()

    def filter_export(self, queryset, **kwargs: Any):
        return queryset.select_related("dong").order_by("dong", "name", "pk")


class BenefitResource(StagedResource):
    """The list of benefit recipients."""

    kind = ImportBatch.Kind.BENEFITS
    name = fields.Field("person__name", "성명")
    birth_on = fields.Field("person__birth_on", "생년월일", widgets.DateWidget("%Y-%m-%d"))
    sex = fields.Field("person__sex", "성별")
    dong = fields.Field("person__dong__name", "행정동")
    address = fields.Field("person__address", "도로명주소")
    category = fields.Field("category", "급여종류")
    valid_from = fields.Field("valid_from", "급여개시일", widgets.DateWidget("%Y-%m-%d"))
    valid_to = fields.Field("valid_to", "급여종료일", widgets.DateWidget("%Y-%m-%d"))

    class Meta:
        model = Benefit
        fields = ("name", "birth_on", "sex", "dong", "address", "category", "valid_from", "valid_to")
        export_order = fields

    def dehydrate_sex(self, benefit: Benefit) -> str:
        return benefit.person.get_sex_display()

    def dehydrate_category(self, benefit: Benefit) -> str:
        return BENEFITS.get(benefit.category, benefit.category)

    def filter_export(self, queryset, **kwargs: Any):
        return queryset.select_related("person__dong").order_by("person__dong", "person__name", "pk")


class BirthResource(StagedResource):
    """Pregnancies as the maternal clinic lists them."""

    kind = ImportBatch.Kind.BIRTHS
    name = fields.Field("person__name", "성명")
    birth_on = fields.Field("person__birth_on", "생년월일", widgets.DateWidget("%Y-%m-%d"))
    dong = fields.Field("person__dong__name", "행정동")
    address = fields.Field("person__address", "도로명주소")
    mobile = fields.Field("person__mobile", "휴대전화")
    expected_on = fields.Field("expected_on", "분만예정일", widgets.DateWidget("%Y-%m-%d"))
    delivered_on = fields.Field("delivered_on", "출산일", widgets.DateWidget("%Y-%m-%d"))
    risk_groups = fields.Field("risk_groups", "고위험")
    reported_on = fields.Field("reported_on", "등록일", widgets.DateWidget("%Y-%m-%d"))

    class Meta:
        model = Pregnancy
        fields = (
            "name",
            "birth_on",
            "dong",
            "address",
            "mobile",
            "expected_on",
            "delivered_on",
            "risk_groups",
            "reported_on",
        )
        export_order = fields

    def dehydrate_risk_groups(self, pregnancy: Pregnancy) -> str:
        return ", ".join(pregnancy.risk_groups)

    def filter_export(self, queryset, **kwargs: Any):
        return queryset.select_related("person__dong").order_by("person__dong", "person__name", "pk")


class ChangeResource(StagedResource):
    """What happened in the register, one change a row."""

    kind = ImportBatch.Kind.CHANGES
    name = fields.Field("person__name", "성명")
    birth_on = fields.Field("person__birth_on", "생년월일", widgets.DateWidget("%Y-%m-%d"))
    sex = fields.Field("person__sex", "성별")
    change = fields.Field("kind", "변동구분")
    changed_on = fields.Field("on", "변동일", widgets.DateWidget("%Y-%m-%d"))
    dong = fields.Field("person__dong__name", "행정동")
    address = fields.Field("person__address", "도로명주소")

    class Meta:
        model = RegisterEvent
        fields = ("name", "birth_on", "sex", "change", "changed_on", "dong", "address")
        export_order = fields

    def dehydrate_sex(self, event: RegisterEvent) -> str:
        return event.person.get_sex_display()

    def dehydrate_change(self, event: RegisterEvent) -> str:
        return event.get_kind_display()

    def filter_export(self, queryset, **kwargs: Any):
        return queryset.select_related("person__dong").order_by("on", "pk")


def declared() -> dict[str, type[StagedResource]]:
    """Kind of list -> its resource, of every floor."""
    pending, found = [StagedResource], {}
    while pending:
        resource = pending.pop()
        pending += resource.__subclasses__()
        if not resource.__subclasses__() and resource.__module__.endswith("resources"):
            found[resource.kind] = resource
    return found


@checks.register
def staged_resources_have_no_row_hooks(app_configs, **kwargs: Any) -> list[checks.CheckMessage]:
    """Each staged resource says so itself."""
    pending, found = [StagedResource], []
    while pending:
        resource = pending.pop()
        pending += resource.__subclasses__()
        found += resource.check()
    return found
