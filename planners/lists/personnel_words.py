"""The words of personnel orders: what an order does, which role a title means, which place is meant."""

from __future__ import annotations

import re

from centers.models import Dong, Team
from centers.personnel import Act
from common.hangul import compact
from planners.dong_names import DongNames

#: word in the cell -> what the order does; the longest word that stands in the cell decides
ACTS = {
    "신규임용": Act.HIRE, "신규채용": Act.HIRE, "신규": Act.HIRE, "임용": Act.HIRE, "채용": Act.HIRE, "전입": Act.HIRE,
    "복직": Act.HIRE, "임용후보자임용": Act.HIRE,
    "전보": Act.MOVE, "승진": Act.MOVE, "전직": Act.MOVE, "보직": Act.MOVE, "배치": Act.MOVE, "이동": Act.MOVE,
    "업무변경": Act.MOVE, "담당변경": Act.MOVE, "근무지정": Act.MOVE, "직무대리": Act.ADD, "겸임": Act.ADD, "겸직": Act.ADD,
    "휴직": Act.PAUSE, "직위해제": Act.PAUSE, "정직": Act.PAUSE, "파견": Act.PAUSE, "휴가": Act.PAUSE,
    "퇴직": Act.END, "정년퇴직": Act.END, "명예퇴직": Act.END, "면직": Act.END, "의원면직": Act.END, "직권면직": Act.END,
    "해임": Act.END, "파면": Act.END, "전출": Act.END, "계약만료": Act.END, "임기만료": Act.END, "계약종료": Act.END,
    "사직": Act.END, "당연퇴직": Act.END, "사망": Act.END,
}  # fmt: skip
ACT_NAMES = {
    Act.HIRE: "새로 옴",
    Act.MOVE: "옮김",
    Act.ADD: "더 맡음",
    Act.PAUSE: "쉼",
    Act.END: "떠남",
}
#: in the column of roles: somebody who does not use this system
NO_ROLE = "none"
ROLES = {
    "복지플래너(사회복지)": "PS", "사회복지플래너": "PS", "복지플래너사회복지": "PS", "사회복지사": "PS",
    "복지플래너(간호)": "PN", "간호플래너": "PN", "복지플래너간호": "PN", "방문간호사": "PN", "간호사": "PN",
    "복지상담전문관": "CN", "상담전문관": "CN", "종합상담가": "CN", "복지코디네이터": "CN",
    "팀장": "TL", "복지팀장": "TL", "동장": "DH", "마을복지동장": "DH",
    "사례관리담당": "CM", "사례관리사": "CM", "사례관리": "CM",
    "데이터담당": "IM", "구청복지정책과": "GU", "복지정책과": "GU", "구청기획": "GU",
    "보건소": "HC", "개인정보보호담당": "AU", "시스템운영": "SA",
    "사용안함": NO_ROLE, "미사용": NO_ROLE, "제외": NO_ROLE,
}  # fmt: skip
_DISTRICT = re.compile(r"구청|본청|보건소|[과관실국소](?:[가-힣]{1,8}(?:팀|담당))?$")
_NURSE, _SOCIAL = re.compile(r"간호|보건"), re.compile(r"사회복지|^사회|^사복")


def role_of(*, act: str, role: str | None, title: str, rank: str, series: str, in_dong: bool) -> str:
    """The role a row means: the one it says, else what its title says, else, for newcomers, what the series says.

    Empty when the person keeps the role held now.
    """
    if role:
        return role
    if not in_dong:
        return ""
    if "동장" in title:
        return "DH"
    if "팀장" in title:
        return "TL"
    if act != Act.HIRE:
        return ""
    words = f"{series or rank}"
    if _NURSE.search(words) or "간호" in title:
        return "PN"
    return "PS" if _SOCIAL.search(words) or "사회복지" in title else ""


class Places:
    """Looks up places by the words of an order."""

    def __init__(self, names: DongNames, on) -> None:
        self.names = names
        self.teams: dict[tuple[str, str], int] = {}
        self.divisions: dict[str, int] = {}
        for team in Team.objects.on(on).select_related("dong"):
            if team.dong is None:
                self.divisions[compact(team.name)] = team.pk
            else:
                for name in (team.name, team.get_kind_display()):
                    self.teams[team.dong.name, compact(name)] = team.pk
        self.dongs = dict(Dong.objects.values_list("name", "pk"))

    def find(self, place: str, team: str) -> tuple[int | None, int | None, bool, str]:
        """(dong, team, whether it is the district office, code of what is wrong)."""
        words = place.split()
        dong = next((name for word in [place, *words] if (name := self.names.find(word)[0])), "")
        dong = dong or self.names.in_text(place)
        if not dong:
            return self._division(place, team)
        rest = compact(team) or compact(" ".join(word for word in words if not self.names.find(word)[0]))
        found = self.teams.get((dong, rest))
        if not found and rest:
            found = next((pk for (name, word), pk in self.teams.items() if name == dong and word in rest), None)
        if not found and compact(team):
            return self.dongs[dong], None, False, "UNKNOWN_TEAM"
        return self.dongs[dong], found, False, ""

    def _division(self, place: str, team: str) -> tuple[int | None, int | None, bool, str]:
        said = compact(f"{place}{team}")
        found = next((pk for word, pk in self.divisions.items() if word in said), None)
        if found or _DISTRICT.search(compact(place)):
            return None, found, True, ""
        return None, None, False, "UNKNOWN_PLACE"
