"""Who may do what: one table of roles, resources, actions and scopes.

The table is the only source: views declare a resource and an action, `centers.access` looks here,
the permission tests and the manual print it. A cell is a list of `actions scope`, e.g. `RW o, R d`:

actions  R read, W create and change, V void with a reason, S share outside, X export, P approve
scopes   o own (assigned to me)   d own dong   c shared with me   g district figures only
         t own tong (as tongjang coordinator)   r referred to me   A everywhere
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Role:
    code: str
    title: str
    home: str  # url name of the first page
    needs_dong: bool = True


ROLES = (
    Role("PS", "복지플래너(사회복지)", "today"),
    Role("PN", "복지플래너(간호)", "today"),
    Role("CN", "복지상담전문관", "residents"),
    Role("TL", "팀장", "lead_home"),
    Role("DH", "마을복지동장", "dashboard"),
    Role("CM", "사례관리 담당", "cases"),
    Role("EX", "위원회 외부위원", "committees"),
    Role("IM", "데이터 담당", "imports", needs_dong=False),
    Role("GU", "구청 복지정책과", "dashboard", needs_dong=False),
    Role("HC", "보건소", "today", needs_dong=False),
    Role("TJ", "복지통장", "consent_sheet"),
    Role("AU", "개인정보보호담당", "privacy", needs_dong=False),
    Role("SA", "시스템 운영", "jobs", needs_dong=False),
)
ROLE_BY_CODE = {role.code: role for role in ROLES}

RESOURCES = {
    "person": "주민 기본정보",
    "person_facts": "생년월일·세대",
    "welfare_status": "복지급여 현황",
    "duplicate": "중복 기록 연결",
    "visit_schedule": "방문 일정",
    "visit_social": "방문 기록(사회복지)",
    "visit_health": "방문 기록(건강)",
    "case_meeting": "일일 사례회의",
    "consent": "동의와 연락",
    "target": "방문 대상",
    "schedule_plan": "월 일정 만들기",
    "intake": "초기상담",
    "referral": "의뢰와 연계",
    "case": "통합사례",
    "committee": "사례관리위원회",
    "governance": "거버넌스",
    "agency": "기관 목록",
    "organisation": "단체와 활동가",
    "import": "자료 가져오기",
    "export": "사람 명단 내보내기",
    "report": "현황과 보고서",
    "staffing": "정원·현원과 예산",
    "staff_calendar": "근무 시간표",
    "pair": "방문 조와 동행",
    "companion": "내 동행",
    "user": "계정과 권한",
    "access_log": "접속기록",
    "job": "작업",
    "settings": "설정",
}

MATRIX: dict[str, dict[str, str]] = {
    "PS": {
        "person": "RW o, R d",
        "person_facts": "RW o",
        "welfare_status": "R o",
        "visit_schedule": "RW o, R d",
        "visit_social": "RW o",
        "visit_health": "",
        "case_meeting": "RW d",
        "consent": "RW d",
        "target": "R d",
        "schedule_plan": "R d",
        "intake": "W o, R d",
        "referral": "RW o, R d",
        "case": "R o",
        "committee": "R o",
        "agency": "R A",
        "organisation": "R d",
        "report": "R d",
        "staff_calendar": "RW o, R d",
        "pair": "R d",
        "job": "R o",
    },
    "PN": {
        "person": "RW o, R d",
        "person_facts": "RW o",
        "visit_schedule": "RW o, R d",
        "visit_social": "R o",
        "visit_health": "RW o",
        "case_meeting": "RW d",
        "consent": "RW d",
        "target": "R d",
        "schedule_plan": "R d",
        "intake": "W o",
        "referral": "RW o, R d",
        "case": "R o",
        "committee": "R o",
        "agency": "R A",
        "organisation": "R d",
        "report": "R d",
        "staff_calendar": "RW o, R d",
        "pair": "R d",
        "job": "R o",
    },
    "CN": {
        "person": "RW d",
        "person_facts": "RW d",
        "welfare_status": "RW d",
        "visit_schedule": "RW d",
        "consent": "RW d",
        "target": "R d",
        "intake": "RWV d",
        "referral": "RW d",
        "committee": "R d",
        "agency": "RW A",
        "organisation": "RW d",
        "report": "R d",
        "staff_calendar": "RW o, R d",
        "pair": "R d",
        "job": "R o",
    },
    "TL": {
        "person": "R d",
        "person_facts": "R d",
        "duplicate": "RW d",
        "welfare_status": "R d",
        "visit_schedule": "RWP d",
        "visit_social": "RP d",
        "case_meeting": "RWP d",
        "consent": "RW d",
        "target": "RW d",
        "schedule_plan": "RWP d",
        "intake": "R d",
        "referral": "RWP d",
        "case": "RWP d",
        "committee": "RWP d",
        "governance": "RW d",
        "agency": "RW A",
        "organisation": "RW d",
        "import": "R d",
        "export": "XP d",
        "report": "RX d",
        "staffing": "R d",
        "staff_calendar": "RW d",
        "pair": "RW d",
        "user": "R d",
        "access_log": "R d",
        "job": "R d",
    },
    "DH": {
        "visit_schedule": "R g",
        "committee": "RWP d",
        "governance": "RW d",
        "agency": "R A",
        "organisation": "RW d",
        "case": "P g",
        "report": "RX d",
        "staffing": "R d",
        "staff_calendar": "RW o, R d",
        "pair": "R d",
        "user": "R d",
        "access_log": "R g",
        "export": "P d",
        "job": "R o",
    },
    "CM": {
        "person": "RW o, R d",
        "person_facts": "RW o, R d",
        "welfare_status": "RW o, R d",
        "visit_schedule": "R d",
        "visit_social": "R d",
        "case_meeting": "RW d",
        "consent": "RW d",
        "target": "R d",
        "intake": "R d",
        "referral": "RW d",
        "case": "RWVS d",
        "committee": "RW d",
        "governance": "R d",
        "agency": "RW A",
        "organisation": "R d",
        "export": "X o",
        "report": "R d",
        "staff_calendar": "RW o, R d",
        "pair": "R d",
        "job": "R o",
    },
    "EX": {
        "committee": "R c",
        "case": "R c",
    },
    "IM": {
        "person": "RW A",
        "person_facts": "W A",
        "duplicate": "RW A",
        "welfare_status": "W A",
        "import": "RW A",
        "export": "X A",
        "report": "R g",
        "agency": "RW A",
        "organisation": "RW A",
        "staffing": "RW A",
        "user": "RW A",
        "staff_calendar": "RW A",
        "pair": "RW A",
        "job": "RW A",
        "settings": "R A",
        "target": "R g",
    },
    "GU": {
        "report": "RX A",
        "staffing": "RWX A",
        "staff_calendar": "R A",
        "pair": "RW A",
        "governance": "R A",
        "agency": "R A",
        "organisation": "R A",
        "committee": "R g",
        "case": "R g",
        "import": "P A",
        "export": "P A",
        "user": "RP A",
        "access_log": "R g",
        "settings": "RW A",
        "job": "R o",
        "schedule_plan": "RW g",
    },
    "HC": {
        "person": "RW o, R r",
        "person_facts": "RW o, R r",
        "visit_schedule": "RW o",
        "visit_health": "RW o, R r",
        "visit_social": "R o",
        "case_meeting": "R o",
        "consent": "RW o",
        "schedule_plan": "RWP o",
        "referral": "RW r",
        "agency": "R A",
        "report": "R g",
        "staff_calendar": "RW o",
        "pair": "R o",
        "job": "R o",
    },
    "TJ": {
        "consent": "W t",
        "intake": "W t",
        "companion": "R o",
    },
    "AU": {
        "access_log": "RP A",
        "consent": "R A",
        "import": "R A",
        "report": "R A",
        "user": "R A",
        "job": "R A",
        "settings": "R A",
    },
    "SA": {
        "job": "RW A",
        "settings": "RW A",
        "user": "RW A",
    },
}

#: wider scope first; the first one a person holds decides
SCOPE_ORDER = "Adtrcog"


@lru_cache(maxsize=1)
def grants() -> dict[tuple[str, str, str], str]:
    """(role, resource, action) -> scope letters, e.g. ``("PS", "person", "R") -> "od"``."""
    table: dict[tuple[str, str, str], str] = {}
    for role, row in MATRIX.items():
        for resource, cell in row.items():
            if resource not in RESOURCES:
                raise KeyError(f"unknown resource {resource}")
            for part in filter(None, (p.strip() for p in cell.split(","))):
                actions, scope = part.split()
                for action in actions:
                    key = (role, resource, action)
                    table[key] = table.get(key, "") + scope
    return table


def scopes(role: str, resource: str, action: str) -> str:
    """Scope letters of a role for an action, widest first; empty when it has none."""
    held = grants().get((role, resource, action), "")
    return "".join(letter for letter in SCOPE_ORDER if letter in held)
