"""Reports of outreach: the month's results in the plan's form, and the list of persons to visit."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from centers import rollups
from centers.indicators import WHOLE, Span
from centers.models import Dong
from centers.reports import OWNER, Ask, Made, Report, register
from common.months import Month
from common.sheets import Column, Kind, Row, Sheet, percent, text, total
from planners import guardians
from planners.models import Coverage, Programme, Target

COUNTED = ("targets", "visits", "normal", "managed")
MONTHS_TOGETHER = 12


def business_span(month: Month) -> Span:
    """The months a result adds up: since the programmes began, but a year at most, then since January.

    The plan's pilot runs over the turn of the year (November 2014 to June 2015) and is one result.
    """
    began = Coverage.objects.aggregate(first=Min("valid_from"))["first"]
    first = Month.of(began) if began else month
    if first.plus(MONTHS_TOGETHER) <= month:
        first = Month(month.year, 1)
    return Span(min(first, month), month)


def monthly_result(ask: Ask) -> Made:
    """방문실적: targets, visits, progress cut to one decimal, normal and managed group (plan III.7 ①)."""
    span = Span(ask.since, ask.month) if ask.since else business_span(ask.month)
    programmes = list(Programme.objects.all())
    stored = rollups.figures(span, COUNTED)
    lines = [Row({"dong": dong.name} | _results(stored, span, dong, programmes)) for dong in ask.dongs()]
    head = [total("dong", "합계")] if len(lines) > 1 else []
    sheet = Sheet(
        name="monthly_result",
        title=f"복지플래너 방문실적 ({ask.place})",
        columns=(text("dong", "동"), *_result_columns(programmes)),
        rows=(*head, *lines),
        unit="명, 건, %",
        period=f"{span.first.korean} ~ {span.last.korean}",
        notes=(
            "진도율 = 방문 ÷ 대상. 소수 첫째 자리 아래는 버립니다.",
            "방문을 거절하거나 이사한 주민도 대상에 남습니다.",
        ),
        owner=OWNER,
        tab="방문실적",
    )
    return Made([sheet])


def _result_columns(programmes: list[Programme]) -> list[Column]:
    columns: list[Column] = []
    for key, name in [("all", "계"), *((programme.key, programme.short_name) for programme in programmes)]:
        columns += [
            Column(f"{key}_targets", "대상", group=name),
            Column(f"{key}_visits", "방문", group=name),
            percent(f"{key}_progress", "진도율", part=f"{key}_visits", whole=f"{key}_targets", group=name),
        ]
    return [*columns, Column("normal", "정상군", group="방문결과"), Column("managed", "관리대상군", group="방문결과")]


def _results(stored: dict, span: Span, dong: Dong, programmes: list[Programme]) -> dict[str, int]:
    def added(indicator: str, part: str) -> int:
        return sum(stored.get((month, indicator, dong.pk, part), 0) for month in span.months())

    values = {"normal": added("normal", WHOLE), "managed": added("managed", WHOLE)}
    for key, part in [("all", WHOLE), *((programme.key, programme.key) for programme in programmes)]:
        values |= {f"{key}_targets": added("targets", part), f"{key}_visits": added("visits", part)}
    return values


def target_list(ask: Ask) -> Made:
    """방문 대상자 명단 of a month: names and addresses, so only with a reason."""
    rows = Target.objects.visible_to(ask.scope).filter(month=ask.month.first, dong__in=ask.dongs("target"))
    rows = rows.select_related("person", "programme", "rule", "dong").order_by(
        "dong__order", "person__tong", "person__address", "pk"
    )
    targets = list(rows)
    guardians.attach((target.person for target in targets), on=ask.on)
    sheet = Sheet(
        name="targets",
        title=f"{ask.month.korean} 방문 대상자 명단 ({ask.place})",
        columns=(
            text("dong", "동"),
            Column("tong", "통", sums=False),
            text("name", "이름"),
            Column("birth_on", "생년월일", Kind.DATE, sums=False),
            text("address", "주소", width=36),
            text("contact", "연락처", width=15),
            text("programme", "사업"),
            text("rule", "까닭", width=18),
            Column("due_on", "기한", Kind.DATE, sums=False),
            text("state", "상태"),
        ),
        rows=tuple(Row(_person_values(target)) for target in targets),
        period=ask.month.korean,
        notes=("업무에 쓴 뒤에는 지우거나 파쇄해 주세요. 다른 사람에게 넘기지 않습니다.",),
        owner=OWNER,
        tab="대상자",
    )
    return Made([sheet] if targets else [], {target.person_id for target in targets})


def _person_values(target: Target) -> dict[str, str | int | dt.date | None]:
    person = target.person
    return {
        "dong": target.dong.name,
        "tong": person.tong,
        "name": person.name,
        "birth_on": person.birth_on,
        "address": person.address,
        "contact": person.contact,
        "programme": target.programme.short_name,
        "rule": target.rule.title,
        "due_on": target.due_on,
        "state": target.get_state_display(),
    }


register(
    Report(
        "monthly_result",
        "복지플래너 방문실적",
        "사업과 동마다 대상, 방문, 진도율, 정상군과 관리대상군을 셉니다.",
        monthly_result,
        monthly=True,
        group="실적",
    ),
    Report(
        "targets",
        "방문 대상자 명단",
        "그 달의 대상자를 통과 주소 순서로 적습니다. 주민 이름이 들어 있습니다.",
        target_list,
        resource="target",
        personal=True,
        monthly=True,
        group="명단",
    ),
)
