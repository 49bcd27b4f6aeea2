"""Dirty cells: dates, numbers, phones, dongs, names and texts, a row for each way of writing."""

from .dirt import ACCEPTED, Dirt, accepted, file, list_of, rejected


# ---------------------------------------------------------------- cells
@file
def dates() -> Dirt:
    same = [
        "50.3.1", "'50.03.01", "1950-03-01", "1950.3.1.", "1950/3/1", "19500301", "500301", "1950년 3월 1일", 18323, 18323.25, "18323", 500301,
        19500301, (18323,), (18323.5,), "1950-03-01 00:00:00", "１９５０．３．１", "1950. 3. 1.(수)", "1950.3.1.생", "양력 1950.3.1", "1 Mar 1950",
        "1950.3.1(만 64세)", "500301-1",
    ]  # fmt: skip
    cases = [
        ({"birth_date": cell, "rrn": f"500301-1{n:06d}"}, accepted(birth_date="1950-03-01"))
        for n, cell in enumerate(same)
    ]
    wrong = {
        "BAD_DATE": ["1950-02-30", "1950.13.1", "오십년", 60, "60", (60,), True, "1850-01-01"],
        "PARTIAL_DATE": [
            "1950",
            "1950.3",
            "1950년 3월",
            "1950-03-00",
            1950,
            "3월 1일",
            "1950.??.??",
            "1950년 월 일",
            "1950년 3월 일",
            "1950. . .",
        ],
        "LUNAR_DATE": ["음 1950.1.15", "1950.1.15(음)", "50.1.15(음력)", "1950-01-15 윤"],
        "FUTURE_DATE": ["2150-03-01"],
        "AMBIGUOUS_DATE": ["03/01/1950", "1.3.1950"],
    }
    cases += [({"birth_date": cell, "rrn": ""}, rejected(code)) for code, cells in wrong.items() for cell in cells]
    cases += [
        ({"birth_date": "25/12/1950", "rrn": ""}, accepted("NO_RRN", birth_date="1950-12-25")),
        ({"birth_date": "100301", "rrn": ""}, rejected("AMBIGUOUS_CENTURY")),
        ({"birth_date": "10.3.1", "rrn": "100301-3000001"}, accepted(birth_date="2010-03-01")),
        ({"birth_date": "10.3.1", "rrn": "100301-1000001"}, accepted(birth_date="1910-03-01")),
        ({"birth_date": 10203, "rrn": "010203-3000001"}, accepted(birth_date="2001-02-03")),
        ({"birth_date": "", "rrn": ""}, rejected("REQUIRED")),
        ({"birth_date": "미상", "rrn": "500301-1000099"}, accepted("BIRTH_FROM_RRN", birth_date="1950-03-01")),
        ({"birth_date": (59,), "rrn": ""}, accepted("NO_RRN", birth_date="1900-02-28")),
        ({"birth_date": (61,), "rrn": ""}, accepted("NO_RRN", birth_date="1900-03-01")),
    ]
    return list_of(cases)


@file
def numbers() -> Dirt:
    day = {"birth_date": "1950-03-01"}
    cases = [
        (day | {"rrn": "5003011234567"}, ACCEPTED),
        (day | {"rrn": "500301 1234568"}, ACCEPTED),
        (day | {"rrn": "500301–1234569"}, ACCEPTED),
        (day | {"rrn": 5003011234570}, ACCEPTED),
        (
            {"birth_date": "2001-02-03", "rrn": 102033123456},
            accepted("RRN_LEADING_ZERO_RESTORED", birth_date="2001-02-03"),
        ),
        ({"birth_date": "2001-02-03", "rrn": "102033123457"}, accepted("RRN_LEADING_ZERO_RESTORED")),
        *(
            (day | {"rrn": cell}, accepted("RRN_MASKED"))
            for cell in ("500301-1******", "500301-*******", "5003011******", "500301-1xxxxxx", "500301-1")
        ),
        *(
            (day | {"rrn": cell}, accepted("RRN_TEXT"))
            for cell in ("확인중", "외국인", "M12345678", "모름", "확인불가")
        ),
        *((day | {"rrn": cell}, accepted("NO_RRN")) for cell in ("", "-", "없음", "미상")),
        *(
            (day | {"rrn": cell}, rejected("RRN_LENGTH"))
            for cell in ("500301-123456", "500301-12345678", "50030112345678")
        ),
        # twelve digits that would be a date of this century with a zero before them
        ({"birth_date": "1951-02-28", "rrn": "510228-276956", "sex": "여"}, rejected("RRN_LENGTH")),
        ({"birth_date": "1951-02-28", "rrn": "510228476956", "sex": "여"}, rejected("RRN_LENGTH")),
        (day | {"rrn": "5OO301-1234567"}, rejected("RRN_NOT_DIGITS")),
        (day | {"rrn": "500301-1가34567"}, rejected("RRN_NOT_DIGITS")),
        (day | {"rrn": '="500301-1234577"'}, ACCEPTED),
        (day | {"rrn": "501332-1234567"}, rejected("RRN_BAD_DATE")),
        (day | {"rrn": "500302-1234567"}, rejected("RRN_BIRTH_MISMATCH")),
        (day | {"rrn": "500301-2234567"}, rejected("RRN_SEX_MISMATCH")),
        (day | {"rrn": "500301-2234568", "sex": ""}, accepted("SEX_FROM_RRN", sex="F")),
    ]
    return list_of(cases)


@file
def phones() -> Dirt:
    mobiles = [
        "010.1234.5678", "010 1234 5678", "010)1234-5678", "01012345678", "010–1234–5678", "０１０－１２３４－５６７８", 1012345678, "1012345678",
        "+82-10-1234-5678", "+82 (0)10-1234-5678", "82-10-1234-5678",
    ]  # fmt: skip
    cases = [({"mobile": cell}, accepted(mobile="010-1234-5678")) for cell in mobiles]
    cases += [
        (
            {"mobile": "010-1234-5678 / 02-923-4567", "phone": ""},
            accepted("PHONE_SPLIT", mobile="010-1234-5678", phone="02-923-4567"),
        ),
        (
            {"mobile": "010-1234-5678 또는 02-923-4567", "phone": ""},
            accepted("PHONE_SPLIT", mobile="010-1234-5678", phone="02-923-4567"),
        ),
        ({"mobile": "010-1234-5678(딸)"}, accepted("PHONE_NOTE_DROPPED", mobile="010-1234-5678")),
        ({"mobile": "011-234-5678"}, accepted("LEGACY_MOBILE_PREFIX", mobile="011-234-5678")),
        ({"mobile": "", "phone": "923-4567"}, accepted("AREA_CODE_ASSUMED", phone="02-923-4567")),
        ({"mobile": "", "phone": 29234567}, accepted(phone="02-923-4567")),
        ({"mobile": "070-1234-5678", "phone": ""}, accepted(mobile="", phone="070-1234-5678")),
        ({"mobile": "", "phone": "0505-123-4567"}, accepted(phone="0505-123-4567")),
        ({"mobile": "", "phone": "010-1234-5678"}, accepted(mobile="010-1234-5678", phone="")),
        *(({"mobile": cell}, rejected("BAD_PHONE")) for cell in ("12345", "몰라요", "010-123-45", True)),
        *(({"mobile": cell, "phone": "-"}, accepted(mobile="", phone="")) for cell in ("없음", "해당없음", "#N/A", "")),
    ]
    return list_of(cases)


@file
def dongs() -> Dirt:
    same = [
        "장위제1동", "장위1", "장위 1동", "장위１동", "Jangwi1-dong", "Jangwi1", "성북구 장위1동", "서울특별시 성북구 장위1동", "장위1동 주민센터", "장위1동주민센터",
        "\u200b장위1동\u3000", "장위1동(장위동)",
    ]  # fmt: skip
    cases = [({"dong": cell}, accepted(dong="장위1동")) for cell in same]
    cases += [({"dong": cell}, rejected("AMBIGUOUS_DONG")) for cell in ("장위동", "정릉동", "하월곡동", "돈암동")]
    cases += [({"dong": cell}, rejected("UNKNOWN_DONG")) for cell in ("장위9동", "강북구 수유1동", "혜화동")]
    cases += [({"dong": ""}, rejected("REQUIRED"))]
    return list_of(cases)


@file
def names_and_texts() -> Dirt:
    cases = [
        ({"name": "김 영 수"}, accepted("NAME_SPACES_REMOVED", name="김영수")),
        ({"name": "김영수(사망)"}, accepted("NAME_NOTE_DROPPED", name="김영수")),
        ({"name": "1. 김영수"}, accepted("NAME_NOTE_DROPPED", name="김영수")),
        ({"name": "\u00a0김\u200b영수\u3000"}, accepted(name="김영수")),
        ({"name": "\u1100\u1175\u11b7\u110b\u1167\u11bc\u1109\u116e"}, accepted(name="김영수")),
        ({"name": "NGUYEN THI HOA"}, accepted(name="NGUYEN THI HOA")),
        ({"name": "=cmd|' /C calc'!A0"}, rejected("FORMULA_LIKE_TEXT")),
        ({"name": "+김영수"}, rejected("FORMULA_LIKE_TEXT")),
        ({"name": ""}, rejected("REQUIRED")),
        ({"name": "없음"}, rejected("REQUIRED")),
        ({"name": "김"}, rejected("TOO_SHORT")),
        ({"name": "김" * 300}, rejected("TOO_LONG")),
        ({"address": "가" * 5_000}, rejected("TOO_LONG")),
        ({"address": "=HYPERLINK(1)"}, accepted("FORMULA_LIKE_TEXT", address="=HYPERLINK(1)")),
        ({"address": "돌곶이로\r\n 40길\u00a0 ８"}, accepted(address="돌곶이로 40길 8")),
        ({"address": "<b>돌곶이로</b> 🙂"}, accepted(address="<b>돌곶이로</b> 🙂")),
        ({"address": "돌곶이로 8 (500301-1234567)"}, accepted("RRN_MASKED", address="돌곶이로 8 (500301-1******)")),
        ({"sex": "여자", "rrn": ""}, accepted("NO_RRN", sex="F")),
        ({"sex": 1, "rrn": ""}, accepted("NO_RRN", sex="M")),
        ({"tong": "제3통"}, accepted(tong=3)),
    ]
    return list_of(cases)
