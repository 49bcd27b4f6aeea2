"""Forms of the volunteer pool: what somebody wishes, where they are introduced, how they begin."""

from django import forms
from django.db.models import Q

from governance import volunteers
from governance.models import Organisation, Volunteer
from planners.pair_forms import WEEK_CHOICES
from planners.volunteering import INTERESTS

TWO = {"class": "two"}
CONTACT = (("yes", "됨"), ("no", "안 됨"), ("unknown", "묻지 않음"))
CONTACT_VALUES = {"yes": True, "no": False, "unknown": None}


class VersionForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WishForm(VersionForm):
    interests = forms.MultipleChoiceField(
        label="하고 싶은 일",
        choices=INTERESTS,
        widget=forms.CheckboxSelectMultiple(attrs=TWO),
        error_messages={"required": "하나는 골라 주세요."},
    )
    may_be_contacted = forms.ChoiceField(
        label="이 일로 연락해도 되는지",
        choices=CONTACT,
        widget=forms.RadioSelect,
        initial="unknown",
        error_messages={"required": "여쭌 대로 하나를 골라 주세요."},
        help_text="‘됨’일 때만 이름과 전화가 보이고 단체에 소개할 수 있습니다.",
    )
    note = forms.CharField(label="메모", max_length=200, required=False, help_text="예: 화요일 오후가 좋다고 하심")

    @classmethod
    def start(cls, volunteer: Volunteer) -> dict:
        said = next(key for key, value in CONTACT_VALUES.items() if value is volunteer.may_be_contacted)
        return {
            "interests": volunteer.interests,
            "may_be_contacted": said,
            "note": volunteer.note,
            "version": volunteer.version,
        }

    @property
    def facts(self) -> dict:
        given = self.cleaned_data
        return {
            "interests": given["interests"],
            "may_be_contacted": CONTACT_VALUES[given["may_be_contacted"]],
            "note": given["note"],
        }


class IntroduceForm(VersionForm):
    organisation = forms.ModelChoiceField(
        label="소개할 단체",
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        empty_label="골라 주세요",
        error_messages={"required": "단체를 목록에서 골라 주세요."},
    )

    def __init__(self, *args, volunteer: Volunteer, on, **kwargs):
        super().__init__(*args, initial={"version": volunteer.version}, **kwargs)
        rows = Organisation.objects.on(on).filter(Q(dong=volunteer.dong_id) | Q(dong=None), is_active=True)
        self.fields["organisation"].queryset = rows.order_by("name", "pk")


class BeginForm(VersionForm):
    way = forms.ChoiceField(
        label="어떻게 활동하시나요",
        choices=volunteers.WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "하나를 골라 주세요."},
    )
    slots = forms.MultipleChoiceField(
        label="함께 다닐 수 있는 반일",
        choices=WEEK_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs=TWO),
        help_text="‘방문에 함께 다님’일 때만 고릅니다.",
    )

    def __init__(self, *args, volunteer: Volunteer, may_accompany: bool, **kwargs):
        super().__init__(*args, initial={"version": volunteer.version}, **kwargs)
        ways = [way for way in volunteers.WAYS if way[0] != volunteers.GROUP or volunteer.organisation_id]
        if not may_accompany:
            ways = [way for way in ways if way[0] != volunteers.COMPANION]
            del self.fields["slots"]
        self.fields["way"].choices = ways
        self.fields["way"].initial = ways[0][0]


class EndForm(VersionForm):
    reason = forms.CharField(
        label="끝난 까닭", max_length=200, error_messages={"required": "왜 끝났는지 짧게 적어 주세요."}
    )
