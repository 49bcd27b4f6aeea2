"""The list of facilities (복지시설, 기타 기관, 고용·마을 기반; plan II.5)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import models

from centers import facilities
from centers.models import Facility
from planners.dong_records import DongRecordList, absent
from planners.lists import list_cells
from planners.lists.list_records import Act
from planners.lists.list_staging import ListColumn
from planners.models import ImportBatch

Kind = Facility.Kind
#: words of the offices -> kind of the dong table
KINDS = {label: kind for kind, label in Kind.choices} | {
    "종합사회복지관": Kind.GENERAL_WELFARE_CENTER, "사회복지관": Kind.GENERAL_WELFARE_CENTER, "복지관": Kind.GENERAL_WELFARE_CENTER,
    "노숙인": Kind.HOMELESS, "노숙인쉼터": Kind.HOMELESS, "장애인복지시설": Kind.DISABILITY, "장애인복지관": Kind.DISABILITY,
    "장애인주간보호": Kind.DISABILITY, "노인정": Kind.SENIOR_CENTER, "노인복지시설": Kind.ELDERLY, "요양원": Kind.ELDERLY,
    "요양시설": Kind.ELDERLY, "노인요양시설": Kind.ELDERLY, "노인복지관": Kind.ELDERLY, "주야간보호": Kind.ELDERLY,
    "재가노인": Kind.ELDERLY, "어린이집": Kind.CHILDCARE, "보육": Kind.CHILDCARE, "놀이방": Kind.CHILDCARE,
    "아동센터": Kind.LOCAL_CHILD_CENTER, "공부방": Kind.YOUTH_STUDY_ROOM, "독서실": Kind.YOUTH_STUDY_ROOM,
    "청소년공부방": Kind.YOUTH_STUDY_ROOM, "여성복지시설": Kind.WOMEN, "여성보호시설": Kind.WOMEN, "모자시설": Kind.OTHER,
    "입양시설": Kind.OTHER, "그룹홈": Kind.OTHER, "대안학교": Kind.OTHER, "푸드마켓": Kind.OTHER, "그밖": Kind.OTHER,
    "기타기관복지": Kind.INSTITUTION_WELFARE, "기타기관고용": Kind.INSTITUTION_EMPLOYMENT, "기타기관기타": Kind.INSTITUTION_OTHER,
    "마을만들기": Kind.VILLAGE_MAKING, "사회적경제": Kind.SOCIAL_ECONOMY, "일자리지원": Kind.JOB_SUPPORT,
    "현장취업": Kind.ONSITE_JOB,
}  # fmt: skip


class FacilityList(DongRecordList):
    """Facilities of one dong, one kind, or all of them."""

    key = ImportBatch.Kind.FACILITIES
    title, noun, unit, register_name = "시설 명부", "시설", "곳", "시설 목록"
    model = Facility
    titles = re.compile(r"시설|경로당|어린이집|보육|기관\s*(?:현황|명부|목록)|인프라")
    fields = ("kind", "name", "address", "phone", "operator", "capacity")
    district_kinds = frozenset(Facility.GROUPS[Facility.VILLAGE])
    choices = (absent("시설", "닫은"),)
    added_headings = ("종류", "동", "주소", "연 날")
    form_headings = ("시설명", "종류", "행정동", "주소", "전화", "운영주체", "정원", "개소일", "폐지일")
    form_example = ("예) 장위경로당", "경로당", "장위1동", "장위로 21길 14", "02-923-4567", "", 30, "2010-03-02", "")
    columns = (
        ListColumn(
            "name", "시설명", "시설이름 시설 기관명 기관이름 명칭 시설명칭 어린이집명 경로당명 센터명 이름", list_cells.text(80),
            is_needed=True, is_own=True, must="어느 열이 시설 이름인지 알 수 없습니다. ‘시설명’이라는 제목을 달아 주세요.",
        ),
        ListColumn(
            "kind", "종류", "시설종류 시설유형 유형 시설구분 구분 분류 시설분류 시설종별 종별",
            list_cells.choice(KINDS, shown="경로당, 노인시설, 보육시설, 지역아동센터, 장애인시설, 종합복지관, 기타"), is_needed=True,
            must="어느 열이 시설 종류인지 알 수 없습니다. ‘종류’라는 제목을 달아 주세요.",
        ),
        ListColumn("dong", "행정동", "동 동명 관할동 소재동 지역 관할 주민센터 관할주민센터", list_cells.text(40), tells=False),
        ListColumn("address", "주소", "소재지 도로명주소 시설주소 위치 시설소재지", list_cells.text(200)),
        ListColumn("phone", "전화", "전화번호 연락처 대표전화 시설전화", list_cells.phone()),
        ListColumn("operator", "운영 주체", "운영주체 운영법인 법인 법인명 운영자 설립주체 위탁법인 수탁법인 운영기관", list_cells.text(80), is_own=True),
        ListColumn("capacity", "정원", "정원수 이용정원 수용인원 정원명 회원수 이용인원", list_cells.number(), is_own=True),
        ListColumn("valid_from", "개소일", "연날 설치일 인가일 인가일자 개원일 설립일 신고일 개소일자 등록일 설치일자", list_cells.day(), is_own=True),
        ListColumn("valid_to", "폐지일", "닫은날 폐원일 폐쇄일 폐지일자 폐소일", list_cells.day(may_be_future=True), is_own=True),
    )  # fmt: skip

    def records(self, on: dt.date) -> models.QuerySet:
        return Facility.objects.all()

    def adding(self, facts: dict[str, Any], act: Act) -> int:
        return facilities.add(by=act.by, at=act.at, **facts).pk

    def changing(self, record: Facility, facts: dict[str, Any], act: Act) -> None:
        facilities.change(record, by=act.by, at=act.at, **facts)

    def added_cells(self, after: dict[str, Any]) -> tuple[str, ...]:
        return tuple(self.shown(key, after.get(key)) for key in ("kind", "dong", "address", "valid_from"))

    def shown(self, key: str, value: Any) -> str:
        return Kind(value).label if key == "kind" and value else super().shown(key, value)
