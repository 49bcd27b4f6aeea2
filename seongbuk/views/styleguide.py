"""The living gallery of the design system (demo mode only)."""

import datetime as dt

from django import forms
from django.shortcuts import render
from django.views.decorators.http import require_GET

from centers.access import open_to_all
from common import figures_svg

# The plan's own figures of December 2014 (appendix "동별 복지대상자"): recipients and social workers in post.
RECIPIENTS = (
    ("월곡1동", 5326, 3), ("종암동", 6968, 4), ("정릉4동", 5157, 3), ("삼선동", 4594, 3), ("정릉2동", 4541, 3),
    ("장위2동", 4312, 3), ("성북동", 2838, 2), ("돈암2동", 2820, 2), ("돈암1동", 2560, 2), ("석관동", 6361, 5),
    ("정릉3동", 3706, 3), ("길음1동", 5887, 5), ("동선동", 2275, 2), ("보문동", 2246, 2), ("길음2동", 3209, 3),
    ("정릉1동", 3117, 3), ("월곡2동", 3772, 4), ("장위3동", 3746, 4), ("장위1동", 5000, 6), ("안암동", 2200, 3),
)  # fmt: skip
CUTS = (1000, 1200, 1400, 1600)
SCREENS = {"parts": "seongbuk/styleguide.html", "field": "seongbuk/styleguide_field.html"}


class SampleForm(forms.Form):
    """Every kind of field once."""

    name = forms.CharField(label="이름", max_length=40)
    birth_date = forms.DateField(
        label="생년월일", help_text="예: 1949-03-12", widget=forms.DateInput(attrs={"type": "date"})
    )
    dong = forms.ChoiceField(label="동", choices=[("", "골라 주세요"), *((name, name) for name, _, _ in RECIPIENTS)])
    memo = forms.CharField(label="남길 말", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    kind = forms.ChoiceField(
        label="유형",
        choices=[("care", "돌봄지원"), ("living", "생활지원"), ("deep", "심화개입"), ("expert", "전문개입")],
        widget=forms.RadioSelect(attrs={"class": "two"}),
    )
    agreed = forms.BooleanField(label="본인에게 설명했고 동의를 받았습니다")
    file = forms.FileField(label="동의서 사진", required=False, help_text="사진은 보관 전에 위치 정보를 지웁니다.")


@require_GET
@open_to_all
def styleguide(request):
    """`?screen=field` shows the parts for the street, in their own frame."""
    screen = request.GET.get("screen", "parts")
    return render(request, SCREENS.get(screen, SCREENS["parts"]), _samples())


def _samples() -> dict:
    per_worker = [(name, persons, workers, round(persons / workers)) for name, persons, workers in RECIPIENTS]
    day = dt.date(2014, 12, 3)
    bad_form = SampleForm({"name": "", "birth_date": "1949-13-40", "dong": "장위1동", "kind": "care"})
    return {
        "day": day,
        "per_worker": [
            {"rank": rank, "dong": name, "persons": persons, "workers": workers, "value": value}
            for rank, (name, persons, workers, value) in enumerate(per_worker, start=1)
        ],
        "tiles": [
            {
                "dong": name,
                "text": f"{value:,}",
                "level": figures_svg.level(value, CUTS),
                "url": f"?dong={name}#map",
                "current": name == "종암동",
            }
            for name, _, _, value in per_worker
        ],
        "cuts": CUTS,
        "weeks": {"elder": [12, 17, 21, 24, 19], "child": [0, 1, 0, 1, 1], "crisis": [1, 2, 3, 1, 2]},
        "months": [
            {"name": f"{month}월", "value": value}
            for month, value in zip((11, 12, 1, 2, 3, 4, 5, 6), (93, 118, 141, 150, None, 188, 203, 231), strict=True)
        ],
        "bands": [
            {"low": 0, "high": 5, "name": "정상", "tone": "ok"},
            {"low": 6, "high": 9, "name": "주의", "tone": "warn"},
            {"low": 10, "high": 15, "name": "위험", "tone": "bad"},
        ],
        "steps": ["파일", "제목 줄", "미리보기", "넣기"],
        "sum_parts": [
            {"name": "추가", "value": 31, "tone": "ok", "text": "새 주민", "symbol": "+"},
            {"name": "변경", "value": 14, "tone": "changed", "text": "값이 다름"},
            {"name": "동일", "value": 352, "tone": "plain", "text": "그대로", "symbol": "＝"},
            {"name": "이동", "value": 6, "tone": "info", "text": "다른 동에서 옴", "symbol": "→"},
            {"name": "건너뜀", "value": 5, "tone": "plain", "text": "같은 사람 두 줄", "symbol": "↷"},
            {"name": "반려", "value": 4, "tone": "bad", "text": "고쳐야 함"},
        ],
        "sum_whole": {"name": "모두", "value": 412, "text": "파일의 줄 수"},
        "jobs": [
            {"state": "waiting", "title": "2015년 1월 일정 만들기", "elapsed": 4},
            {"state": "running", "title": "명부 확인", "done": 268, "total": 412, "elapsed": 9},
            {
                "state": "running",
                "title": "최적 일정 찾기",
                "elapsed": 74,
                "message": "지금까지 찾은 일정과 최선의 차이 1.2%",
            },
            {
                "state": "done",
                "title": "보고서 만들기",
                "elapsed": 12,
                "result_url": "#jobs",
                "result_label": "보고서 받기",
            },
            {
                "state": "failed",
                "title": "명부 넣기",
                "done": 120,
                "total": 412,
                "elapsed": 31,
                "message": "저장 공간이 모자라 멈췄고, 바뀐 것은 없습니다.",
                "advice": "시스템 관리자에게 알린 뒤 다시 눌러 주세요.",
            },
        ],
        "form": SampleForm(),
        "bad_form": bad_form,
        "bottom_nav": [
            {"label": "오늘", "url": "?screen=field", "icon": "list-ul", "current": True},
            {"label": "일정", "url": "#", "icon": "calendar3"},
            {"label": "보낼 것", "url": "#", "icon": "cloud-upload", "badge": 2},
            {"label": "긴급", "url": "#", "icon": "exclamation-triangle", "tone": "alarm"},
        ],
    }
