"""Demo accounts: one or more for each role. Production refuses to start while any of them exists."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db.models import Q

from centers.models import Dong, Posting, Team, User, Zone
from centers.roles import ROLE_BY_CODE
from planners.models import Pair
from seongbuk.demo.people import GIVEN, SURNAMES
from staffing.models import CenterPost

PASSWORD = "seongbuk-demo-2014"  # noqa: S105  (printed by `demo_accounts`; demo mode only)
START = dt.date(2014, 11, 1)
MAIN_DONG = "장위1동"
PILOT_DONGS = ("장위1동", "월곡1동", "정릉4동")


@dataclass(frozen=True)
class Seat:
    """One account of a dong: the end of its username, role, title, team, and who sits there in the main dong."""

    key: str
    role: str
    title: str
    team: str
    name: str = ""


SEATS = (
    Seat("nurse", "PN", "간호사", Team.Kind.WELFARE_1, "한지은"),
    Seat("social", "PS", "주무관", Team.Kind.WELFARE_1, "오세진"),
    Seat("lead", "TL", "팀장", Team.Kind.WELFARE_1, "박현숙"),
    Seat("case", "CM", "주무관", Team.Kind.WELFARE_1, "강태호"),
    Seat("counsel", "CN", "주무관", Team.Kind.WELFARE_1, "노은채"),
    Seat("head", "DH", "동장", Team.Kind.VILLAGE_COMMUNITY, "윤상철"),
)
SECOND_PAIR = (
    Seat("nurse2", "PN", "간호사", Team.Kind.WELFARE_1, "조민아"),
    Seat("social2", "PS", "주무관", Team.Kind.WELFARE_1, "임도현"),
)
DISTRICT = (
    ("officer", "IM", "유정민", "주무관"),
    ("office", "GU", "배지원", "주무관"),
    ("privacy", "AU", "남궁현", "주무관"),
    ("operator", "SA", "차민수", "주무관"),
)
#: dongs with a second visiting nurse by the plan (IV.3), besides the two other pilot dongs
TWO_PAIRS = ("삼선동", "종암동", "월곡2동", "장위1동", "석관동", "월곡1동", "정릉4동")


def make() -> None:
    """Create what is missing; running it again changes nothing."""
    hashed = make_password(PASSWORD)
    dongs = list(Dong.objects.order_by("order"))
    for dong in dongs:
        for seat in SEATS + (SECOND_PAIR if dong.name in TWO_PAIRS else ()):
            _seat(dong, seat, hashed)
        _pair(dong, "A조", "nurse", "social")
        if dong.name in TWO_PAIRS:
            _pair(dong, "B조", "nurse2", "social2")
    for username, role, name, title in DISTRICT:
        _posting(_user(username, name, title, hashed), role, None, None)
    _child_nurses(hashed)
    main = Dong.objects.get(name=MAIN_DONG)
    outside = _user("member", "최복규", "위원", hashed)
    _posting(outside, "EX", main, None)
    _tongjang(main, hashed)
    _fill_posts(dongs)


def username(dong: Dong, key: str) -> str:
    """``nurse`` in the main dong, ``wolgok1-nurse`` elsewhere."""
    return key if dong.name == MAIN_DONG else f"{dong.slug.removesuffix('-dong')}-{key}"


def listed() -> list[dict]:
    """What `demo_accounts` prints: `{role, username, password, dong, home_url}`, main dong first."""
    from django.urls import reverse

    rows = []
    postings = Posting.objects.filter(user__is_demo=True).select_related("user", "dong")
    for posting in sorted(postings, key=lambda p: (not _is_main(p), p.dong.order if p.dong_id else 0, p.pk)):
        rows.append(
            {
                "role": posting.role,
                "role_title": ROLE_BY_CODE[posting.role].title,
                "name": posting.user.name,
                "username": posting.user.username,
                "password": PASSWORD,
                "dong": posting.dong.name if posting.dong_id else None,
                "home_url": reverse(ROLE_BY_CODE[posting.role].home),
            }
        )
    return rows


def _is_main(posting: Posting) -> bool:
    return posting.dong is None or posting.dong.name == MAIN_DONG


def _user(name_of_account: str, name: str, title: str, hashed: str) -> User:
    user, _ = User.objects.get_or_create(
        username=name_of_account,
        defaults={
            "name": name,
            "job_title": title,
            "password": hashed,
            "is_demo": True,
            "employee_number": f"S{2010001 + User.objects.count()}",
            "phone": _phone(name_of_account),
        },
    )
    return user


def _phone(seed: str) -> str:
    return f"02-0000-{random.Random(seed).randint(1000, 9999)}"  # noqa: S311


def _posting(user: User, role: str, dong: Dong | None, team: Team | None, **given) -> Posting:
    return Posting.objects.get_or_create(
        user=user, role=role, dong=dong, defaults={"team": team, "valid_from": START, **given}
    )[0]


def _seat(dong: Dong, seat: Seat, hashed: str) -> User:
    account = username(dong, seat.key)
    name = seat.name if dong.name == MAIN_DONG and seat.name else _invented(account, seat.role)
    user = _user(account, name, seat.title, hashed)
    team = Team.objects.filter(dong=dong, kind=seat.team).first()
    _posting(user, seat.role, dong, team)
    return user


def _invented(seed: str, role: str) -> str:
    rng = random.Random(seed)  # noqa: S311
    sex = "F" if role == "PN" else rng.choice("FM")
    return rng.choices(list(SURNAMES), SURNAMES.values())[0] + rng.choice(GIVEN[sex, 1980])


def _pair(dong: Dong, name: str, nurse: str, social: str) -> None:
    Pair.objects.get_or_create(
        dong=dong,
        kind=Pair.Kind.ELDER,
        name=name,
        defaults={
            "nurse": User.objects.get(username=username(dong, nurse)),
            "social": User.objects.get(username=username(dong, social)),
            "valid_from": START,
        },
    )


def _child_nurses(hashed: str) -> None:
    """Five child nurses of the health center for four zones (plan IV.5-1 ②)."""
    names = ["서유나", "문가영", "양미경", "전은주", "권선영"]
    zones = list(Zone.objects.filter(scheme__key="nurse").order_by("order"))
    for number, name in enumerate(names):
        zone = zones[min(number, len(zones) - 1)] if number < len(zones) else zones[-1]
        user = _user(f"child{number + 1}", name, "간호사", hashed)
        _posting(user, "HC", None, None)
        letter = "가나다라마"[number]
        Pair.objects.get_or_create(
            zone=zone, kind=Pair.Kind.CHILD, name=f"아이 {letter}조", defaults={"nurse": user, "valid_from": START}
        )


def _tongjang(dong: Dong, hashed: str) -> None:
    user = _user("tongjang", "황옥분", "복지통장", hashed)
    posting = _posting(user, "TJ", dong, None)
    if not posting.tongs:
        posting.tongs = [7, 9]
        posting.save(update_fields=["tongs"])


def _fill_posts(dongs: list[Dong]) -> None:
    """Seat the demo staff in the posts of their center; the others stay vacant and visible."""
    wanted = (("head", 1), ("lead", 12), ("counsel", 13), ("social", 14), ("case", 15), ("nurse", None))
    for dong in dongs:
        for key, number in wanted:
            holder = User.objects.get(username=username(dong, key))
            posts = CenterPost.objects.filter(Q(template__number=number), dong=dong, holder=None)
            if not CenterPost.objects.filter(dong=dong, holder=holder).exists() and (post := posts.first()):
                post.holder = holder
                post.save(update_fields=["holder"])
