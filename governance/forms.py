"""Forms of bodies and their members."""

from django import forms

from centers.models import Dong, User
from common.months import WEEKDAYS
from governance.models import Activist, Body, Member, Organisation

WORKDAYS = [(n, f"{WEEKDAYS[n]}요일") for n in range(5)]


def day(**given):
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **given)


class RulesForm(forms.Form):
    """When and how a body meets."""

    weekday = forms.TypedChoiceField(label="모이는 요일", choices=WORKDAYS, coerce=int)
    starts_at = forms.TimeField(label="시작 시각", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    interval_weeks = forms.IntegerField(
        label="몇 주마다", min_value=1, max_value=13, initial=1, help_text="주 1회가 원칙이고, 동이 스스로 정합니다."
    )
    place = forms.CharField(label="장소", max_length=80)
    quorum_percent = forms.IntegerField(
        label="정족수(%)",
        min_value=1,
        max_value=99,
        initial=50,
        help_text="상시위원 가운데 이 비율을 넘게 출석해야 결정합니다.",
    )


class BodyForm(RulesForm):
    dong = forms.ModelChoiceField(label="동", queryset=Dong.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label="종류", choices=Body.Kind)
    term_months = forms.IntegerField(label="임기(개월)", min_value=1, max_value=120, initial=24)
    max_terms = forms.IntegerField(label="이어서 맡을 수 있는 임기", min_value=1, max_value=20, initial=3)

    field_order = ("dong", "kind", "weekday", "starts_at", "interval_weeks", "place", "quorum_percent")

    def __init__(self, *args, dongs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dong"].queryset = dongs


class UserChoice(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return f"{user.name} {user.job_title}".strip() + f" ({user.username})"


class MemberForm(forms.Form):
    """Somebody's term. Employees sit by their post and have no end."""

    name = forms.CharField(label="이름", max_length=40)
    affiliation = forms.CharField(label="소속", max_length=80)
    kind = forms.ChoiceField(label="종류", choices=Member.Kind, widget=forms.RadioSelect)
    seat = forms.ChoiceField(label="자리", choices=[("", "그 밖"), *Member.Seat.choices], required=False)
    user = UserChoice(
        label="계정",
        queryset=User.objects.none(),
        required=False,
        empty_label="계정 없음",
        help_text="계정이 있으면 임기 동안 회의와 사례 자료를 봅니다.",
    )
    valid_from = day(label="임기 시작")
    valid_to = day(label="임기 끝", required=False, help_text="비워 두면 회의체의 임기만큼입니다.")
    no_end = forms.BooleanField(label="직책으로 참여(끝이 정해지지 않음)", required=False)
    is_chair = forms.BooleanField(label="위원장", required=False)
    is_secretary = forms.BooleanField(label="간사", required=False)

    def __init__(self, *args, users, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = users


class EndTermForm(forms.Form):
    on = day(label="위원이 아닌 첫날")
    reason = forms.CharField(label="까닭", max_length=100)


class LocalForm(forms.Form):
    """What groups and activists share. A viewer of one dong may write for that dong only."""

    dong = forms.ModelChoiceField(label="동", queryset=Dong.objects.none(), to_field_name="slug", required=False)
    phone = forms.CharField(label="연락처", max_length=20, required=False)
    may_be_contacted = forms.NullBooleanField(
        label="연락해도 되는지",
        widget=forms.Select(choices=[("unknown", "묻지 않음"), ("true", "됨"), ("false", "안 됨")]),
        help_text="‘됨’일 때만 대표와 연락처를 다른 사람에게 보여 줍니다.",
    )
    consent_on = forms.DateField(label="동의한 날", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    is_active = forms.BooleanField(label="활동 중", required=False, initial=True)
    note = forms.CharField(label="메모", max_length=200, required=False)
    valid_from = forms.DateField(label="시작일", widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.DateField(
        label="끝난 날",
        required=False,
        help_text="아직 있으면 비워 둡니다.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, dongs, everywhere: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dong"].queryset = dongs
        self.fields["dong"].required = not everywhere
        self.fields["dong"].empty_label = "구 전체" if everywhere else None

    def facts(self) -> dict:
        """The fields of the record, without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class OrganisationForm(LocalForm):
    kind = forms.ChoiceField(label="종류", choices=[("", "골라 주세요"), *Organisation.Kind.choices])
    name = forms.CharField(label="이름", max_length=80)
    leader = forms.CharField(label="대표", max_length=40, required=False)
    members = forms.IntegerField(label="회원 수", min_value=0, max_value=100_000, required=False)
    meets = forms.CharField(label="모임", max_length=80, required=False, help_text="예: 달마다 첫 화요일")


class ActivistForm(LocalForm):
    kind = forms.ChoiceField(label="종류", choices=[("", "골라 주세요"), *Activist.Kind.choices])
    name = forms.CharField(label="이름", max_length=40)
    field = forms.CharField(label="활동 분야", max_length=80, required=False)


class TongjangForm(forms.Form):
    tong = forms.IntegerField(label="통", min_value=1, max_value=999)
    name = forms.CharField(label="이름", max_length=40)
    phone = forms.CharField(label="전화", max_length=20, required=False)
    since = day(label="위촉일", help_text="임기는 2년입니다. 같은 분이 이어서 맡으면 연임으로 셉니다.")


class TongjangEndForm(forms.Form):
    on = day(label="그만둔 날")
    reason = forms.CharField(label="까닭", max_length=200, help_text="예: 이사, 건강")
