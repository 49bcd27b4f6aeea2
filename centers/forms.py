"""Forms of the centers floor."""

from __future__ import annotations

import re

from django import forms

from centers.models import Dong, Facility, User

NUMBER = re.compile(r"[0-9A-Za-z-]{3,20}")


class NumberForm(forms.Form):
    """The employee number of an account."""

    user: User | None = None
    employee_number = forms.CharField(
        label="사번", max_length=20, help_text="인사발령 파일의 사번과 같게 적습니다.", required=False
    )

    def clean_employee_number(self) -> str | None:
        number = self.cleaned_data["employee_number"].strip().upper()
        if not number:
            return None
        if not NUMBER.fullmatch(number):
            raise forms.ValidationError("사번은 숫자와 영문, 붙임표로 3자에서 20자까지 적어 주세요.")
        other = User.objects.filter(employee_number=number).exclude(pk=self.user.pk if self.user else None).first()
        if other:
            raise forms.ValidationError(f"{other.name} 님이 이미 쓰는 사번입니다. 사번을 다시 확인해 주세요.")
        return number


class FacilityForm(forms.Form):
    """One facility of the register."""

    kind = forms.ChoiceField(label="종류", choices=[("", "골라 주세요"), *Facility.Kind.choices])
    name = forms.CharField(label="이름", max_length=80)
    dong = forms.ModelChoiceField(
        label="동", queryset=Dong.objects.all(), to_field_name="slug", empty_label="구 전체", required=False
    )
    address = forms.CharField(label="주소", max_length=200, required=False)
    phone = forms.CharField(label="전화", max_length=20, required=False)
    operator = forms.CharField(label="운영 주체", max_length=80, required=False)
    capacity = forms.IntegerField(label="정원", min_value=0, max_value=100_000, required=False)
    valid_from = forms.DateField(label="연 날", widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.DateField(
        label="닫은 날",
        required=False,
        help_text="아직 열려 있으면 비워 둡니다.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
