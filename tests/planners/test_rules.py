"""Changing rules and reach without a programmer, promising to come again, and letters."""

import datetime as dt

import pytest
from django.urls import reverse

from centers.models import AccessLog
from common.months import Month
from planners import consent_sheets, programmes, rule_changes, rule_previews, target_rules
from planners.models import Coverage, FollowUp, Target, TargetRule
from tests import factories as f
from tests.cast import posted

pytestmark = pytest.mark.django_db
MARCH = Month(2015, 3)


@pytest.fixture
def revise(rulebook):
    def change(key="turns_65", since=MARCH, **given):
        rule = rule_changes.current(key)
        given = {"figures": {}, "minutes": rule.minutes, "tier": rule.tier, "source": "2015년 지침"} | given
        return rule_changes.revise(rule, since=since, at=f.NOW, **given)

    return change


def test_begins_a_new_version_on_the_first_of_a_coming_month(revise, dong):
    new = revise(figures={"age": 70, "ends_at_age": 71})
    old = TargetRule.objects.get(key="turns_65", version=1)
    assert (new.version, new.valid_from, old.valid_to) == (2, dt.date(2015, 3, 1), dt.date(2015, 3, 1))
    f.PersonFactory(dong=dong, birth_on=dt.date(1950, 2, 10)), f.PersonFactory(dong=dong, birth_on=dt.date(1945, 3, 10))
    for month in (Month(2015, 2), MARCH):
        programmes.extract_targets(month, by=None, at=f.NOW)
    assert dict(Target.objects.values_list("rule__version", "person__birth_on")) == {
        1: dt.date(1950, 2, 10),
        2: dt.date(1945, 3, 10),
    }


def test_keeps_lists_already_made_as_they_are(revise):
    for since in (Month(2015, 1), Month(2014, 12)):
        with pytest.raises(rule_changes.NotAhead):
            revise(minutes=90, since=since)


def test_refuses_figures_that_make_no_sense(revise):
    for figures in ({"age": 0}, {"age": 66}, {"days": 3}):
        with pytest.raises(rule_changes.BadFigure):
            revise(figures=figures)
    with pytest.raises(rule_changes.NothingChanged):
        revise()


def test_asks_to_settle_the_coming_version_first(revise):
    revise(minutes=90)
    with pytest.raises(rule_changes.LaterChangeExists):
        revise(minutes=75)


def test_switches_a_dong_from_risk_groups_to_everybody(rulebook, dong):
    child = rulebook["newborn"].programme
    rule_changes.cover(child, [dong], "risk_only", since=MARCH, at=f.NOW)
    assert target_rules.coverage_on(child, dt.date(2015, 2, 28))[dong.pk].reach == "universal"
    assert target_rules.coverage_on(child, dt.date(2015, 3, 1))[dong.pk].reach == "risk_only"
    with pytest.raises(rule_changes.LaterChangeExists):
        rule_changes.cover(child, [dong], "universal", since=MARCH, at=f.NOW)


def test_ends_a_programme_in_a_dong(rulebook, dong, other_dong):
    elderly = rulebook["turns_65"].programme
    assert rule_changes.cover(elderly, [dong], rule_changes.NOBODY, since=MARCH, at=f.NOW) == 1
    covered = target_rules.coverage_on(elderly, dt.date(2015, 3, 1))
    assert set(covered) == {other_dong.pk}
    with pytest.raises(rule_changes.NothingChanged):
        rule_changes.cover(elderly, [other_dong], "universal", since=MARCH, at=f.NOW)


# ------------------------------------------------------------------ pages


def test_shows_whom_a_change_would_list_before_it_is_saved(signed_in, office, rulebook, dong, today):
    next_month = Month.of(today).next
    f.PersonFactory(dong=dong, birth_on=dt.date(next_month.year - 70, next_month.number, 10))
    client, url = signed_in(office), reverse("target_rule", args=["turns_65"])
    facts = {"age": 70, "ends_at_age": 71, "minutes": 60, "tier": 2, "since": str(next_month), "source": ""}
    page = client.post(url, facts | {"act": "preview"})
    counts = page.context["counts"]
    assert [(row.name, row.people, row.tongs) for row in counts.dongs] == [(dong.name, 1, [(7, 1)])]
    assert rule_changes.current("turns_65").version == 1
    assert client.post(url, facts | {"act": "save"}).url == reverse("target_rules")
    assert rule_changes.current("turns_65").parameters == {"age": 70, "ends_at_age": 71}
    page = client.get(reverse("target_rules")).content.decode()
    assert "곧 시작" in page


def test_counts_for_each_pair_before_it_is_saved(rulebook, dong, pair):
    f.PairFactory(dong=dong, name="B조")
    for number in range(3):
        f.PersonFactory(dong=dong, tong=number + 1, birth_on=dt.date(1950, 3, 10))
    counts = rule_previews.preview(rulebook["turns_65"], MARCH)
    assert (counts.total, counts.dongs[0].each, counts.without_pair) == (3, 1.5, [])
    assert [(row.name, row.people) for row in counts.pairs] == [("A조", 1.5), ("B조", 1.5)]


def test_counts_the_visits_of_a_rhythm_by_its_new_figures(rulebook, dong, pair, lead):
    rule = rulebook["regular"]
    for tong, start in ((1, dt.date(2015, 1, 10)), (2, dt.date(2015, 1, 12)), (2, dt.date(2014, 12, 30))):
        person = f.PersonFactory(dong=dong, tong=tong)
        FollowUp.objects.create(person=person, rule=rule, starts_on=start, reason="혈압 관리", by=lead, at=f.NOW)
    draft = rule_changes.draft(rule, figures={"count": 3, "window_days": 7}, minutes=45, tier=3)
    found = rule_previews.preview(draft, MARCH)
    as_is = [row for row in target_rules.follow_up_candidates(MARCH) if row.rule == rule]
    assert (found.running, found.as_is) == (3, len(as_is))
    assert found.dongs[0].tongs == [(1, 1), (2, 2)]  # three in three months: one in March for each
    assert [(row.name, row.people) for row in found.pairs] == [("A조", 3.0)]
    assert not Target.objects.exists(), "a preview lists nobody"


def test_names_dongs_where_nobody_goes_before_it_is_saved(rulebook, dong):
    f.PersonFactory(dong=dong, birth_on=dt.date(1950, 3, 10))
    assert rule_previews.preview(rulebook["turns_65"], MARCH).without_pair == [dong.name]


def test_refuses_a_change_that_is_not_ahead_with_words(signed_in, office, rulebook, today):
    url = reverse("target_rule", args=["turns_65"])
    facts = {"age": 65, "ends_at_age": 66, "minutes": 90, "tier": 2, "since": str(Month.of(today)), "act": "save"}
    answer = signed_in(office).post(url, facts)
    assert answer.status_code == 422
    assert "이미 만든 명단은 바꾸지 않습니다" in answer.content.decode()


def test_lets_only_the_office_change_rules(signed_in, lead, officer, rulebook):
    url = reverse("target_rule", args=["turns_65"])
    assert signed_in(lead).get(url).status_code == 403
    client = signed_in(officer)
    assert client.get(reverse("target_rules")).status_code == 200, "data officers read"
    assert client.get(url).status_code == 403


def test_changes_the_reach_of_several_dongs_at_once(signed_in, office, rulebook, dong, other_dong, today):
    child = rulebook["newborn"].programme
    facts = {"programme": child.pk, "reach": "risk_only", "since": str(Month.of(today).next)}
    client = signed_in(office)
    client.post(reverse("target_coverage"), facts)
    assert not Coverage.objects.filter(reach="risk_only").exists()
    client.post(reverse("target_coverage"), facts | {"dongs": [dong.pk, other_dong.pk]})
    assert Coverage.objects.filter(programme=child, reach="risk_only").count() == 2


def test_promises_to_come_again_from_the_target(signed_in, nurse, counsellor, dong, listed, rulebook, today):
    target = listed(dong)
    url = reverse("follow_up_start", args=[target.uid])
    facts = {"rule": rulebook["regular"].pk, "reason": "혈압 관리"}
    assert signed_in(counsellor).post(url, facts).status_code == 403
    client = signed_in(nurse)
    client.post(url, facts)
    client.post(url, facts)
    row = FollowUp.objects.get()
    assert (row.rule.key, row.starts_on, row.by) == ("regular", today, nurse)
    assert "혈압 관리" in client.get(reverse("target_detail", args=[target.uid])).content.decode()
    client.post(reverse("follow_up_end", args=[target.uid]), {"rule": "regular", "reason": "스스로 관리"})
    row.refresh_from_db()
    assert row.ends_on == today


def test_writes_a_letter_for_each_door_of_a_tong(signed_in, social, dong, listed):
    for name, tong in (("김하나", 7), ("김두리", 7), ("옆통이", 8)):
        listed(dong, name=name, tong=tong)
    page = signed_in(social).get(reverse("consent_letters"), {"tong": 7})
    text = page.content.decode()
    assert text.count('class="card letter"') == 2
    assert "김하나 님께" in text
    assert "옆통이" not in text
    assert "동의하지 않으셔도 됩니다" in text


def test_gives_the_letters_of_a_tong_as_one_pdf_and_logs_whom_they_name(signed_in, social, dong, listed):
    here, elsewhere = listed(dong, tong=7), listed(dong, name="이솔", tong=8)
    url = reverse("consent_letters_pdf")
    answer = signed_in(social).get(url, {"tong": 7})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert b"pdfuaid" in answer.content
    assert AccessLog.objects.get(action="consent.letters_pdf").subjects == [here.person_id]
    assert signed_in(social).get(url, {"tong": 99}).status_code == 302
    assert elsewhere.person_id not in AccessLog.objects.filter(action="consent.letters_pdf")[0].subjects


def test_gives_the_tick_sheets_of_all_tongs_as_one_pdf_and_of_one_tong_alone(signed_in, social, dong, listed):
    here, elsewhere = listed(dong, tong=7), listed(dong, name="이솔", tong=8)
    url = reverse("consent_sheet_pdf")
    answer = signed_in(social).get(url, {"tong": "all"})
    assert answer["Content-Type"] == "application/pdf"
    assert b"pdfuaid" in answer.content
    named = AccessLog.objects.filter(action="consent.sheet_pdf")
    assert set(named.get().subjects) == {here.person_id, elsewhere.person_id}
    signed_in(social).get(url, {"tong": 7})
    assert named.order_by("-pk").first().subjects == [here.person_id]
    assert signed_in(social).get(url, {"tong": 99}).status_code == 302


def test_prints_a_page_for_each_tong_in_the_order_of_the_alley(social, dong, listed, scope_of, today):
    for name, tong, address in (("둘째", 7, "장위로 21길 3"), ("첫째", 7, "장위로 6길 3"), ("옆통", 3, "장위로 1길 1")):
        person = listed(dong, name=name, tong=tong).person
        person.address = address
        person.save()
    rows = consent_sheets.open_targets(scope_of(social, today), today=today)
    sheets = consent_sheets.by_tong(rows, today=today)
    assert [(tong, [line.target.person.name for line in lines]) for tong, lines in sheets] == [
        (3, ["옆통"]),
        (7, ["첫째", "둘째"]),
    ]


def test_gives_a_tongjang_the_sheet_of_the_own_tong_only(signed_in, dong, listed):
    here, _ = listed(dong, tong=7), listed(dong, name="이솔", tong=8)
    tongjang = posted("tongjang", "엄미라", "TJ", dong, tongs=[7])
    assert signed_in(tongjang).get(reverse("consent_sheet_pdf"), {"tong": "all"}).status_code == 200
    assert AccessLog.objects.get(action="consent.sheet_pdf").subjects == [here.person_id]
