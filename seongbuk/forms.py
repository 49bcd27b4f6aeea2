"""Forms of the pages that see several floors."""

from django import forms


class AccessSearchForm(forms.Form):
    """Whose acts, about whom, on which days."""

    account = forms.CharField(label="계정", max_length=150, required=False)
    name = forms.CharField(label="주민 이름", max_length=60, required=False)
    birth_on = forms.DateField(label="주민 생년월일", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    first = forms.DateField(label="언제부터", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="언제까지", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self):
        given = super().clean()
        if given.get("name") and not given.get("birth_on"):
            self.add_error("birth_on", "이름이 같은 주민이 많습니다. 생년월일도 적어 주세요.")
        for field in ("first", "last"):
            if given.get(field) and not 2000 <= given[field].year <= 2100:
                self.add_error(field, "연도를 다시 확인해 주세요.")
        if given.get("first") and given.get("last") and given["first"] > given["last"]:
            self.add_error("last", "끝 날짜는 시작 날짜와 같거나 뒤여야 합니다.")
        return given
