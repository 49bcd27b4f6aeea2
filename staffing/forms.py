"""Forms of the staffing floor."""

from django import forms

from centers.models import Dong, User
from common.months import WEEKDAYS
from staffing import hiring, ranks
from staffing.models import CounterRota, StaffTime
from staffing.models.calendars import WEEK_HALVES, Half


class AppointForm(forms.Form):
    """Who holds a post, with which rank, from when."""

    holder = forms.ModelChoiceField(
        label="담당자", queryset=User.objects.none(), empty_label="골라 주세요", to_field_name="uid"
    )
    rank = forms.ChoiceField(label="담당자의 직급")
    on = forms.DateField(label="언제부터", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, dong: Dong, on, **kwargs):
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(postings__in=dong.postings.on(on), is_active=True).distinct().order_by("name", "pk")
        self.fields["holder"].queryset = staff
        self.fields["holder"].label_from_instance = lambda user: f"{user.name} {user.job_title}".strip()
        self.fields["rank"].choices = [("", "골라 주세요"), *((rank.key, str(rank)) for rank in ranks.known())]

    def clean_rank(self):
        return ranks.by_key(self.cleaned_data["rank"])


class ScenarioForm(forms.Form):
    """One cell of the hiring plan, set to another number."""

    dong = forms.ModelChoiceField(
        label="동", queryset=Dong.objects.all(), to_field_name="slug", empty_label="골라 주세요"
    )
    kind = forms.ChoiceField(label="유형", choices=list(hiring.SOCIAL.items()))
    heads = forms.IntegerField(label="사람", min_value=0, max_value=99)


class VacateForm(forms.Form):
    on = forms.DateField(label="언제부터", widget=forms.DateInput(attrs={"type": "date"}))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class StaffTimeForm(forms.Form):
    """Leave or a duty of one person; the last day may be left out for a single day."""

    HALVES = (("", "하루 종일"), *Half.choices)

    user = forms.ModelChoiceField(label="누구", queryset=User.objects.none(), to_field_name="uid", empty_label=None)
    kind = forms.ChoiceField(label="무엇", choices=StaffTime.Kind, widget=forms.RadioSelect(attrs={"class": "two"}))
    first_on = forms.DateField(label="첫날", widget=DayInput)
    last_on = forms.DateField(label="마지막 날", required=False, widget=DayInput, help_text="하루만이면 비워 두세요.")
    half = forms.ChoiceField(label="반일", required=False, choices=HALVES, widget=forms.RadioSelect)
    note = forms.CharField(label="메모", required=False, max_length=100)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people.order_by("name", "pk")
        self.fields["user"].label_from_instance = lambda user: f"{user.name} {user.job_title}".strip()

    def clean(self):
        facts = super().clean()
        facts["last_on"] = facts.get("last_on") or facts.get("first_on")
        return facts


WEEK_CHOICES = [(name, f"{WEEKDAYS[int(name[0])]} {Half(name[1:]).label}") for name in WEEK_HALVES]


class PatternForm(forms.Form):
    """Which half-days of the week somebody works."""

    user = forms.ModelChoiceField(label="누구", queryset=User.objects.none(), to_field_name="uid", empty_label=None)
    halves = forms.MultipleChoiceField(
        label="일하는 반일", choices=WEEK_CHOICES, widget=forms.CheckboxSelectMultiple(attrs={"class": "two"})
    )
    since = forms.DateField(label="언제부터", widget=DayInput)
    note = forms.CharField(label="메모", required=False, max_length=100, help_text="예: 시간선택제 주 20시간")

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = people.order_by("name", "pk")
        self.fields["user"].label_from_instance = lambda user: f"{user.name} {user.job_title}".strip()


class OfficeWeekForm(forms.Form):
    """Half-days on which a dong does not go out, each with why; an empty line is an open half-day."""

    since = forms.DateField(label="언제부터", widget=DayInput)

    def __init__(self, *args, closed: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in WEEK_CHOICES:
            self.fields[f"why_{name}"] = forms.CharField(
                label=label, required=False, max_length=20, initial=closed.get(name, "")
            )

    @property
    def closed(self) -> dict[str, str]:
        given = {name: self.cleaned_data[f"why_{name}"].strip() for name, _ in WEEK_CHOICES}
        return {name: why for name, why in given.items() if why}


class RotaForm(forms.Form):
    """How a dong takes turns at the counter."""

    cycle = forms.ChoiceField(label="바꾸는 주기", choices=CounterRota.Cycle, widget=forms.RadioSelect)
    seats = forms.TypedChoiceField(label="한 번에 몇 사람", coerce=int, choices=[(n, f"{n}명") for n in range(1, 5)])
    halves = forms.MultipleChoiceField(
        label="창구를 여는 반일", choices=Half, widget=forms.CheckboxSelectMultiple(attrs={"class": "two"})
    )
    streak_limit = forms.IntegerField(label="잇달아 서는 날은 많아야", min_value=1, max_value=20)
    people = forms.ModelMultipleChoiceField(
        label="창구에 서는 사람",
        queryset=User.objects.none(),
        to_field_name="uid",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "two"}),
    )
    since = forms.DateField(label="언제부터", widget=DayInput)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["people"].queryset = people.order_by("name", "pk")
        self.fields["people"].label_from_instance = lambda user: f"{user.name} {user.job_title}".strip()


class HolidayForm(forms.Form):
    on = forms.DateField(label="날짜", widget=DayInput)
    name = forms.CharField(label="이름", max_length=40)
