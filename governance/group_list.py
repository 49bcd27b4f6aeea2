"""The lists of groups (洞 단체, 동아리) and of activists (plan II.5)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import models

from common.hangul import mask_name
from governance import groups
from governance.models import Activist, Organisation
from planners.dong_records import DongRecordList, absent
from planners.lists import list_cells
from planners.lists.list_columns import Layout
from planners.lists.list_issues import Issue, add_sentences
from planners.lists.list_records import Act
from planners.lists.list_staging import Line, ListColumn
from planners.models import ImportBatch

Kind = Organisation.Kind
KINDS = {label: kind for kind, label in Kind.choices} | {
    "주민자치위원회": Kind.RESIDENTS_COUNCIL, "새마을부녀회": Kind.WOMENS_ASSOCIATION, "동천회": Kind.DONGCHEON,
    "통친회": Kind.DONGCHEON, "적십자": Kind.RED_CROSS, "바르게살기위원회": Kind.RIGHT_LIVING, "새마을지도자": Kind.SAEMAUL_COUNCIL,
    "문고": Kind.SAEMAUL_LIBRARY, "녹색환경실천단": Kind.GREEN_PRACTICE, "녹색살천단": Kind.GREEN_PRACTICE,
    "청소년지도협의회": Kind.YOUTH_COUNCIL, "청소년육성회": Kind.YOUTH_COUNCIL, "복지협의체": Kind.WELFARE_COUNCIL,
    "독서모임": Kind.READING_CLUB, "책모임": Kind.READING_CLUB, "독서": Kind.READING_CLUB, "성북절전소": Kind.POWER_SAVING,
    "공유단체": Kind.SHARING, "공유성북": Kind.SHARING, "함성": Kind.GRASSROOTS, "봉사단체": Kind.OTHER, "자생단체": Kind.OTHER,
    "그밖": Kind.OTHER,
}  # fmt: skip
ACTIVIST_KINDS = {label: kind for kind, label in Activist.Kind.choices} | {
    "풀뿌리": Activist.Kind.GRASSROOTS, "시민단체": Activist.Kind.GRASSROOTS, "마을활동": Activist.Kind.VILLAGE,
    "비영리": Activist.Kind.NGO, "그밖": Activist.Kind.OTHER,
}  # fmt: skip
CONTACT = (
    ListColumn("dong", "행정동", "동 동명 활동동 관할동 활동지역 지역 관할", list_cells.text(40), tells=False),
    ListColumn("phone", "연락처", "전화 전화번호 휴대전화 휴대폰 대표연락처 대표전화 핸드폰 대표자연락처 회장연락처", list_cells.phone()),
    ListColumn(
        "may_be_contacted", "연락 동의", "연락동의 동의 동의여부 연락처공개 연락가능 개인정보동의 연락해도됨 연락동의여부", list_cells.yes_no(),
        tells=False, is_own=True,
    ),
    ListColumn("consent_on", "동의한 날", "동의일 동의일자 동의날짜", list_cells.day(), tells=False),
    ListColumn("is_active", "활동", "활동여부 활동상태 상태 운영여부 활동중", list_cells.yes_no(), tells=False),
    ListColumn("note", "메모", "비고 참고 특이사항", list_cells.text(200), tells=False),
    ListColumn("valid_from", "시작일", "결성일 창립일 설립일 구성일 등록일 활동시작일 위촉일", list_cells.day()),
    ListColumn("valid_to", "끝난 날", "해산일 종료일 활동종료일", list_cells.day(may_be_future=True)),
)  # fmt: skip
SHARED = ("kind", "name", "phone", "may_be_contacted", "consent_on", "is_active", "note")
add_sentences({("CONSENT_DAY", ""): "연락해도 된다고 한 날이 없습니다. 동의일을 적거나 동의 칸을 비워 주세요."})


class _ContactableList(DongRecordList):
    """Groups and activists: a consent needs its day."""

    def finish(self, line: Line, layout: Layout, on: dt.date) -> Line:
        if line.data["may_be_contacted"] and not line.data["consent_on"]:
            line = line._replace(issues=(*line.issues, Issue("CONSENT_DAY", "consent_on")))
        return super().finish(line, layout, on)

    def records(self, on: dt.date) -> models.QuerySet:
        return self.model.objects.all()

    def adding(self, facts: dict[str, Any], act: Act) -> int:
        return groups.add(self.model, by=act.by, at=act.at, **facts).pk

    def changing(self, record: models.Model, facts: dict[str, Any], act: Act) -> None:
        groups.change(record, by=act.by, at=act.at, **facts)

    def shown(self, key: str, value: Any) -> str:
        return self.model.Kind(value).label if key == "kind" and value else super().shown(key, value)


class OrganisationList(_ContactableList):
    """Groups of one dong or of all."""

    key = ImportBatch.Kind.GROUPS
    title, noun, unit, register_name = "단체 명부", "단체", "개", "단체 목록"
    model = Organisation
    titles = re.compile(r"단체|동아리|모임|주민\s*조직|직능|절전소")
    fields = (*SHARED, "leader", "members", "meets")
    district_kinds = frozenset(Organisation.CLUB_KINDS)
    choices = (absent("단체", "끝난"),)
    added_headings = ("종류", "동", "대표", "회원 수")
    form_headings = (
        "단체명",
        "종류",
        "행정동",
        "대표",
        "연락처",
        "회원수",
        "연락동의",
        "동의일",
        "활동",
        "결성일",
        "비고",
    )
    form_example = (
        "예) 장위 책모임",
        "독서동아리",
        "장위1동",
        "홍길동",
        "010-1234-5678",
        12,
        "O",
        "2015-01-05",
        "활동",
        "2013-05-01",
        "",
    )
    columns = (
        ListColumn(
            "name", "단체명", "단체이름 단체 모임명 동아리명 조직명 명칭 단체명칭 이름", list_cells.text(80), is_needed=True, is_own=True,
            must="어느 열이 단체 이름인지 알 수 없습니다. ‘단체명’이라는 제목을 달아 주세요.",
        ),
        ListColumn(
            "kind", "종류", "단체종류 단체구분 구분 유형 분류 단체유형", list_cells.choice(KINDS, shown=", ".join(Kind.labels)), is_needed=True,
            must="어느 열이 단체 종류인지 알 수 없습니다. ‘종류’라는 제목을 달아 주세요.",
        ),
        ListColumn("leader", "대표", "대표자 회장 대표자명 회장명 단체장 위원장 대표자성명 회장성명", list_cells.text(40), is_own=True),
        ListColumn("members", "회원 수", "회원수 인원 회원 구성원 구성원수 인원수 위원수", list_cells.number(), is_own=True),
        ListColumn("meets", "모임", "모임일 정기모임 회의일 활동일 정기회의", list_cells.text(80)),
        *CONTACT,
    )  # fmt: skip

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        leader = after.get("leader") or ""
        shown = leader if after.get("may_be_contacted") else mask_name(leader) if leader else ""
        return (
            self.shown("kind", after.get("kind")),
            after.get("dong") or "",
            shown,
            self.shown("members", after.get("members")),
        )


class ActivistList(_ContactableList):
    """Single activists. The same name with another phone is somebody else."""

    key = ImportBatch.Kind.ACTIVISTS
    title, noun, unit, register_name = "개인 활동가 명부", "활동가", "명", "활동가 목록"
    names_people = True
    model = Activist
    titles = re.compile(r"활동가|풀뿌리|NGO", re.IGNORECASE)
    fields = (*SHARED, "field")
    choices = (absent("활동가", "그만둔"),)
    added_headings = ("종류", "동", "활동 분야", "연락 동의")
    form_headings = ("성명", "활동가구분", "행정동", "활동분야", "연락처", "연락동의", "동의일", "비고")
    form_example = ("예) 홍길동", "마을활동가", "장위1동", "마을만들기", "010-1234-5678", "O", "2015-01-05", "")
    columns = (
        ListColumn("name", "성명", "이름 활동가명 활동가 성함", list_cells.text(40), is_needed=True),
        ListColumn(
            "kind", "종류", "활동가구분 활동가종류 활동구분 구분 유형", list_cells.choice(ACTIVIST_KINDS, shown=", ".join(Activist.Kind.labels)),
            is_needed=True, must="어느 열이 활동가의 종류인지 알 수 없습니다. ‘활동가구분’이라는 제목을 달아 주세요.",
        ),
        ListColumn("field", "활동 분야", "활동분야 분야 활동내용 주요활동", list_cells.text(80), is_own=True),
        *CONTACT,
    )  # fmt: skip

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        return tuple(self.shown(key, after.get(key)) for key in ("kind", "dong", "field", "may_be_contacted"))

    def label(self, data: dict[str, Any]) -> str:
        return data["name"] if data.get("may_be_contacted") else mask_name(data["name"])
