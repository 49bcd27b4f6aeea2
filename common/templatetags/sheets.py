"""Report sheets on a page: the cells in the words of every other form, and their classes."""

from django import template

from common import sheets

register = template.Library()


@register.filter
def cell(value: sheets.Value, column: sheets.Column) -> str:
    """`{{ value|cell:column }}`: the words of a cell."""
    return sheets.shown(column, value)


@register.filter
def tone(value: sheets.Value, column: sheets.Column) -> str:
    """Classes of a cell: figures stand right, over and under differ by more than colour."""
    if not column.is_number:
        return ""
    if column.kind == sheets.Kind.DIFFERENCE and value:
        return "num up" if value > 0 else "num dn"
    return "num"
