"""A list in the register: added, changed, moved, unchanged, held, undone; once, twice, and in a race."""

import datetime as dt
import threading

import pytest
from django.conf import settings
from django.db import connection

from centers import jobs
from centers.access import Scope
from centers.models import Job
from common.refusals import Refusal
from planners import residents, tasks_imports
from planners.lists import import_answers, import_files, import_undo, list_import, resident_writing
from planners.lists.list_reading import Stage, drop_strays
from planners.models import Benefit, ImportBatch, ImportChange, ImportIssue, Membership, Person, RegisterEvent
from tests import factories as f

from . import dirt

PATTERN = Stage.rows_pattern
HEAD = ["성명", "주민등록번호", "생년월일", "성별", "행정동", "통", "반", "주소", "휴대전화", "자택전화", "복지급여"]
KIM = [
    "김영수",
    "500301-1234567",
    "1950-03-01",
    "남",
    "장위1동",
    3,
    1,
    "돌곶이로 40길 8",
    "010-1234-5678",
    "",
    "기초연금",
]
LEE = ["이순자", "480707-2234567", "1948-07-07", "여", "장위1동", 4, 2, "장위로 3", "010-2222-3333", "02-923-4567", ""]
ON, AT = f.TODAY, f.NOW


@pytest.fixture(autouse=True)
def private_files(tmp_path, settings):
    settings.PRIVATE_FILES = tmp_path / "files"


@pytest.fixture(autouse=True)
def places(dong, other_dong):
    drop_strays(set())
    return dong, other_dong


def received(rows, by, **given):
    kept = import_files.keep([dirt.xlsx({"명부": [HEAD, *rows]})])
    return list_import.receive(kept, file_name="명부.xlsx", by=by, at=AT, **given)


def staged(rows, by, **given):
    return list_import.stage(received(rows, by, **given), on=ON)


def applied(rows, by, **given):
    batch = list_import.begin_applying(staged(rows, by, **given), by=by)
    return list_import.apply(batch, by=by, on=ON, at=AT)


def changed(row, **cells):
    row = list(row)
    for heading, value in cells.items():
        row[HEAD.index(heading)] = value
    return row


def stage_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname ~ %s", [rf"^{PATTERN}_\d"])
        return cursor.fetchone()[0]


def parts(batch):
    return {name: batch.counts[name] for name in import_answers.PARTS if batch.counts[name]}


@pytest.mark.django_db(transaction=True)
class TestList:
    def test_adds_people_with_households_benefits_and_search_keys(self, officer, dong):
        batch = applied([KIM, LEE], officer, extracted_on=dt.date(2015, 1, 1))
        assert batch.state == "applied"
        assert parts(batch) == {"added": 2, "skipped": 1}
        kim = Person.objects.get(name="김영수")
        assert (kim.birth_on, kim.sex, kim.dong, kim.tong, kim.ban) == (dt.date(1950, 3, 1), "M", dong, 3, 1)
        assert (kim.mobile, kim.address, kim.source_batch) == ("010-1234-5678", "돌곶이로 40길 8", batch)
        assert kim.name_choseong == "ㄱㅇㅅ"
        assert kim.name_bigrams == ["김영", "영수"]
        assert kim.match_key == residents.match_key("김영수", kim.birth_on, "M")
        assert kim.household.address == "돌곶이로 40길 8"
        assert Membership.objects.get(person=kim).valid_from == dt.date(2015, 1, 1)
        assert Benefit.objects.get(person=kim).category == "basic_pension"

    def test_knows_the_size_of_a_register_that_grew_at_once(self, officer, monkeypatch):
        """Otherwise the checks of foreign keys at the end of a great list read a whole index for each row."""
        monkeypatch.setattr(resident_writing, "ANALYZE_FROM", 1)
        applied([KIM, LEE], officer)
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'planners_person'")
            assert cursor.fetchone()[0] == Person.objects.count() > 0

    def test_changes_nothing_the_second_time(self, officer):
        applied([KIM, LEE], officer)
        before = list(Person.objects.order_by("pk").values())
        batch = applied([KIM, LEE], officer)
        assert parts(batch) == {"unchanged": 2, "skipped": 1}
        assert list(Person.objects.order_by("pk").values()) == before
        assert Benefit.objects.count() == 1
        assert not batch.changes.exists()

    def test_changes_only_what_differs_and_erases_nothing(self, officer):
        applied([KIM, LEE], officer)
        batch = applied([changed(KIM, 휴대전화="010-9999-0000"), changed(LEE, 자택전화="", 휴대전화="")], officer)
        assert parts(batch) == {"changed": 1, "unchanged": 1, "skipped": 1}
        assert Person.objects.get(name="김영수").mobile == "010-9999-0000"
        assert Person.objects.get(name="이순자").phone == "02-923-4567"
        change = batch.changes.get()
        assert change.before["mobile"] == "010-1234-5678"
        assert change.after == {"mobile": "010-9999-0000"}
        assert Person.history.rel.related_model.objects.filter(mobile="010-9999-0000").exists()

    def test_carries_a_person_to_another_dong_with_the_open_targets(self, officer, other_dong):
        applied([KIM], officer)
        kim = Person.objects.get()
        target = f.TargetFactory(person=kim, dong=kim.dong)
        batch = applied([changed(KIM, 행정동="월곡1동", 주소="월곡로 1")], officer)
        assert parts(batch) == {"moved": 1, "skipped": 1}
        kim.refresh_from_db()
        target.refresh_from_db()
        assert kim.dong == target.dong == other_dong
        assert kim.household.address == "월곡로 1"
        assert [m.household.address for m in kim.memberships.filter(valid_to=None)] == ["월곡로 1"]
        assert RegisterEvent.objects.get(person=kim).kind == "moved_within"

    def test_knows_a_person_whose_address_is_only_written_differently(self, officer):
        applied([KIM], officer)
        batch = applied([changed(KIM, 주소="서울특별시 성북구 돌곶이로40길 8 (장위동)")], officer)
        assert parts(batch) == {"unchanged": 1, "skipped": 1}

    def test_keeps_what_a_person_corrected(self, officer, social):
        applied([KIM], officer)
        kim = Person.objects.get()
        residents.correct(kim, {"mobile": "010-7777-7777"}, reason="방문 때 확인", on=ON, by=social, at=AT)
        batch = applied([changed(KIM, 휴대전화="010-8888-8888")], officer)
        assert parts(batch) == {"unchanged": 1, "skipped": 1}
        assert batch.report["held"] == 1
        kim.refresh_from_db()
        assert kim.mobile == "010-7777-7777"

    def test_adds_namesakes_and_says_so(self, officer):
        applied([KIM], officer)
        other = changed(KIM, 주민등록번호="500301-1999999", 주소="화랑로 77", 휴대전화="010-5555-5555")
        batch = applied([KIM, other], officer)
        assert parts(batch) == {"added": 1, "unchanged": 1, "skipped": 1}
        assert batch.issues.get(code="POSSIBLE_DUP").row == 3
        assert Person.objects.count() == 2
        again = applied([other, KIM], officer)
        assert parts(again) == {"unchanged": 2, "skipped": 1}

    def test_brings_back_who_had_moved_away_but_not_the_dead(self, officer, social):
        applied([KIM, LEE], officer)
        residents.move_out(Person.objects.get(name="김영수"), on=dt.date(2014, 12, 1), by=social, at=AT)
        residents.died(Person.objects.get(name="이순자"), on=ON, by=social, at=AT)
        batch = applied([KIM, LEE], officer, extracted_on=dt.date(2015, 1, 10))
        assert parts(batch) == {"moved": 1, "unchanged": 1, "skipped": 1}
        assert Person.objects.get(name="김영수").status == "resident"
        assert Person.objects.get(name="이순자").status == "deceased"

    def test_finds_repeats_by_number_and_by_person(self, officer):
        rows = [
            KIM,
            changed(KIM, 성명=" 김 영수", 생년월일="50.3.1"),
            changed(KIM, 성명="김영호"),
            changed(KIM, 주민등록번호=""),
            changed(KIM, 주민등록번호="", 휴대전화="010-1111-1111"),
            changed(KIM, 주민등록번호="500301-1234568", 성명="김영철"),
        ]
        batch = staged(rows, officer)
        codes = {i.row: i.code for i in batch.issues.filter(level="reject")}
        assert codes == {3: "DUP_EXACT", 4: "DUP_CONFLICT", 5: "DUP_EXACT", 6: "DUP_CONFLICT"}
        assert parts(batch) == {"added": 2, "rejected": 4, "skipped": 1}

    def test_takes_two_numbers_at_one_address_for_two_people(self, officer):
        rows = [KIM, changed(KIM, 주민등록번호="500301-1999999")]
        batch = applied(rows, officer)
        assert parts(batch) == {"added": 2, "skipped": 1}
        assert batch.issues.get(code="POSSIBLE_DUP").row == 3
        assert parts(applied(rows, officer)) == {"unchanged": 2, "skipped": 1}

    def test_keeps_no_registration_number_anywhere(self, officer):
        batch = staged(
            [
                KIM,
                changed(LEE, 주민등록번호="480707-22345"),
                changed(LEE, 성명="박말자", 주소="장위로 9 (480707-2234999)"),
            ],
            officer,
        )
        seen = [str(row) for row in ImportIssue.objects.values()] + [str(batch.report), str(batch.counts)]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {PATTERN}_{batch.report['stage']}")
            seen += [str(row) for row in cursor.fetchall()]
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND NOT attisdropped",
                [f"{PATTERN}_{batch.report['stage']}"],
            )
            assert "number_key" not in {name for (name,) in cursor.fetchall()}
        stored = (settings.PRIVATE_FILES / "imports" / batch.file).read_bytes()
        for text in ("1234567", "22345", "2234999", "500301-1"):
            assert not any(text in part for part in seen)
            assert text.encode() not in stored

    def test_forgets_file_and_staging_once_applied_or_cancelled(self, officer):
        first = applied([KIM], officer)
        second = list_import.cancel(staged([KIM], officer))
        for batch in (first, second):
            batch.refresh_from_db()
            assert batch.file == ""
        assert not list((settings.PRIVATE_FILES / "imports").iterdir())
        assert stage_tables() == 0

    def test_erases_what_nobody_confirmed(self, officer):
        batch = staged([KIM], officer)
        import_files.keep([b"stray"])
        done = list_import.forget_abandoned(on=ON + dt.timedelta(8), at=AT + dt.timedelta(days=20000))
        assert done == {"cancelled": 1, "files": 1, "tables": 0}
        batch.refresh_from_db()
        assert batch.state == "cancelled"
        assert stage_tables() == 0

    def test_forgets_the_file_although_the_process_died_after_its_commit(self, officer, monkeypatch):
        monkeypatch.setattr(list_import, "_forget", lambda batch: None)
        batch = applied([KIM], officer)
        assert import_files.exists(batch.file)
        monkeypatch.undo()
        list_import.forget_abandoned(on=ON, at=AT)
        batch.refresh_from_db()
        assert batch.file == ""
        assert stage_tables() == 0

    def test_remembers_the_clerks_own_mapping(self, officer):
        batch = staged([KIM], officer)
        mobile, phone = HEAD.index("휴대전화"), HEAD.index("자택전화")
        chosen = {c["index"]: c["field"] for c in batch.report["columns"]} | {mobile: "", phone: "mobile"}
        batch = list_import.remap(batch, chosen, sheet=None, by=officer, at=AT)
        batch = list_import.stage(batch, on=ON)
        assert "휴대전화" not in batch.mapping
        again = staged([KIM], officer)
        assert "휴대전화" not in again.mapping
        assert again.report["is_remembered"]

    def test_refuses_a_mapping_without_a_name(self, officer):
        batch = staged([KIM], officer)
        batch = list_import.remap(batch, {0: ""}, sheet=None, by=officer, at=AT)
        with pytest.raises(Refusal) as refusal:
            list_import.stage(batch, on=ON)
        assert refusal.value.code == "HEADER_NOT_FOUND"


@pytest.mark.django_db(transaction=True)
class TestUndo:
    def test_takes_everything_back(self, officer):
        applied([KIM, LEE], officer)
        before = {p["name"]: p for p in Person.objects.values()}
        members = sorted(Membership.objects.values_list("person_id", "household_id", "valid_to"))
        park = changed(KIM, 성명="박철수", 주민등록번호="510301-1234567", 생년월일="1951-03-01", 주소="석관로 1")
        batch = applied(
            [changed(KIM, 행정동="월곡1동", 주소="월곡로 1"), changed(LEE, 통=9, 복지급여="한부모"), park], officer
        )
        assert parts(batch) == {"added": 1, "changed": 1, "moved": 1, "skipped": 1}
        batch, reverted = import_undo.undo(batch, by=officer, reason="잘못된 파일", on=ON, at=AT)
        assert (batch.state, reverted) == ("undone", 3)
        after = {p["name"]: p for p in Person.objects.values()}
        ignored = {"version"}
        assert {n: {k: v for k, v in p.items() if k not in ignored} for n, p in after.items()} == {
            n: {k: v for k, v in p.items() if k not in ignored} for n, p in before.items()
        }
        assert sorted(Membership.objects.values_list("person_id", "household_id", "valid_to")) == members
        assert set(Benefit.objects.values_list("category", flat=True)) == {"basic_pension"}
        assert not ImportChange.objects.filter(person__name="박철수").exists()

    def test_gives_the_same_result_when_applied_once_more(self, officer):
        batch = applied([KIM, LEE], officer)
        import_undo.undo(batch, by=officer, reason="다시", on=ON, at=AT)
        assert Person.objects.count() == 0
        assert parts(applied([KIM, LEE], officer)) == {"added": 2, "skipped": 1}

    def test_refuses_once_a_visit_stands_on_it(self, officer):
        batch = applied([KIM], officer)
        f.TargetFactory(person=Person.objects.get(), dong=Person.objects.get().dong)
        with pytest.raises(Refusal) as refusal:
            import_undo.undo(batch, by=officer, reason="까닭", on=ON, at=AT)
        assert refusal.value.code == "CANNOT_UNDO"
        assert Person.objects.count() == 1

    def test_refuses_once_a_later_list_changed_it(self, officer):
        batch = applied([KIM], officer)
        later = applied([changed(KIM, 통=9)], officer)
        with pytest.raises(Refusal):
            import_undo.undo(batch, by=officer, reason="까닭", on=ON, at=AT)
        import_undo.undo(later, by=officer, reason="까닭", on=ON, at=AT)

    def test_wants_a_reason(self, officer):
        with pytest.raises(Refusal) as refusal:
            import_undo.undo(applied([KIM], officer), by=officer, reason=" ", on=ON, at=AT)
        assert refusal.value.code == "REASON_MISSING"


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_applies_once_however_often_it_is_confirmed(self, officer):
        batch = staged([KIM, LEE], officer)
        batch = list_import.begin_applying(batch, by=officer)
        failures, barrier = [], threading.Barrier(2)

        def confirm():
            barrier.wait()
            try:
                list_import.apply(batch, by=officer, on=ON, at=AT)
            except Refusal as refusal:
                failures.append(refusal.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=confirm) for _ in range(2)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert failures == ["WRONG_STATE"]
        assert Person.objects.count() == 2

    def test_stops_when_the_register_changed_after_the_preview(self, officer):
        batch = staged([KIM, LEE], officer)
        applied([KIM], officer)
        batch = list_import.begin_applying(batch, by=officer)
        with pytest.raises(Refusal) as refusal:
            list_import.apply(batch, by=officer, on=ON, at=AT)
        assert refusal.value.code == "STALE_PREVIEW"
        batch = list_import.back_to_preview(batch, on=ON)
        assert parts(batch) == {"added": 1, "unchanged": 1, "skipped": 1}
        list_import.apply(list_import.begin_applying(batch, by=officer), by=officer, on=ON, at=AT)
        assert Person.objects.count() == 2

    def test_writes_nothing_when_killed_inside_apply(self, officer, monkeypatch):
        batch = list_import.begin_applying(staged([KIM, LEE], officer), by=officer)
        from planners.lists import resident_writing

        def die(*args, **kwargs):
            raise SystemExit

        monkeypatch.setattr(resident_writing, "_grant", die)
        with pytest.raises(SystemExit):
            list_import.apply(batch, by=officer, on=ON, at=AT)
        monkeypatch.undo()
        assert Person.objects.count() == Membership.objects.count() == 0
        batch.refresh_from_db()
        assert batch.state == "applying"
        list_import.apply(batch, by=officer, on=ON, at=AT)
        assert Person.objects.count() == 2

    def test_finishes_by_jobs_even_when_a_worker_dies_between_phases(self, officer):
        batch = received([KIM, LEE], officer)
        job = tasks_imports.open_staging(batch, by=officer, at=AT)
        lost = jobs.claim(job.pk, at=AT)  # a worker that takes the job and dies
        list_import.begin_staging(batch)
        Job.objects.filter(pk=job.pk).update(lease_until=AT)
        [again] = jobs.overdue(at=dt.datetime.now(dt.UTC))
        assert jobs.run(again.pk, at=AT, heartbeat=False).state == "done"
        batch.refresh_from_db()
        assert parts(batch) == {"added": 2, "skipped": 1}
        with pytest.raises(jobs.LeaseLost):
            tasks_imports.stage(lost)
        batch.refresh_from_db()
        assert batch.state in ("staged", "staging")
        assert stage_tables() == 1

    def test_leaves_a_batch_alone_that_a_late_run_finds_applied(self, officer):
        batch = staged([KIM], officer)
        batch = list_import.begin_applying(batch, by=officer)
        job = tasks_imports.open_applying(batch, by=officer, at=AT)
        assert jobs.run(job.pk, at=AT, heartbeat=False).state == "done"
        Job.objects.filter(pk=job.pk).update(state="waiting", lease_token=None)
        assert jobs.run(job.pk, at=AT, heartbeat=False).result == {"state": "applied"}
        assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
class TestRights:
    def test_rejects_rows_of_a_dong_that_is_not_ones_own(self, officer, lead, dong, monkeypatch):
        """A role that may import for its own dong only, should the matrix ever have one."""
        from centers import roles

        monkeypatch.setitem(roles.MATRIX["TL"], "import", "RW d")
        roles.grants.cache_clear()
        roles.scopes.cache_clear() if hasattr(roles.scopes, "cache_clear") else None
        try:
            batch = list_import.stage(
                received([KIM, changed(LEE, 행정동="월곡1동")], lead), on=ON, scope=Scope.of(lead, ON)
            )
        finally:
            monkeypatch.undo()
            roles.grants.cache_clear()
        assert batch.issues.get(level="reject").code == "OTHER_DONG"
        assert parts(batch) == {"added": 1, "rejected": 1, "skipped": 1}

    def test_needs_a_second_person_where_the_office_says_so(self, officer, office, settings):
        settings.IMPORT_NEEDS_SECOND_PERSON = True
        batch = staged([KIM], officer)
        with pytest.raises(Refusal) as refusal:
            list_import.begin_applying(batch, by=officer)
        assert refusal.value.code == "NEEDS_SECOND_PERSON"
        assert list_import.begin_applying(batch, by=office).state == "applying"

    def test_shows_a_batch_only_to_those_it_concerns(self, officer, lead, lead_elsewhere, privacy, scope_of, dong):
        batch = staged([KIM], officer, dong=dong)
        seen = {
            u.username: ImportBatch.objects.visible_to(scope_of(u)).filter(pk=batch.pk).exists()
            for u in (officer, lead, lead_elsewhere, privacy)
        }
        assert seen == {"officer": True, "lead": True, "lead_elsewhere": False, "privacy": True}


def test_seals_files_against_change_and_cutting(settings, tmp_path):
    kept = import_files.keep([b"a" * 3_000_000, b"b" * 10])
    assert kept.size == 3_000_010
    assert b"".join(import_files.blocks_of(kept.name)) == b"a" * 3_000_000 + b"b" * 10
    path = import_files.folder() / kept.name
    sealed = path.read_bytes()
    assert b"aaaa" not in sealed
    for broken in (sealed[:-20], sealed[: 1 << 20], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        path.write_bytes(broken)
        with pytest.raises(Exception, match="cannot be opened"):
            list(import_files.blocks_of(kept.name))
