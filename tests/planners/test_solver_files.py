"""Month files: read plain or gzipped, refused with a sentence when they cannot be trusted."""

import copy
import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from bench.scheduler.audit import audit
from bench.scheduler.generator import tiny_month
from planners.solver.month_file import BadMonth, problem_from

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
    "no outing cost": lambda c: without(c, "outing_cost"),
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


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"{", "FILE_NOT_JSON"), (b"\x1f\x8bno", "FILE_NOT_JSON"), (b"{}", "FIELD_MISSING"), (None, "FILE_UNREADABLE")],
)
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


def test_refuses_wrong_usage():
    with pytest.raises(CommandError):
        call_command("solve_month")
