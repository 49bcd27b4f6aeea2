"""Forms of the planners floor: what people type on lists, calls, reports and residents' pages."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils import timezone

from centers.models import Dong
from common.months import Month, seoul_date
from common.refusals import Refusal
from planners.models import (
    Consent,
    Coverage,
    CrisisReport,
    Person,
    PlanningSettings,
    Programme,
    Target,
    TargetRule,
)
from planners.months import setting_lines
from planners.months.planning_settings import Prices
from planners.months.setting_lines import CONSENT, DAY, MINUTES, PRICE, TIER, Item
from planners.residents import PLAIN_FIELDS, Residence, match_key
from planners.rule_changes import FIGURES, NOBODY

SIGNS = (
    ("unseen", "며칠째 보이지 않음"),
    ("bills", "공과금·월세가 밀림"),
    ("health", "몸이 많이 나빠 보임"),
    ("meals", "끼니를 거르는 듯함"),
    ("mind", "마음이 많이 힘들어 보임"),
    ("drink", "술 때문에 걱정됨"),
    ("safety", "다투는 소리·다친 자국"),
)


class TwoWide(forms.RadioSelect):
    """Short choices side by side."""

    def __init__(self, attrs=None, choices=()):
        super().__init__({"class": "two"} | (attrs or {}), choices)


class CrisisForm(forms.Form):
    """Half a minute: what was noticed, in ticks, and a line of own words when there is time."""

    channel = forms.ChoiceField(label="누가 알렸나요", choices=CrisisReport.Channel, widget=TwoWide)
    signs = forms.MultipleChoiceField(
        label="무엇이 걱정되나요",
        choices=SIGNS,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "two"}),
        required=False,
    )
    text = forms.CharField(
        label="본 대로 한 줄", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    reporter = forms.CharField(
        label="알린 사람", required=False, max_length=60, help_text="답을 드릴 때 씁니다. 밝히지 않아도 됩니다."
    )

    def clean(self):
        facts = super().clean()
        if not facts.get("signs") and not facts.get("text", "").strip():
            raise forms.ValidationError("걱정되는 점을 하나 고르거나 한 줄 적어 주세요.")
        return facts

    @property
    def told(self) -> str:
        """Ticks and own words as one text."""
        names = [name for key, name in SIGNS if key in self.cleaned_data["signs"]]
        return "\n".join(filter(None, [", ".join(names), self.cleaned_data["text"].strip()]))


class EndTargetForm(forms.Form):
    """Taking somebody off the list by hand."""

    reason = forms.CharField(label="명단에서 빼는 까닭", max_length=200)


class CallForm(forms.Form):
    """What came of a call: the answer, and the slot or the day that goes with it."""

    CONSENTED, REFUSED = "given", "refused"
    RESULTS = (
        (CONSENTED, "동의하심"),
        (REFUSED, "거절하심"),
        ("no_answer", "받지 않음"),
        ("call_later", "나중에 다시"),
        ("wrong_number", "없는 번호"),
        ("door_card", "문에 안내 카드를 둠"),
    )
    REOFFERS = (("180", "여섯 달 뒤"), ("365", "한 해 뒤"), ("", "다시 안내하지 않음"))

    result = forms.ChoiceField(label="통화 결과", choices=RESULTS, widget=forms.RadioSelect)
    slot = forms.CharField(label="약속", required=False)
    reoffer = forms.ChoiceField(label="다시 안내", choices=REOFFERS, required=False)
    next_on = forms.DateField(label="다시 걸 날", required=False)
    note = forms.CharField(label="메모", required=False, max_length=200)

    def clean(self):
        facts = super().clean()
        if facts.get("result") == "call_later" and not facts.get("next_on"):
            self.add_error("next_on", "다시 걸 날을 정해 주세요.")
        return facts


class CancelForm(forms.Form):
    reason = forms.CharField(label="취소하는 까닭", max_length=200)


class SheetAnswerForm(forms.Form):
    """One line of the tongjang's sheet."""

    answer = forms.ChoiceField(choices=[*Consent.Answer.choices, ("absent", "못 만남")])
    asked_by = forms.CharField(required=False, max_length=60)


class TargetFilterForm(forms.Form):
    """Filters of the list; an unknown value counts as not given."""

    tong = forms.IntegerField(label="통", required=False, min_value=1, max_value=99)
    state = forms.ChoiceField(label="상태", required=False, choices=[("", "모두"), *Target.State.choices])


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class ResidenceForm(forms.Form):
    """Where somebody lives, and since when."""

    dong = forms.ModelChoiceField(label="동", queryset=None, empty_label=None)
    tong = forms.IntegerField(label="통", required=False, min_value=1, max_value=99)
    ban = forms.IntegerField(label="반", required=False, min_value=1, max_value=99)
    address = forms.CharField(label="도로명주소", required=False, max_length=200)
    address_detail = forms.CharField(label="상세주소", required=False, max_length=100, help_text="예: 2층, 101동 302호")
    on = forms.DateField(label="옮긴 날", required=False, widget=DayInput, help_text="비우면 오늘입니다.")

    def __init__(self, *args, dongs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["dong"].queryset = dongs

    @property
    def residence(self) -> Residence:
        facts = self.cleaned_data
        return Residence(facts["dong"], facts["tong"], facts["ban"], facts["address"], facts["address_detail"])


class _Facts(forms.Form):
    """Facts a record holds about a person; no resident registration number."""

    name = forms.CharField(label="이름", max_length=60)
    birth_on = forms.DateField(label="생년월일", widget=DayInput)
    sex = forms.ChoiceField(label="성별", choices=Person.Sex, widget=TwoWide)
    mobile = forms.CharField(label="휴대전화", required=False, max_length=20)
    phone = forms.CharField(label="집 전화", required=False, max_length=20)
    relation = forms.CharField(label="세대 관계", required=False, max_length=20, help_text="예: 본인, 배우자, 자녀")
    is_foreigner = forms.BooleanField(label="외국인 주민", required=False)
    needs_interpreter = forms.CharField(label="통역 언어", required=False, max_length=20, help_text="예: 베트남어")


class CheckForm(forms.Form):
    """Who somebody is, asked before the form for a new record opens."""

    name = forms.CharField(label="이름", max_length=60)
    birth_on = forms.DateField(label="생년월일", widget=DayInput)
    sex = forms.ChoiceField(label="성별", choices=Person.Sex, widget=TwoWide)

    def clean_birth_on(self):
        return _born_by(self.cleaned_data["birth_on"], seoul_date(timezone.now()))


def _born_by(birth_on, today):
    """Refuse birthdays that lie ahead or further back than anybody lives."""
    if birth_on > today:
        raise forms.ValidationError("생년월일이 오늘보다 뒤입니다. 다시 확인해 주세요.")
    if birth_on.year < today.year - 125:
        raise forms.ValidationError("생년월일이 너무 오래전입니다. 다시 확인해 주세요.")
    return birth_on


class NewResidentForm(_Facts, ResidenceForm):
    """A person and where they live. `key` becomes the record's id, so that a form sent twice makes one record."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    # whom the clerk told apart from the records shown before; holds for nobody else
    told_apart = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    on = forms.DateField(label="전입(출생)한 날", widget=DayInput)
    although_known = forms.BooleanField(label="같은 분이 아닙니다. 새로 등록합니다.", required=False)
    field_order = (
        "name",
        "birth_on",
        "sex",
        "mobile",
        "phone",
        "dong",
        "tong",
        "ban",
        "address",
        "address_detail",
        "on",
    )

    @property
    def facts(self) -> dict:
        """Arguments of `residents.move_in`."""
        facts = {name: self.cleaned_data[name] for name in PLAIN_FIELDS}
        return facts | {
            "residence": self.residence,
            "although_known": self.cleaned_data["although_known"] or self._is_told_apart(facts),
            "uid": self.cleaned_data["key"],
        }

    def _is_told_apart(self, facts: dict) -> bool:
        return self.cleaned_data["told_apart"] == match_key(facts["name"], facts["birth_on"], facts["sex"])

    def clean_birth_on(self):
        return _born_by(self.cleaned_data["birth_on"], seoul_date(timezone.now()))


class CorrectForm(_Facts):
    """Putting wrong facts right, with the reason."""

    reason = forms.CharField(label="고치는 까닭", max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, person: Person, **kwargs):
        initial = {name: getattr(person, name) for name in PLAIN_FIELDS} | {"version": person.version}
        super().__init__(*args, initial=initial, **kwargs)

    @property
    def changes(self) -> dict:
        return {name: self.cleaned_data[name] for name in PLAIN_FIELDS}

    def show_what_stands(self) -> None:
        """Beside each field typed otherwise: what the record says now. Who has seen that may press again."""
        self.data = self.data.copy()
        self.data["version"] = self.initial["version"]
        for name in PLAIN_FIELDS:
            if name in self.changed_data:
                words = dict(getattr(self.fields[name], "choices", ())) | {True: "예", False: "아니요", "": "빈칸"}
                value = self.initial[name]
                self.add_error(name, f"지금 기록은 ‘{words.get(value, value)}’입니다.")


class LeaveForm(forms.Form):
    """The day somebody left or died, or why that was wrong."""

    on = forms.DateField(label="날짜", required=False, widget=DayInput, help_text="비우면 오늘입니다.")
    note = forms.CharField(label="간 곳이나 까닭", required=False, max_length=200)


class MonthField(forms.CharField):
    """A month as 2015-01; `clean` gives a `Month`."""

    widget = forms.TextInput(attrs={"type": "month"})

    def clean(self, value) -> Month:
        try:
            return Month.parse(super().clean(str(value or "")))
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from refusal


class RuleForm(forms.Form):
    """The figures of one rule; a field for each figure the rule has."""

    minutes = forms.IntegerField(label="방문 시간(분)", min_value=15, max_value=180)
    tier = forms.IntegerField(label="순위", min_value=1, max_value=4, help_text="1이 가장 급합니다.")
    since = MonthField(label="언제부터", help_text="다음 달이나 그 뒤의 1일부터 쓰입니다.")
    source = forms.CharField(label="근거", required=False, max_length=100, help_text="예: 2015년 시행지침")

    def __init__(self, *args, rule: TargetRule, **kwargs):
        self.figures = [name for name in FIGURES if name in rule.parameters]
        known = {name: rule.parameters[name] for name in self.figures} | {"minutes": rule.minutes, "tier": rule.tier}
        super().__init__(*args, **kwargs | {"initial": known | kwargs.get("initial", {})})
        for name in self.figures:
            self.fields[name] = forms.IntegerField(label=FIGURES[name], min_value=1, max_value=999)
        self.order_fields([*self.figures, "minutes", "tier", "since", "source"])

    @property
    def month(self) -> Month:
        return self.cleaned_data["since"]

    @property
    def facts(self) -> dict:
        """Arguments of `rule_changes.draft`."""
        figures = {name: self.cleaned_data[name] for name in self.figures}
        return {"figures": figures, "minutes": self.cleaned_data["minutes"], "tier": self.cleaned_data["tier"]}


class CoverForm(forms.Form):
    """From which month a programme reaches which dongs."""

    programme = forms.ModelChoiceField(label="사업", queryset=Programme.objects.all(), empty_label=None)
    reach = forms.ChoiceField(label="범위", choices=[*Coverage.Reach.choices, (NOBODY, "하지 않음")])
    since = MonthField(label="언제부터")
    dongs = forms.ModelMultipleChoiceField(
        label="동", queryset=Dong.objects.all(), widget=forms.CheckboxSelectMultiple(attrs={"class": "two"})
    )

    @property
    def month(self) -> Month:
        return self.cleaned_data["since"]


class FollowUpForm(forms.Form):
    """A rhythm to come again in, and why."""

    rule = forms.ModelChoiceField(label="얼마나 자주", queryset=None, empty_label=None)
    reason = forms.CharField(label="까닭", max_length=200)

    def __init__(self, *args, rules, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = rules
        self.fields["rule"].label_from_instance = lambda rule: rule.title


class SettingsForm(forms.Form):
    """What holds from a month on; `left_empty` says by item what holds where nothing is typed."""

    since = MonthField(
        label="언제부터",
        help_text="다음 달이나 그 뒤의 1일부터 쓰입니다. 이미 만든 일정은 그대로입니다.",
        error_messages={"required": "언제부터 쓸지 달을 골라 주세요. 예: 2027-01"},
    )
    reason = forms.CharField(
        label="왜 바꾸나요",
        max_length=200,
        help_text="예: 겨울에는 오래 걷지 않도록 한 번에 더 묶음",
        error_messages={"required": "왜 바꾸는지 한 줄로 적어 주세요."},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args, items: Iterable[Item], standing: PlanningSettings | None, left_empty: dict, initial: dict, **kwargs
    ):
        self.items = [item for item in items if item.is_used]
        if standing:
            initial = {item.key: item.of(standing) for item in self.items} | initial
        super().__init__(*args, initial=initial, **kwargs)
        for item in self.items:
            between = " " if item.meaning.endswith(".") else " · " if item.meaning else ""
            self.fields[item.key] = _field(item, f"{item.meaning}{between}{left_empty[item.key]}")

    def see(self, mark: str) -> None:
        """Take what somebody else saved meanwhile as read: it stands above the form, saving again is a decision."""
        self.data = self.data.copy()
        self.data["seen"] = mark

    @property
    def month(self) -> Month:
        return self.cleaned_data["since"]

    def clean(self):
        facts = super().clean()
        tiers = [item.key for item in self.items if item.kind == TIER]
        empty = [key for key in tiers if facts.get(key) is None and key not in self.errors]
        if empty and len(empty) < len(tiers):
            self.add_error(empty[0], "순위 1부터 4까지 네 값을 모두 적거나 모두 비워 주세요.")
        return facts

    @property
    def values(self) -> dict:
        """Arguments of `planning_settings.change`."""
        said = {(item.kind, item.name): self.cleaned_data.get(item.key) for item in self.items}
        said = {key: value for key, value in said.items() if value is not None}
        prices = {name: value for (kind, name), value in said.items() if kind == PRICE}
        if tiers := [value for (kind, _), value in said.items() if kind == TIER]:
            prices["tiers"] = tiers
        return {
            "prices": prices,
            "minutes": {name: value for (kind, name), value in said.items() if kind == MINUTES},
            "consent_rates": {name: float(value / 100) for (kind, name), value in said.items() if kind == CONSENT},
            "daily_maximum": said.get((DAY, "maximum")),
        }

    def groups(self):
        """(group key, heading, what it decides, fields with their items) for the page."""
        for key, heading, words in setting_lines.GROUPS:
            yield key, heading, words, [(self[item.key], item) for item in self.items if item.group == key]


#: what may be tried freely; how much a promise and the tiers weigh stays with the settings of the dong
TRIED = ("when", "who")


class PriceForm(forms.Form):
    """The weights of when and who; what is left empty stays as it is in force."""

    def __init__(self, *args, prices: Prices, **kwargs):
        super().__init__(*args, **kwargs)
        self.prices = prices
        self.items = [item for item in setting_lines.prices() if item.group in TRIED]
        for item in self.items:
            self.fields[item.key] = _field(item, f"지금 {item.words(getattr(prices, item.name))}")

    @property
    def changes(self) -> dict[str, int | float]:
        """Price name -> value, of those that differ from the values in force."""
        said = {item.name: self.cleaned_data.get(item.key) for item in self.items}
        return {
            name: value for name, value in said.items() if value is not None and value != getattr(self.prices, name)
        }

    @property
    def typed(self) -> dict[str, int | float]:
        """Field name -> value of the changes, as the address carries them."""
        return {item.key: self.changes[item.name] for item in self.items if item.name in self.changes}


def _field(item: Item, help_text: str) -> forms.Field:
    if item.name == "fairness":
        choices = [("", "비워 둠"), *((value, item.words(value)) for value in setting_lines.FAIRNESS)]
        return forms.TypedChoiceField(
            label=item.label, choices=choices, coerce=_number, empty_value=None, required=False, help_text=help_text
        )
    wrong = f"{item.low:,}에서 {item.high:,} 사이의 정수로 적어 주세요."
    kind = forms.DecimalField if item.kind == CONSENT else forms.IntegerField
    more = {"decimal_places": 1} if item.kind == CONSENT else {}
    if more:
        wrong = "0에서 100 사이로 적어 주세요. 예: 80"
    names = ("invalid", "min_value", "max_value", "max_decimal_places")
    return kind(
        label=item.label,
        required=False,
        min_value=item.low,
        max_value=item.high,
        help_text=help_text,
        error_messages=dict.fromkeys(names, wrong),
        **more,
    )


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value == int(value) else value
