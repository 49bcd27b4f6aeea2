"""Forms of referrals, agencies, committee decisions and cases."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.forms import formset_factory

from casemgmt import agencies, case_endings, needs, sharing
from casemgmt.cases import NewPlanItem
from casemgmt.models import Agency, Case, CaseFollowUp, Referral
from centers.models import Dong, Posting, User
from common.months import WEEKDAYS, seoul_date
from governance import calendars
from governance.forms import day
from governance.models import Body, Member
from planners.models import Consent, Service

REVIEW_WEEKS = 26
DEFAULT_REVIEW_DAYS = 28


def text(label: str, *, rows: int = 3, **given):
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **given)


def by_kind(rows) -> list[tuple[str, list[tuple[str, str]]]]:
    """Agencies as choices, grouped by kind."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for agency in rows:
        groups.setdefault(agency.get_kind_display(), []).append((str(agency.uid), agency.name))
    return list(groups.items())


# ---------------------------------------------------------------- referrals


class ReferralForm(forms.Form):
    """Where to, what for, and on which consent. `dong` limits the agencies on offer."""

    destination = forms.ChoiceField(label="어디로", choices=Referral.Destination, widget=forms.RadioSelect)
    agency = forms.ChoiceField(label="기관", required=False)
    service = forms.CharField(
        label="서비스",
        max_length=60,
        required=False,
        help_text="기관이나 센터에 청하는 서비스",
        widget=forms.TextInput(attrs={"list": "service-names", "autocomplete": "off"}),
    )
    need = forms.ChoiceField(label="주된 어려움", choices=[("", "골라 주세요"), *needs.NEEDS.items()])
    summary = text(
        "무엇이 어려운지", max_length=2000, help_text="이름과 주소는 쓰지 않아도 됩니다. 위원회 자료에서는 가려집니다."
    )
    wishes = text("본인이 바라는 것", rows=2, max_length=1000, required=False)
    agreed = forms.BooleanField(label="받는 곳에 알려도 된다는 동의를 지금 받았습니다", required=False)
    items = forms.MultipleChoiceField(
        label="알려도 되는 항목",
        choices=list(sharing.ITEMS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=["contact", "needs"],
    )
    channel = forms.ChoiceField(label="동의를 받은 방법", choices=Consent.Channel, required=False, initial="visit")
    emergency_ground = forms.CharField(
        label="동의 없이 알리는 까닭",
        max_length=200,
        required=False,
        help_text="자살위험, 학대처럼 생명이 급할 때만 씁니다. 팀장이 다시 살핍니다.",
    )
    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, dong: Dong | None, **kwargs):
        super().__init__(*args, **kwargs)
        self.agencies = list(Agency.objects.in_use().serving(dong).order_by("kind", "name"))
        self.fields["agency"].choices = [("", "골라 주세요"), *by_kind(self.agencies)]
        offered = {s for agency in self.agencies for s in agency.services}
        self.service_names = sorted(
            offered | set(Service.objects.filter(is_active=True).values_list("name", flat=True))
        )

    def clean(self):
        given = super().clean()
        if given.get("destination") == Referral.Destination.AGENCY and not given.get("agency"):
            self.add_error("agency", "보낼 기관을 골라 주세요.")
        if given.get("destination") == Referral.Destination.SERVICE and not given.get("service"):
            self.add_error("service", "어떤 서비스인지 적어 주세요.")
        if given.get("agreed") and not given.get("items"):
            self.add_error("items", "알려도 되는 항목을 골라 주세요.")
        return given

    @property
    def chosen_agency(self) -> Agency | None:
        if self.cleaned_data["destination"] != Referral.Destination.AGENCY:
            return None
        return next((a for a in self.agencies if str(a.uid) == self.cleaned_data["agency"]), None)


class AnswerForm(forms.Form):
    """One line on what was done, and the version of the page it was written on."""

    note = forms.CharField(label="내용", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(label="넘겨받을 사람", queryset=User.objects.none(), empty_label="골라 주세요")
    note = text("지금까지의 일", rows=3, max_length=250)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, dong: Dong, on: dt.date, roles=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues(dong, on, roles)
        self.fields["to"].label_from_instance = lambda user: f"{user.name} {user.job_title}".strip()


def colleagues(dong: Dong, on: dt.date, roles=()):
    """People who work in a dong on a day."""
    posted = Posting.objects.on(on).filter(dong=dong)
    posted = posted.filter(role__in=roles) if roles else posted.exclude(role__in=("TJ", "EX"))
    return User.objects.filter(pk__in=posted.values("user"), is_active=True).order_by("name", "pk")


# ---------------------------------------------------------------- agencies


class AgencyForm(forms.Form):
    name = forms.CharField(label="이름", max_length=80)
    kind = forms.ChoiceField(label="종류", choices=Agency.Kind)
    dong = forms.ModelChoiceField(label="동", queryset=Dong.objects.all(), required=False, empty_label="구 전체")
    contact = forms.CharField(label="담당자", max_length=40, required=False)
    phone = forms.CharField(label="전화", max_length=20, required=False)
    hours = forms.CharField(label="여는 시간", max_length=80, required=False)
    services = text("하는 일", rows=4, required=False, help_text="한 줄에 하나씩 적습니다.")
    answer_days = forms.IntegerField(label="답하는 기한(일)", min_value=1, max_value=60, initial=7)
    case_limit = forms.IntegerField(label="맡을 수 있는 사례(가구)", min_value=0, max_value=500, required=False)
    is_active = forms.BooleanField(label="쓰는 중", required=False, initial=True)

    def clean_services(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["services"].splitlines() if line.strip()]


# ---------------------------------------------------------------- decisions


class Owners:
    """Who can take a task of a dong: people of its center, and members of its committee."""

    def __init__(self, dong: Dong, body: Body | None, on: dt.date, members: list[Member] | None = None):
        staff = list(colleagues(dong, on)) if dong else []
        seated = members if members is not None else list(body.members.on(on)) if body else []
        seated = sorted(seated, key=lambda member: (member.name, member.pk))
        with_account = {user.pk for user in staff}
        members = [m for m in seated if m.user_id not in with_account]
        self.by_key: dict[str, User | Member] = {f"u:{user.uid}": user for user in staff}
        self.by_key |= {f"m:{member.uid}": member for member in members}
        self.choices = [
            ("", "맡을 사람"),
            ("센터", [(f"u:{u.uid}", f"{u.name} {u.job_title}".strip()) for u in staff]),
            ("위원", [(f"m:{m.uid}", f"{m.name} ({m.affiliation})") for m in members]),
        ]

    def split(self, key: str) -> dict:
        found = self.by_key.get(key)
        return {"member": found} if isinstance(found, Member) else {"owner": found}


class PlanLineForm(forms.Form):
    what = forms.CharField(label="무엇", max_length=120, required=False)
    owner = forms.ChoiceField(label="누가", required=False)
    due_on = day(label="언제까지", required=False)
    amount = forms.CharField(label="얼마나", max_length=80, required=False)

    def __init__(self, *args, owners: Owners, **kwargs):
        super().__init__(*args, **kwargs)
        self.owners = owners
        self.fields["owner"].choices = owners.choices

    def clean(self):
        given = super().clean()
        if any(given.get(name) for name in ("what", "owner", "due_on", "amount")):
            for name, words in (("what", "무엇을 할지"), ("owner", "누가 할지"), ("due_on", "언제까지 할지")):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, f"{words} 적어 주세요.")
        return given

    def line(self) -> NewPlanItem | None:
        given = self.cleaned_data
        if not given.get("what"):
            return None
        who = self.owners.split(given["owner"])
        return NewPlanItem(given["what"], given["due_on"], amount=given.get("amount", ""), **who)


PlanFormSet = formset_factory(PlanLineForm, extra=0, max_num=20, absolute_max=20)


def review_days(body: Body | None, on: dt.date) -> list[tuple[str, str]]:
    """The committee's own days of the next half year, in words; without a rhythm every Monday."""
    days = calendars.slots(body, first=on + dt.timedelta(1), last=on + dt.timedelta(weeks=REVIEW_WEEKS)) if body else []
    if not days:
        monday = on + dt.timedelta(7 - on.weekday())
        days = [monday + dt.timedelta(weeks=n) for n in range(REVIEW_WEEKS)]
    return [(d.isoformat(), f"{d.year}년 {d.month}월 {d.day}일 {WEEKDAYS[d.weekday()]}요일") for d in days]


def default_review(choices: list[tuple[str, str]], on: dt.date) -> str:
    goal = (on + dt.timedelta(DEFAULT_REVIEW_DAYS)).isoformat()
    return min((key for key, _ in choices), key=lambda key: abs(_days(key) - _days(goal)), default="")


def _days(key: str) -> int:
    return dt.date.fromisoformat(key).toordinal()


class DecisionForm(forms.Form):
    """What all decisions have: votes, the version of the item, a key against double clicks."""

    in_favour = forms.IntegerField(label="찬성", min_value=0, max_value=99)
    version = forms.IntegerField(widget=forms.HiddenInput)
    client_key = forms.UUIDField(widget=forms.HiddenInput)


class TypedForm(DecisionForm):
    """Type, lead agency and next review. Agencies are grouped by the type they may lead."""

    type = forms.ChoiceField(label="유형", choices=Case.Type, widget=forms.RadioSelect(attrs={"class": "two"}))
    lead_agency = forms.ChoiceField(label="주 사례관리기관")
    review_on = forms.ChoiceField(label="다음 점검일", help_text="위원회가 모이는 날 가운데에서 고릅니다.")

    def __init__(self, *args, dong: Dong, person, body: Body | None, on: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.loads = agencies.leads_by_type(dong=dong, person=person, on=on)
        self.fields["lead_agency"].choices = [
            ("", "골라 주세요"),
            *(
                (Case.Type(t).label, [(f"{t}:{row.agency.uid}", row.choice) for row in rows])
                for t, rows in self.loads.items()
                if rows
            ),
        ]
        days = review_days(body, on)
        self.fields["review_on"].choices = days
        self.fields["review_on"].initial = default_review(days, on)

    def clean_review_on(self) -> dt.date:
        return dt.date.fromisoformat(self.cleaned_data["review_on"])

    @property
    def chosen_lead(self) -> Agency | None:
        key = self.cleaned_data.get("lead_agency", "").rpartition(":")[2]
        rows = (row.agency for rows in self.loads.values() for row in rows)
        return next((agency for agency in rows if str(agency.uid) == key), None)


class NewCaseForm(TypedForm):
    type_reason = forms.CharField(label="유형을 다르게 정하는 까닭", max_length=200, required=False)

    field_order = ("type", "type_reason", "lead_agency", "review_on", "in_favour")


class RunningCaseForm(TypedForm):
    outcome = forms.ChoiceField(
        label="정할 것",
        choices=[("continue", "이어 감"), ("change", "유형·주 기관 바꿈"), ("close", "종결")],
        widget=forms.RadioSelect,
        initial="continue",
    )
    text = text("무엇을 보고 그렇게 정했는지", rows=2, max_length=500)
    close_reason = forms.ChoiceField(
        label="마치는 까닭",
        required=False,
        choices=[("", "골라 주세요"), *((key, words) for key, (words, _) in case_endings.CLOSE_REASONS.items())],
    )

    field_order = ("outcome", "text", "type", "lead_agency", "review_on", "close_reason", "in_favour")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("type", "lead_agency", "review_on"):
            self.fields[name].required = False

    def clean(self):
        given = super().clean()
        if given.get("outcome") == "close" and not given.get("close_reason"):
            self.add_error("close_reason", "마치는 까닭을 골라 주세요.")
        if given.get("outcome") == "change" and not given.get("lead_agency"):
            self.add_error("lead_agency", "주 사례관리기관을 골라 주세요.")
        return given

    def clean_review_on(self) -> dt.date | None:
        return dt.date.fromisoformat(self.cleaned_data["review_on"]) if self.cleaned_data["review_on"] else None


class GeneralForm(DecisionForm):
    """A decision on an item that is about no case."""

    text = text("무엇을 정했는지", rows=3, max_length=1000)

    field_order = ("text", "in_favour")


class NoForm(DecisionForm):
    reason = forms.CharField(label="까닭", max_length=200)


class PostponeForm(forms.Form):
    reason = forms.CharField(label="다음으로 넘기는 까닭", max_length=150)
    version = forms.IntegerField(widget=forms.HiddenInput)


# ---------------------------------------------------------------- meetings


class ItemForm(forms.Form):
    title = forms.CharField(label="안건", max_length=120)
    note = forms.CharField(label="설명", max_length=200, required=False)
    minutes = forms.IntegerField(label="예정(분)", min_value=1, max_value=180, initial=10)


class MomentForm(forms.Form):
    """A day and a clock time in Seoul, and a room."""

    on = day(label="날짜")
    clock = forms.TimeField(label="시각", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    place = forms.CharField(label="장소", max_length=80, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NoteForm(forms.Form):
    text = text("회의 메모", rows=5, max_length=5000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


# ---------------------------------------------------------------- cases


class ReviewForm(forms.Form):
    text = text("무엇이 달라졌는지", rows=3, max_length=1000)
    next_on = day(label="다음 점검일")
    state = forms.ChoiceField(
        label="지금 단계",
        choices=[(Case.State.OPEN, "진행(계획을 실행 중)"), (Case.State.MONITORING, "점검(지켜보는 중)")],
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class EmergencyForm(forms.Form):
    """A change that cannot wait for the meeting."""

    type = forms.ChoiceField(label="유형", choices=Case.Type)
    lead_agency = forms.ChoiceField(label="주 사례관리기관")
    reason = forms.CharField(label="기다릴 수 없는 까닭", max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, case: Case, on: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        loads = agencies.leads_by_type(dong=case.dong, person=case.person, on=on)
        self.agencies = {str(row.agency.uid): row.agency for rows in loads.values() for row in rows}
        self.fields["lead_agency"].choices = [
            (Case.Type(t).label, [(str(row.agency.uid), row.choice) for row in rows])
            for t, rows in loads.items()
            if rows
        ]


class ProposeForm(forms.Form):
    kind = forms.ChoiceField(
        label="무엇을", choices=[("review", "다시 살핌"), ("change", "유형 변경"), ("closing", "종결")]
    )
    note = forms.CharField(label="위원회에 알릴 말", max_length=150, required=False)


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label="마치는 까닭", choices=[(key, words) for key, (words, _) in case_endings.CLOSE_REASONS.items()]
    )
    text = forms.CharField(label="덧붙일 말", max_length=150, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class FollowUpForm(forms.Form):
    outcome = forms.ChoiceField(label="어떻게 지내시는지", choices=CaseFollowUp.Outcome)
    text = forms.CharField(label="살핀 내용", max_length=500)


class ReopenForm(forms.Form):
    reason = forms.CharField(label="다시 여는 까닭", max_length=200)
    review_on = day(label="다음 점검일")
    version = forms.IntegerField(widget=forms.HiddenInput)


def next_weeks(weeks: int, *, now: dt.datetime) -> dt.date:
    return seoul_date(now) + dt.timedelta(weeks=weeks)
