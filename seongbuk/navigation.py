"""What frames every page: navigation by role, the place, the person."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from centers.roles import ROLE_BY_CODE

PRODUCT_NAME = "동 마을복지센터"


@dataclass(frozen=True)
class Entry:
    label: str
    url_name: str
    resource: str
    action: str = "R"
    icon: str = ""
    sections: tuple[str, ...] = ()  # url names that also light this entry up


TODAY = Entry("오늘", "today", "visit_schedule", icon="list-ul", sections=("visit",))
LEAD = Entry("오늘", "lead_home", "case_meeting", "P", icon="list-ul")
SCHEDULES = Entry(
    "월 일정", "schedules", "schedule_plan", icon="calendar3", sections=("schedule", "replan", "day_sheets")
)
DISTRICT_MONTH = Entry(
    "월 일정", "district_month", "schedule_plan", icon="calendar3", sections=("schedule_settings", "schedule_compare")
)
MEETING = Entry("사례회의", "case_meeting", "case_meeting", icon="people")
TARGETS = Entry("대상자", "targets", "target", icon="person-lines-fill", sections=("target",))
BOOKING = Entry("전화예약", "booking", "consent", "W", icon="telephone", sections=("booking",))
RESIDENTS = Entry("주민", "residents", "person", icon="search", sections=("resident", "person"))
DUPLICATES = Entry("중복함", "duplicates", "duplicate", icon="person-lines-fill", sections=("duplicate",))
REFERRALS = Entry("의뢰", "referrals", "referral", icon="arrow-left-right", sections=("referral",))
COMMITTEES = Entry("위원회", "committees", "committee", icon="clipboard-check", sections=("committee", "meeting"))
CASES = Entry("사례", "cases", "case", icon="folder2-open", sections=("case",))
DASHBOARD = Entry("실적", "dashboard", "report", icon="bar-chart", sections=("dashboard", "figure_list"))
IMPORTS = Entry("가져오기", "imports", "import", icon="upload", sections=("import",))
STAFFING = Entry("정원·현원", "staffing", "staffing", icon="diagram-3", sections=("staffing",))
REPORTS = Entry("보고서", "reports", "report", icon="file-earmark-text", sections=("report",))
GOVERNANCE = Entry("거버넌스", "governance", "governance", icon="bank", sections=("governance", "body"))
PRIVACY = Entry("접속기록", "privacy", "access_log", icon="shield-check", sections=("privacy",))
JOBS = Entry("작업", "jobs", "job", icon="clock-history", sections=("job",))
ACCOUNTS = Entry("계정", "accounts", "user", icon="key", sections=("account",))
FACILITIES = Entry("시설", "facilities", "agency", icon="building", sections=("facility",))
GROUPS = Entry(
    "단체", "organisations", "organisation", icon="people", sections=("organisation", "activist", "volunteer")
)
RULES = Entry("대상 규칙", "target_rules", "settings", icon="gear", sections=("target_rule", "target_coverage"))
CALENDARS = Entry(
    "근무표",
    "staff_calendars",
    "staff_calendar",
    icon="calendar-check",
    sections=(
        "staff_time",
        "staff_weeks",
        "counter_rota",
        "holidays",
        "capacity",
        "caseload",
        "pairs",
        "pair",
        "companion",
    ),
)
COMPANIES = Entry("동행", "my_companies", "companion", icon="people")
CONSENT_SHEET = Entry("동의 걷기", "consent_sheet", "consent", "W", icon="check2-square")

BY_ROLE: dict[str, tuple[Entry, ...]] = {
    "PS": (TODAY, SCHEDULES, MEETING, BOOKING, TARGETS, RESIDENTS, REFERRALS, CALENDARS, DASHBOARD),
    "PN": (TODAY, SCHEDULES, MEETING, BOOKING, TARGETS, RESIDENTS, REFERRALS, CALENDARS, DASHBOARD),
    "CN": (RESIDENTS, BOOKING, TARGETS, REFERRALS, GROUPS, FACILITIES, CALENDARS, DASHBOARD),
    "TL": (LEAD, SCHEDULES, CALENDARS, MEETING, TARGETS, BOOKING, RESIDENTS, REFERRALS, COMMITTEES, GROUPS, DASHBOARD),
    "DH": (DASHBOARD, COMMITTEES, GOVERNANCE, GROUPS, FACILITIES, STAFFING, CALENDARS, REPORTS),
    "CM": (CASES, REFERRALS, COMMITTEES, MEETING, RESIDENTS, CALENDARS, DASHBOARD),
    "EX": (COMMITTEES,),
    "IM": (IMPORTS, ACCOUNTS, RESIDENTS, DUPLICATES, FACILITIES, GROUPS, STAFFING, CALENDARS, JOBS),
    "GU": (DASHBOARD, DISTRICT_MONTH, STAFFING, CALENDARS, REPORTS, GOVERNANCE, GROUPS, FACILITIES, ACCOUNTS, RULES),
    "HC": (TODAY, SCHEDULES, MEETING, RESIDENTS, REFERRALS, CALENDARS, DASHBOARD),
    "TJ": (CONSENT_SHEET, COMPANIES),
    "AU": (PRIVACY, ACCOUNTS, IMPORTS, REPORTS, JOBS),
    "SA": (JOBS, ACCOUNTS),
}
#: entries of the bottom bar on a phone, for those who work outside
FIELD_ROLES = {"PS", "PN", "HC"}


def page_frame(request: HttpRequest) -> dict:
    """Context of `base.html`: nav, bottom bar, place and person."""
    scope = getattr(request, "scope", None)
    if scope is None or not request.user.is_authenticated:
        return {"product_name": PRODUCT_NAME}
    posting = scope.main
    entries = dict.fromkeys(entry for role in scope.roles for entry in BY_ROLE[role])
    nav = [
        _shown(request, entry) for entry in entries if scope.allows(entry.resource, entry.action) and known_names(entry)
    ]
    return {
        "product_name": PRODUCT_NAME,
        "nav": nav,
        "hide_search": not scope.allows("person"),
        "bottom_nav": nav[:4] if FIELD_ROLES & set(scope.roles) else [],
        "place": _place(posting),
        "me": f"{request.user.name} {request.user.job_title}".strip(),
        "session_seconds": settings.SESSION_IDLE_SECONDS,
        "my_roles": [ROLE_BY_CODE[role].title for role in scope.roles],
    }


def known_names(entry: Entry) -> bool:
    from django.urls import NoReverseMatch

    try:
        return bool(reverse(entry.url_name))
    except NoReverseMatch:
        return False


def _shown(request: HttpRequest, entry: Entry) -> dict:
    here = request.resolver_match.view_name if request.resolver_match else ""
    name = here or ""
    current = name == entry.url_name or any(name == s or name.startswith(f"{s}_") for s in entry.sections)
    return {"label": entry.label, "url": reverse(entry.url_name), "icon": entry.icon, "current": current}


def _place(posting) -> str:
    if posting is None:
        return ""
    dong = posting.dong.name if posting.dong_id else "성북구청"
    return f"{dong} · {posting.team.name}" if posting.team_id else dong
