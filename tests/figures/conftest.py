"""A small month of invented facts that every figure counts."""

import datetime as dt

import pytest

from casemgmt.models import Agency, Case, Referral
from centers import rollups
from common.months import at_seoul
from planners.models import Coverage, Target, Visit
from tests import factories as f

MONTHS = (dt.date(2014, 11, 1), dt.date(2014, 12, 1), dt.date(2015, 1, 1))


def met(target, day: dt.date, group: str = "normal") -> Visit:
    return f.VisitFactory(
        target=target,
        state="closed",
        outcome="done",
        on=day,
        finished_at=at_seoul(day, dt.time(11)),
        group=group,
        classified_on=day,
        linked_at=f.NOW if group == "managed" else None,
    )


@pytest.fixture
def facts(dong, other_dong, social):
    """Per month and dong: four targets; consents, visits, a failed visit, a referral and a case. All rolled up."""
    Coverage.objects.create(programme=f.ProgrammeFactory(), dong=dong, reach="universal", valid_from=MONTHS[0])
    agency = Agency.objects.create(name="보건소", kind="health_center")
    child = f.TargetRuleFactory(
        key="born", programme=f.ProgrammeFactory(key="child", name="우리아이", short_name="우리아이", order=2)
    )
    for place in (dong, other_dong):
        for number, month in enumerate(MONTHS):
            due = month.replace(day=20)
            people = [f.PersonFactory(dong=place) for _ in range(4)]
            targets = [
                f.TargetFactory(
                    person=p, month=month, due_on=due, occurrence=f"{month}", **({"rule": child} if n == 3 else {})
                )
                for n, p in enumerate(people)
            ]
            f.ConsentFactory(person=people[0], by=social, answered_on=month)
            f.ConsentFactory(person=people[1], by=social, answered_on=month, answer="refused")
            visit = met(targets[0], month.replace(day=9), "managed")
            Target.objects.filter(pk=targets[0].pk).update(state="visited", ended_on=month.replace(day=9))
            if number:
                met(targets[3], month.replace(day=12))
            f.VisitFactory(
                target=targets[2],
                state="failed",
                outcome="absent",
                finished_at=at_seoul(month.replace(day=5), dt.time(9)),
            )
            referral = Referral.objects.create(
                person=people[0], visit=visit, dong=place, destination="committee", need="돌봄", summary="돌봄이 필요함",
                due_on=due, sent_by=social, sent_at=at_seoul(month, dt.time(9)), first_act_at=at_seoul(due, dt.time(9)),
            )  # fmt: skip
            Case.objects.create(
                number=f"{place.pk}-{number}", person=people[0], dong=place, referral=referral, type="care_support",
                lead_agency=agency, opened_on=month, review_on=due, closed_on=due if number == 2 else None,
                state="closed" if number == 2 else "open",
            )  # fmt: skip
    for month in rollups.changed_months():
        rollups.roll_month(month, at=f.NOW)
