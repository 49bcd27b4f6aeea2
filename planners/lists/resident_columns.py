"""What a resident list may call its columns, and which of them it cannot do without."""

from __future__ import annotations

import re
from typing import Any

from common.spreadsheets import Sheet
from planners.lists import list_columns
from planners.lists.list_columns import SOMEBODY_ELSE, Layout, Vocabulary

FIELDS = {
    "name": "이름",
    "birth_date": "생년월일",
    "sex": "성별",
    "rrn": "주민등록번호",
    "dong": "동",
    "tong": "통",
    "ban": "반",
    "tong_ban": "통·반",
    "address": "주소",
    "address_detail": "상세주소",
    "phone": "전화",
    "mobile": "휴대전화",
    "relation": "세대 관계",
    "benefit": "복지급여",
    "birth_year": "출생 연도",
    "birth_month": "출생 월",
    "birth_day": "출생 며칠",  # "출생일" on a heading means the whole birthday
    "rrn_front": "주민등록번호 앞자리",
    "rrn_back": "주민등록번호 뒷자리",
}

ALIASES = {
    "name": "성명 이름 성함 대상자명 대상자 대상자성명 주민명 주민성명 한글성명 한글이름 성명한글 본인성명 수급자명 수급자성명 어르신성명 어르신명 "
    "노인성명 거주자명 거주자 회원명 이용자명 성명이름 이름성명 산모명 산모성명 임산부명 임산부성명 수혜자 수혜자명 가구원명 세대원명 세대원 가구원 "
    "name fullname 성명name",
    "birth_date": "생년월일 생일 출생일 출생일자 출생년월일 출생연월일 생년월일자 생년월일6자리 법정생년월일 생년 출생 주민등록생년월일 "
    "birthdate birthday dateofbirth dob birth",
    "sex": "성별 남녀 남여 남녀구분 남여구분 성구분 성 성별구분 남녀성별 sex gender",
    "dong": "행정동 동 읍면동 동명 행정동명 거주동 관할동 소속동 읍면동명 동이름 주소지동 거주지동 담당동 동구분 행정동읍면동 관할주민센터 "
    "동주민센터 주민센터 관할센터 마을복지센터 관할동주민센터 dong 법정동 법정동명",
    "tong": "통 통번호 통수 관할통 통명 거주통 tong",
    "ban": "반 반번호 반수 ban",
    "tong_ban": "통반 통및반 통반명 관할통반 거주통반",
    "address": "도로명주소 주소 주민등록주소 주민등록도로명주소 주민등록지주소 주민등록상주소 거주지주소 거주지 현주소 주소지 실거주지 실거주지주소 "
    "실거주주소 거주주소 집주소 자택주소 주민등록지 거주지도로명주소 새주소 신주소 도로명 주소도로명 기본주소 소재지 현거주지 거주지주소도로명 address",
    "address_detail": "상세주소 나머지주소 세부주소 동호수 상세 호수 아파트동호 주소상세 번지이하",
    "phone": "전화 전화번호 연락처 연락처1 연락처2 전화번호1 전화번호2 자택전화 집전화 유선전화 일반전화 자택 자택번호 자택전화번호 유선 집전화번호 "
    "유선전화번호 일반전화번호 연락번호 전화연락처 집 일반 본인연락처 tel phone telephone 전화번호집 전화집 전화자택 연락처자택 연락처집 연락처유선",
    "mobile": "휴대전화 핸드폰 hp 휴대폰 휴대전화번호 휴대폰번호 핸드폰번호 이동전화 이동전화번호 모바일 휴대 무선 본인휴대전화 본인휴대폰 손전화 "
    "연락처휴대폰 연락처휴대전화 연락처핸드폰 전화휴대폰 휴대폰연락처 전화번호휴대폰 전화번호휴대전화 mobile cellphone cell handphone cp mobilephone",
    "relation": "세대주관계 세대주와의관계 세대주와관계 관계 세대관계 가족관계 세대주와의관계명 세대구분 세대주의관계",
    "benefit": "복지급여 급여종류 급여구분 수급구분 보장구분 보장유형 수급종류 수급자구분 수급자격 자격구분 자격 복지대상 복지대상구분 복지자격 "
    "보호구분 수급유형 급여 급여명 보장종류 복지구분 수급자종류 기초수급 수급 수급여부 기초생활수급 복지급여종류",
    "birth_year": "생년월일년 생년월일연 출생년 출생연도 출생년도 생년월일년도",
    "birth_month": "생년월일월 출생월",
    "birth_day": "생년월일일 출생일일",
    "other": "비고 비고1 비고2 참고 특이사항 메모 나이 연령 만나이 우편번호 세대주 세대주명 세대주성명 세대원수 가구원수 구분 담당자 담당 방문일 등록일 "
    "전입일 전입일자 장애유형 장애등급 보호자 보호자명 보호자성명 보호자연락처 보호자전화 보호자전화번호 비상연락처 긴급연락처 국적 보장일 책정일 "
    "세대주주민등록번호 보호자주민등록번호 지번주소 통장 통장명 통장성명 신청인 신청인성명 신청일 처리결과 확인 서명 날짜 remarks note age",
}
#: words that may stand before a heading and still mean the resident
SUBJECT = re.compile(
    r"^(?:대상자|본인|주민|수급자|수혜자|어르신|노인|회원|아동|산모|임산부|이용자|거주자|가구원|세대원|인적사항|기본사항|대상|기본정보|주민정보|기본인적사항|대상자정보|주민인적사항)의?"
)
IDENTITY = ("birth_date", "rrn", "birth_year", "rrn_front")
NEEDS = (
    (frozenset({"name"}), "어느 열이 이름인지 알 수 없습니다. ‘성명’이나 ‘이름’이라는 제목을 달아 주세요."),
    (frozenset(IDENTITY), "어느 열이 생년월일인지 알 수 없습니다. ‘생년월일’이라는 제목을 달아 주세요."),
)
#: fields that alone do not make a row a person
PLACE = frozenset({"dong", "tong", "ban", "tong_ban", "sex", "benefit", "relation"})
EVIDENCE = frozenset({"birth_date", "rrn", "phone", "mobile", "address", "birth_year", "rrn_front"})
#: fields several columns may feed: each phone column adds its numbers
REPEATABLE = frozenset({"phone", "mobile"})
TRIMMED = frozenset({"phone", "mobile", "name", "birth_date", "sex", "dong", "address", "rrn"})
RESIDENTS = Vocabulary(
    fields=FIELDS,
    aliases=ALIASES,
    not_found="제목 줄을 찾지 못했습니다. 맨 위쪽 줄에 ‘성명’, ‘생년월일’, ‘행정동’, ‘주소’ 같은 열 제목이 있는지 확인해 주세요.",
    needs=NEEDS,
    identity=IDENTITY,
    place=PLACE,
    evidence=EVIDENCE,
    repeatable=REPEATABLE,
    trimmed=TRIMMED,
    titles=re.compile(r"주민|세대|거주|전입|인구|어르신|대상자 ?명[단부]"),
    subject=SUBJECT,
    somebody_else=SOMEBODY_ELSE,
)


def recognise(sheets: list[Sheet], **given: Any) -> Layout:
    """The layout of the best sheet as a resident list (see `list_columns.recognise`)."""
    return list_columns.recognise(sheets, RESIDENTS, **given)
