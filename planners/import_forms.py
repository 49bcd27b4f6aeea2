"""The questions the import pages ask."""

from __future__ import annotations

from django import forms

from planners.lists import list_kinds
from planners.lists.list_kinds import ListKind


def kind_choices() -> list[tuple[str, str]]:
    """Kinds to choose from; without a choice the headings tell."""
    return [("", "제목 줄을 보고 알아서"), *((kind.key, kind.title) for kind in list_kinds.kinds())]


class UploadForm(forms.Form):
    """A list, which kind it is, and the day it was drawn."""

    kind = forms.ChoiceField(
        label="종류",
        required=False,
        choices=kind_choices,
        help_text="잘못 알아보면 미리보기에서 바꿀 수 있습니다.",
    )

    file = forms.FileField(
        label="파일",
        help_text="엑셀(.xlsx, .xls)이나 CSV 파일 하나. 제목 줄이 몇 번째 줄에 있어도 찾습니다.",
        error_messages={
            "required": "파일을 골라 주세요.",
            "empty": "빈 파일입니다. 명부가 들어 있는 파일을 골라 주세요.",
        },
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt,.tsv,.htm,.html,.xml"}),
    )
    extracted_on = forms.DateField(
        label="자료 기준일",
        required=False,
        help_text="명부를 뽑은 날. 모르면 비워 두세요.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    purpose = forms.CharField(
        label="쓰는 목적", required=False, max_length=200, help_text="예: 2015년 1월 65세 도래 방문"
    )


class MappingForm(forms.Form):
    """Which column means what; one choice for each column of the file."""

    def __init__(self, *args, columns: list[dict], kind: ListKind, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        known = kind.vocabulary.known
        choices = [("", "가져오지 않음"), *known.items()]
        for column in columns:
            self.fields[f"column_{column['index']}"] = forms.ChoiceField(
                label=f"{column['letter']}열 {column['header']}",
                choices=choices,
                required=False,
                initial=column["field"] if column["field"] in known else "",
            )

    def chosen(self) -> dict[int, str]:
        """Column index -> field, empty for columns that are not imported."""
        return {column["index"]: self.cleaned_data[f"column_{column['index']}"] for column in self.columns}


class UndoForm(forms.Form):
    reason = forms.CharField(
        label="되돌리는 까닭",
        max_length=200,
        error_messages={"required": "되돌리는 까닭을 적어 주세요."},
        help_text="접속기록에 남습니다. 예: 지난달 파일을 잘못 올림",
    )
