"""Figures on a page: each number is the way to its own list."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.templatetags.ui import comma
from seongbuk.dashboards import Number

register = template.Library()


@register.simple_tag
def number(given: Number) -> SafeString | str:
    """`{% number line.normal %}`: the figure, linked to its list where the viewer may open lists."""
    if not given.linked:
        return comma(given.value)
    return format_html(
        '<a href="{}?{}">{}<span class="vh"> {} {} 목록</span></a>',
        reverse("figure_list", args=[given.of.key]),
        given.query,
        comma(given.value),
        given.of.unit,
        given.of.title,
    )
