"""Forms of pairs and companions."""

from __future__ import annotations

import datetime as dt

from django import forms

from centers.models import Dong, User, Zone
from common.months import WEEKDAYS
from planners import pairs
from planners.models import Companion, Pair
from staffing.models.calendars import WEEK_HALVES, Half

WEEK_CHOICES = [(name, f"{WEEKDAYS[int(name[0])]} {Half(name[1:]).label}") for name in WEEK_HALVES]
TWO = {"class": "two"}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class PersonField(forms.ModelChoiceField):
    """A person by name and title."""

    def __init__(self, **kwargs):
        super().__init__(queryset=User.objects.none(), to_field_name="uid", empty_label="골라 주세요", **kwargs)

    def label_from_instance(self, user: User) -> str:
        return f"{user.name} {user.job_title}".strip()


class MembersForm(forms.Form):
    """Who goes together from a day on."""

    nurse = PersonField(label="간호사")
    social = PersonField(label="사회복지사", required=False)
    since = forms.DateField(label="언제부터", widget=DayInput)

    def __init__(self, *args, kind: str, dong: Dong | None, on: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        is_child = kind == Pair.Kind.CHILD
        roles = ("HC",) if is_child else ("PN",)
        self.fields["nurse"].queryset = pairs.candidates(roles, on, dong=None if is_child else dong)
        self.fields["social"].queryset = pairs.candidates(pairs.SOCIAL_WORKERS, on, dong=dong)
        self.fields["social"].required = not is_child


class PairForm(MembersForm):
    name = forms.CharField(label="조 이름", max_length=20, help_text="예: C조")
    zone = forms.ModelChoiceField(
        label="맡은 권역", queryset=Zone.objects.filter(scheme__key="nurse"), required=False, empty_label="골라 주세요"
    )
    skills = forms.CharField(
        label="할 수 있는 것", required=False, max_length=100, help_text="쉼표로 나눕니다. 예: 베트남어, 수어"
    )
    field_order = ["name", "zone", "nurse", "social", "since", "skills"]

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, kind=kind, **kwargs)
        if kind == Pair.Kind.CHILD:
            del self.fields["social"]
            self.fields["zone"].required = True
        else:
            del self.fields["zone"]

    @property
    def facts(self) -> dict:
        given = self.cleaned_data
        return {
            "name": given["name"],
            "nurse": given["nurse"],
            "social": given.get("social"),
            "zone": given.get("zone"),
            "skills": given["skills"].split(","),
            "since": given["since"],
        }


class EndForm(forms.Form):
    on = forms.DateField(label="이날부터 없음", widget=DayInput)


class CompanionForm(forms.Form):
    """A tongjang or volunteer, and the half-days they give."""

    kind = forms.ChoiceField(label="구분", choices=Companion.Kind, widget=forms.RadioSelect(attrs=TWO))
    name = forms.CharField(label="이름", max_length=40)
    field = forms.CharField(label="분야", required=False, max_length=60, help_text="재능기부자일 때. 예: 법률, 이미용")
    phone = forms.CharField(label="전화", required=False, max_length=20)
    slots = forms.MultipleChoiceField(
        label="함께 갈 수 있는 반일", choices=WEEK_CHOICES, widget=forms.CheckboxSelectMultiple(attrs=TWO)
    )
