"""Forms of the staffing floor."""

from django import forms

from centers.models import Dong, User
from staffing import hiring, ranks


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
