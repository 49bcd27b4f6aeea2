"""Tables of figures, declared with django-import-export: a table of a day goes out as wide as it came in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from import_export import fields

from centers.models import Figure
from planners.models import ImportBatch
from planners.resources import StagedResource
from seongbuk.figure_list import stored
from seongbuk.figure_sheets import SHEETS


class FigureResource(StagedResource):
    """One table of one day: `table` is a key of `SHEETS`, the day comes back as the list's own date."""

    kind = ImportBatch.Kind.FIGURES
    row = fields.Field("row_key", "구분")

    class Meta:
        model = Figure
        fields = ("row",)

    def __init__(self, table: str = "population", as_of: dt.date | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sheet, self.as_of = SHEETS[table], as_of

    def get_export_headers(self, **kwargs: Any) -> list[str]:
        return ["구분", *(label for label, _ in self.sheet.columns.values())]

    def export(self, queryset: Any = None, **kwargs: Any) -> Any:
        """The rows of the day in their order; sums that are counted, not stored, stay away."""
        table = super().export(queryset=Figure.objects.none(), **kwargs)
        known = stored(self.sheet, self.as_of) if self.as_of else {}
        for row, values in known.items():
            table.append([row, *(values.get(key) or "" for key in self.sheet.columns)])
        return table
