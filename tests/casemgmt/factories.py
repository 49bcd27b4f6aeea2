"""Factories of agencies, referrals and cases. All people and agencies are invented."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from casemgmt import case_agenda, committee
from casemgmt.cases import NewPlanItem
from casemgmt.models import Agency, Case, CaseLead, Referral
from governance import agenda
from planners.models import Consent, VisitStaff
from tests import factories as f
from tests.governance import factories as g

AT = f.NOW
SUMMARY = "사별한 지 넉 달입니다. 난방을 끄고 지내며 끼니를 줄였습니다."


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency

    name = factory.Sequence(lambda n: f"햇살종합복지관 {n}")
    kind = Agency.Kind.WELFARE_CENTER
    services = ["사례관리", "도시락"]


class ReferralFactory(DjangoModelFactory):
    class Meta:
        model = Referral

    person = factory.SubFactory(f.PersonFactory)
    dong = factory.SelfAttribute("person.dong")
    destination = Referral.Destination.COMMITTEE
    need = "isolation"
    summary = SUMMARY
    due_on = dt.date(2015, 1, 22)
    due_at = dt.datetime(2015, 1, 22, 15, tzinfo=dt.UTC)
    sent_by = factory.SubFactory(f.UserFactory)
    owner = factory.SelfAttribute("sent_by")
    sent_at = AT


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = Case
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"장위1-15-{n:03d}")
    person = factory.SelfAttribute("referral.person")
    dong = factory.SelfAttribute("referral.dong")
    referral = factory.SubFactory(ReferralFactory, state=Referral.State.DONE)
    type = Case.Type.LIVING
    lead_agency = factory.SubFactory(AgencyFactory, kind=Agency.Kind.DONG_CENTER)
    opened_on = dt.date(2015, 1, 8)
    review_on = dt.date(2015, 2, 5)

    @factory.post_generation
    def lead(self, create, extracted, **given):
        CaseLead.objects.create(case=self, agency=self.lead_agency, valid_from=self.opened_on, by=self.referral.sent_by)


def lead_agencies(dong) -> dict[str, Agency]:
    """One agency of each kind that leads a type in the dong."""
    return {
        "care_support": AgencyFactory(
            name="장위1동 이웃살핌단", kind=Agency.Kind.RESIDENT_GROUP, dong=dong, case_limit=10
        ),
        "living_support": AgencyFactory(name="장위1동 마을복지센터", kind=Agency.Kind.DONG_CENTER, dong=dong),
        "intensive": AgencyFactory(name="햇살종합복지관", kind=Agency.Kind.WELFARE_CENTER),
        "specialised": AgencyFactory(name="성북구 희망복지지원단", kind=Agency.Kind.HOPE_TEAM),
    }


def share_consent(person, recipient, by, **given) -> Consent:
    facts = {"answered_on": f.TODAY, "items": ["contact", "needs"], "wording": "share-2014-11"}
    return f.ConsentFactory(person=person, kind=Consent.Kind.SHARE, recipient=recipient, by=by, **facts | given)


def done_visit(person, nurse, social, **given):
    """A recorded visit judged as managed at the day's case meeting."""
    visit = f.VisitFactory(target=f.TargetFactory(person=person), state="started", started_at=AT)
    VisitStaff.objects.create(visit=visit, user=nurse, function="nurse")
    VisitStaff.objects.create(visit=visit, user=social, function="social")
    facts = {"state": "done", "finished_at": AT, "group": "managed", "classified_on": f.TODAY}
    type(visit).objects.filter(pk=visit.pk).update(**facts | given)
    visit.refresh_from_db()
    return visit


def on_the_table(referral, meeting, *, by, at=g.MEETS_AT):
    """The agenda item of a referral, being talked about in an open meeting."""
    item = case_agenda.put_on_agenda(referral, meeting=meeting, by=by, at=at)
    return agenda.start_item(item, by=by, at=at)


def plan_by(user, *, due_on=dt.date(2015, 1, 22), what="안부 전화와 방문") -> list[NewPlanItem]:
    return [NewPlanItem(what, due_on, owner=user)]


def opened_case(referral, meeting, agency, *, by, type="care_support", at=g.MEETS_AT, **given) -> Case:
    """A case opened by a decision of the committee."""
    item = on_the_table(referral, meeting, by=by, at=at)
    facts = {
        "type": type,
        "lead_agency": agency,
        "review_on": dt.date(2015, 2, 5),
        "plan": plan_by(by),
        "in_favour": 5,
        "type_reason": "이웃이 가깝습니다.",
    }
    return committee.open_case(item, by=by, at=at, **facts | given)
