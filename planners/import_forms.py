"""The questions the import pages ask."""

from __future__ import annotations

from django import forms

from planners.resident_columns import FIELDS


class UploadForm(forms.Form):
    """A list, and the day it was drawn."""

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

    def __init__(self, *args, columns: list[dict], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        choices = [("", "가져오지 않음"), *FIELDS.items()]
        for column in columns:
            self.fields[f"column_{column['index']}"] = forms.ChoiceField(
                label=f"{column['letter']}열 {column['header']}",
                choices=choices,
                required=False,
                initial=column["field"] if column["field"] in FIELDS else "",
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
