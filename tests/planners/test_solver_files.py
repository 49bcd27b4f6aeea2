"""Month files: read plain or gzipped, refused with a sentence when they cannot be trusted."""

import copy
import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from bench.scheduler.audit import audit
from bench.scheduler.generator import dong_month, tiny_month
from planners.solver import solve
from planners.solver.month_file import MOST_BYTES, BadMonth, problem_from

CONTENT = tiny_month(1)


def without(content, name):
    del content[name]


def short_row(content):
    content["cost"][0].pop()


def torn_table(content):
    v, s = next((v, s) for v, row in enumerate(content["cost"]) for s, cost in enumerate(row) if cost is not None)
    content["start_window"][v][s] = None


BREAKS = {
    "no travel": lambda c: without(c, "travel"),
    "outing cost not a number": lambda c: c.__setitem__("outing_cost", "비쌈"),
    "price beyond all measure": lambda c: c["visits"][0].__setitem__("prize", 1e300),
    "id not finite": lambda c: c["visits"][0].__setitem__("id", float("inf")),
    "no sessions": lambda c: without(c, "sessions"),
    "travel not square": lambda c: c["travel"][0].pop(),
    "negative way": lambda c: c["travel"][0].__setitem__(1, -3),
    "way not a number": lambda c: c["travel"][0].__setitem__(1, "5분"),
    "half a minute": lambda c: c["visits"][0].__setitem__("duration", 60.5),
    "unknown place": lambda c: c["visits"][0].__setitem__("loc", 999),
    "unknown dong": lambda c: c["sessions"][0].__setitem__("dong", "없는동"),
    "session ends before it starts": lambda c: c["sessions"][0].__setitem__("end", 10),
    "too long a session": lambda c: c["sessions"][0].__setitem__("max", 9),
    "session twice": lambda c: c["sessions"][1].__setitem__("id", c["sessions"][0]["id"]),
    "visit twice": lambda c: c["visits"][1].__setitem__("id", c["visits"][0]["id"]),
    "prize not a number": lambda c: c["visits"][0].__setitem__("prize", None),
    "prize not finite": lambda c: c["visits"][0].__setitem__("prize", float("nan")),
    "prize below zero": lambda c: c["visits"][0].__setitem__("prize", -1),
    "booked nowhere": lambda c: c["visits"][0].__setitem__("booked", [99, 600]),
    "booked at no time": lambda c: c["visits"][0].__setitem__("booked", [0]),
    "row too short": short_row,
    "price without a window": torn_table,
    "sessions no list": lambda c: c.__setitem__("sessions", {}),
    "needs no list": lambda c: c["visits"][0].__setitem__("needs", 5),
    "resources no list": lambda c: c["sessions"][0].__setitem__("resources", "간호사"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_refuses_a_bad_file_with_a_korean_sentence(how):
    content = copy.deepcopy(CONTENT)
    BREAKS[how](content)
    with pytest.raises(BadMonth) as refusal:
        problem_from(content)
    assert refusal.value.code.isupper()
    assert any("가" <= letter <= "힣" for letter in refusal.value.message)


@pytest.mark.parametrize("content", [None, [], 3, "글", {}])
def test_refuses_what_is_no_month_at_all(content):
    with pytest.raises(BadMonth):
        problem_from(content)


def renamed(content, session, visit):
    """The month with other ids, everywhere they stand."""
    content = copy.deepcopy(content)
    for row in content["sessions"]:
        row["id"] = session(row["id"])
    for row in content["visits"]:
        row["id"] = visit(row["id"])
        row["booked"] = row["booked"] and [session(row["booked"][0]), row["booked"][1]]
    return content


IDS = {
    "texts": (lambda n: f"회차 {n}", lambda n: f"방문 {n}"),
    "numbers as texts": (str, str),
    "fractions": (float, float),
    "a mixture": (lambda n: n if n % 2 else f"s{n}", lambda n: f"v{n}" if n % 2 else n),
}


@pytest.mark.parametrize("how", IDS)
def test_takes_ids_of_any_kind_and_gives_them_back(how):
    content = renamed(CONTENT, *IDS[how])
    plan = solve(problem_from(content))
    assert plan.objective == solve(problem_from(CONTENT)).objective
    assert set(plan.session_of) <= {visit["id"] for visit in content["visits"]}
    assert audit(content, {"routes": plan.routes}).violations == []


def test_finds_an_appointment_whose_session_is_written_as_text():
    content = copy.deepcopy(CONTENT)
    session = next(s for s, cost in enumerate(content["cost"][0]) if cost is not None)
    start = content["start_window"][0][session][0]
    content["visits"][0]["booked"] = [str(content["sessions"][session]["id"]), start]
    assert problem_from(content).booking_of(0) == session


OPTIONAL = {
    "visits": ("program", "dong", "release", "due", "tier", "needs", "booked", "halves", "weekdays", "window",
               "prev_pair", "pref"),
    "sessions": ("pair", "day", "half", "skills"),
}  # fmt: skip


@pytest.mark.parametrize("value", ["missing", None])
def test_solves_without_what_it_does_not_need(value):
    bare = copy.deepcopy(CONTENT)
    for visit in bare["visits"]:
        visit["booked"] = None
    content = copy.deepcopy(bare)
    for rows, names in OPTIONAL.items():
        for row in content[rows]:
            for name in names:
                row.pop(name)
                if value is None:
                    row[name] = None
    for name in ("name", "year", "month", "previous_plan", "outing_cost"):
        content.pop(name)
    assert solve(problem_from(content)).objective == solve(problem_from(bare)).objective


def test_plans_nothing_where_there_is_nothing_to_plan():
    content = copy.deepcopy(CONTENT) | {"visits": [], "cost": [], "start_window": []}
    assert solve(problem_from(content)).objective == 0
    content = copy.deepcopy(CONTENT)
    content["cost"] = [[None for _ in row] for row in content["cost"]]
    plan = solve(problem_from(content))
    assert (plan.objective, plan.proved) == (sum(visit["prize"] for visit in content["visits"]), True)


@pytest.mark.parametrize("packed", [False, True])
def test_solves_a_file_from_the_command_line(tmp_path, capsys, packed):
    month, output = tmp_path / "month.json.gz", tmp_path / "plan.json"
    text = json.dumps(CONTENT).encode()
    month.write_bytes(gzip.compress(text) if packed else text)
    call_command("solve_month", str(month), "-o", str(output), "--json")
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    plan = json.loads(output.read_text())
    assert answer["proved"]
    assert answer["gap"] == 0
    assert answer["objective"] == plan["objective"] == answer["lower_bound"]
    assert {"seconds", "cpu_seconds"} <= answer.keys()
    assert audit(CONTENT, plan).violations == []


PACKED = gzip.compress(json.dumps(CONTENT).encode())
REFUSED = {
    "half an object": (b"{", "FILE_NOT_JSON"),
    "no gzip": (b"\x1f\x8bno", "FILE_NOT_JSON"),
    "torn gzip": (PACKED[: len(PACKED) // 2], "FILE_NOT_JSON"),
    "damaged gzip": (PACKED[:40] + bytes(40) + PACKED[80:], "FILE_NOT_JSON"),
    "too deep": (b"[" * 200_000, "FILE_NOT_JSON"),
    "another alphabet": (b"\xff\xfe{}", "FILE_NOT_JSON"),
    "a bomb": (gzip.compress(b" " * (MOST_BYTES + 2), 1), "FILE_TOO_LARGE"),
    "an empty object": (b"{}", "FIELD_MISSING"),
    "no file": (None, "FILE_UNREADABLE"),
}


@pytest.mark.parametrize(("content", "code"), REFUSED.values(), ids=REFUSED)
def test_says_on_the_command_line_why_it_refuses(tmp_path, capsys, content, code):
    month = tmp_path / "month.json"
    if content is not None:
        month.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        call_command("solve_month", str(month), "-o", str(tmp_path / "plan.json"), "--json")
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert stop.value.code == 1
    assert answer["refused"] == code
    assert answer["message"]
    assert not (tmp_path / "plan.json").exists()


def test_gives_a_plan_that_keeps_all_rules_even_without_time():
    content = dong_month("종암동", "stress", 2015, 5, 3)
    problem = problem_from(content)
    plan = solve(problem, watchdog=0)
    found = audit(content, {"objective": plan.objective, "lower_bound": plan.lower_bound, "routes": plan.routes})
    assert (found.violations, found.bookings_kept) == ([], found.bookings)
    assert (plan.proved, plan.reproducible) == (False, False)
    assert plan.objective < problem.prizes.sum() / 2


def test_refuses_wrong_usage():
    with pytest.raises(CommandError):
        call_command("solve_month")
