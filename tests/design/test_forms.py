"""Fields, their help and their errors hang together for screen readers too."""

import pytest
from django.template import Context, Template
from lxml import html

from seongbuk.views.styleguide import SampleForm

BAD = {"name": "", "birth_date": "1949-13-40", "dong": "", "kind": "care", "agreed": ""}


@pytest.fixture
def page():
    """The rendered sample form with errors, as a tree."""
    source = '<div>{% include "components/error_summary.html" %}<form>{{ form.as_div }}</form></div>'
    return html.fromstring(Template(source).render(Context({"form": SampleForm(BAD)})))


def by_id(tree) -> dict:
    named = [node for node in tree.iter() if node.get("id")]
    found = {node.get("id"): node for node in named}
    assert len(found) == len(named), "an id stands twice"
    return found


def test_describes_each_field_in_error_by_its_help_and_error(page):
    ids = by_id(page)
    birth_date = ids["id_birth_date"]
    assert birth_date.get("aria-invalid") == "true"
    assert set(birth_date.get("aria-describedby").split()) == {"id_birth_date_helptext", "id_birth_date_error"}
    for name in birth_date.get("aria-describedby").split():
        assert "".join(ids[name].itertext()).strip()


def test_points_every_label_and_every_summary_link_at_a_real_input(page):
    ids = by_id(page)
    targets = [label.get("for") for label in page.iter("label")]
    links = [link.get("href").lstrip("#") for link in page.iter("a")]
    assert len(links) == 4
    assert len(targets) >= 10
    for target in targets + links:
        assert ids[target].tag in {"input", "select", "textarea"}, target


def test_marks_the_fields_that_may_stay_empty(page):
    said = {"".join(label.itertext()) for label in page.iter("label")}
    assert {"남길 말선택", "동의서 사진선택", "이름"} <= said


def test_counts_the_places_to_correct(page):
    heading = next(page.iter("h2"))
    assert heading.text == "고칠 곳이 4군데 있습니다"
