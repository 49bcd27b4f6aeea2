"""The form of the morning: who cannot come, which days, why."""

from __future__ import annotations

from django import forms

from centers.models import User
from planners.months.replanning import KINDS, Absence
from staffing.models.calendars import Half, StaffTime


class PersonField(forms.ModelChoiceField):
    """People by name, never by account."""

    def label_from_instance(self, user: User) -> str:
        return f"{user.name} {user.job_title}".strip()


class AbsenceForm(forms.Form):
    user = PersonField(
        label="누가 못 나오나요", queryset=User.objects.none(), to_field_name="uid", empty_label="골라 주세요"
    )
    kind = forms.ChoiceField(
        label="까닭", choices=[(k.value, k.label) for k in KINDS], initial=StaffTime.Kind.SICK, widget=forms.RadioSelect
    )
    first_on = forms.DateField(label="첫날", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_on = forms.DateField(label="마지막 날", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    half = forms.ChoiceField(
        label="언제", choices=[("", "하루 종일"), *Half.choices], required=False, widget=forms.RadioSelect
    )

    def __init__(self, *args, people, **given):
        super().__init__(*args, **given)
        self.fields["user"].queryset = people

    @property
    def absence(self) -> Absence:
        return Absence(**self.cleaned_data)
