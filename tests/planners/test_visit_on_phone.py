"""A visit on a phone: recorded in a cellar, in a tab that dies, on two devices at once; sent exactly once."""

import datetime as dt
import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from common.months import at_seoul, seoul_date
from planners import visits
from planners.models import Alarm, Receipt, Visit, VisitAnswer, VisitSignature
from planners.visit_sections import HEALTH, SOCIAL
from tests import factories as f
from tests.planners.recording import agree_to_screening, fill_in, offer_services, recorded, save

pytestmark = pytest.mark.django_db(transaction=True)

COUNT_PLAIN = """
async words => {
  const found = [];
  const look = (name, value) => { const text = typeof value === "string" ? value : JSON.stringify(value, (key, inner) =>
    inner instanceof ArrayBuffer ? new TextDecoder().decode(inner) : ArrayBuffer.isView(inner) ? new TextDecoder().decode(inner) : inner) || "";
    words.forEach(word => { if (text.includes(word)) found.push(`${name}: ${word}`); }); };
  let rows = 0;
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise(ok => { const q = indexedDB.open(name); q.onsuccess = () => ok(q.result); });
    for (const store of db.objectStoreNames) {
      const all = await new Promise(ok => { const q = db.transaction(store).objectStore(store).getAll(); q.onsuccess = () => ok(q.result); });
      rows += all.length;
      all.forEach(value => look(store, value));
    }
    db.close();
  }
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys())
    look(name, await (await caches.match(request)).text());
  look("localStorage", { ...localStorage });
  look("sessionStorage", { ...sessionStorage });
  return { rows, found };
}
"""
LEFT_BEHIND = """
async () => ({ databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length })
"""
OUTBOX = (
    "async () => [Outbox.state, navigator.onLine, ...(await Outbox.all()).map(row => [row.state, row.tried, row.url])]"
)
PACKED = "async () => { await navigator.serviceWorker.ready; return Boolean(await Outbox.meta('packed')); }"


@pytest.fixture
def day(pair, nurse):
    """Today's two visits: one under way, one still to begin."""
    offer_services()
    nurse.phone = "02-000-0101"
    nurse.save()
    today = seoul_date(timezone.now())
    under_way = f.standing_visit(pair, starts_at=at_seoul(today, dt.time(10)), person=home(pair, "박복례"))
    waiting = f.standing_visit(pair, starts_at=at_seoul(today, dt.time(11, 30)), person=home(pair, "정만식"))
    Visit.objects.filter(pk__in=[under_way.pk, waiting.pk]).update(on=today)
    visits.start(under_way, by=nurse, at=timezone.now())
    agree_to_screening(under_way, nurse)
    agree_to_screening(waiting, nurse)
    return Visit.objects.get(pk=under_way.pk), Visit.objects.get(pk=waiting.pk)


def home(pair, name):
    household = f.HouseholdFactory(dong=pair.dong, access_notes=["계단 3층", "귀가 어두움"])
    return f.PersonFactory(name=name, dong=pair.dong, household=household)


@pytest.fixture
def phone(new_context, sign_in):
    """A phone of its own for each call, signed in."""

    def open_phone(user) -> Page:
        context = new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
        page = context.new_page()
        sign_in(page, user)
        return page

    return open_phone


def record_url(visit, step):
    return f"/visits/{visit.uid}/record/{step}/"


def box(page, field, part="health"):
    return page.locator(f"[data-part='{part}'][data-field='{field}']")


def choose(page, field, words, part="health"):
    box(page, field, part).get_by_label(words, exact=True).click()


def write(page, field, text, part="health"):
    """Type into a field and wait until the device has it; typing pauses before it is kept."""
    box(page, field, part).locator("input[type=text], textarea").fill(text)
    until(page, f"async () => (await Outbox.all()).some(row => row.field === '{field}' && row.value === '{text}')")


def words(place):
    """What stands there, however it is spaced."""
    return "".join(place.text_content().split())


def until(page, promise, seconds=30):
    """Wait for a promise of something true (`wait_for_function` takes any promise for true)."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(promise):
        assert time.monotonic() < deadline, f"it did not happen: {promise}, {page.url} {page.evaluate(OUTBOX)}"
        page.wait_for_timeout(50)


def unsent(page, count):
    until(page, f"async () => (await Outbox.counts()).unsent === {count}")


def packed(page, path="/today/"):
    """Open the day list and wait until worker and pack are in place."""
    page.goto(path)
    until(page, PACKED)
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller")


def everything_sent(page):
    until(page, "async () => { await Outbox.atRest(); return (await Outbox.counts()).unsent === 0; }")


def stored(visit):
    rows = VisitAnswer.objects.filter(visit=visit)
    return {row.field: (row.value, row.version) for row in rows}


def saved_line(page):
    return page.locator("[data-step]:not([hidden]) .saved")


# ------------------------------------------------------------------ a day on the phone


def test_goes_from_the_list_to_the_signature(phone, day, nurse, axe):
    _, visit = day
    page = phone(nurse)
    page.goto("/today/")
    axe(page)
    page.get_by_role("link", name="정만식").first.click()
    expect(page.locator(".door-facts dt")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1")  # nothing to scroll
    axe(page)
    page.get_by_role("button", name="만남 · 방문 시작").click()
    page.wait_for_url(f"**{record_url(visit, 'basics')}")
    fill_in(visit, HEALTH, by=nurse, at=timezone.now())
    page.goto(record_url(visit, "health"))
    write(page, "vitals-systolic", "152")
    expect(page.locator("[data-instrument=vitals] [data-band]")).to_contain_text("주의")
    expect(page.locator("[data-instrument=vitals] [data-advice]")).to_contain_text("두 주 안에")
    everything_sent(page)
    page.get_by_role("button", name="다음: 욕구").click()
    page.get_by_role("button", name="다음: 마무리").click()
    expect(page).to_have_url(re.compile("closing"))
    choose(page, "judgement", "관리대상군")
    axe(page)
    page.get_by_role("button", name="내 구획 서명").click()
    expect(page.locator("[data-step=closing] .saved")).to_contain_text("서명함")
    assert VisitSignature.objects.get(visit=visit).by == nurse
    assert stored(visit)["vitals-systolic"] == (152, 2)


def test_draws_the_same_score_as_the_server(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    page.goto(record_url(visit, "health"))
    for n in range(1, 12):
        choose(page, f"depression-q{n}", "예")
    verdict = page.locator("[data-instrument=depression] [data-verdict]")
    expect(verdict.locator("[data-score]")).to_have_text("7")
    expect(verdict).to_contain_text("▲ 주의 6~9")
    expect(verdict).to_contain_text("남은 4문항에 따라 7~11점")
    everything_sent(page)
    assert len(stored(visit)) == 11
    drawn = words(verdict)
    page.reload()
    expect(verdict.locator("[data-score]")).to_have_text("7")
    assert words(verdict) == drawn


def test_takes_a_wrong_number_back_with_a_sentence(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    page.goto(record_url(visit, "health"))
    write(page, "vitals-systolic", "999")
    expect(box(page, "vitals-systolic").locator("[data-error]")).to_contain_text("50에서 280 사이")
    expect(saved_line(page)).to_contain_text("확인할 것 1건")
    write(page, "vitals-systolic", "124")
    until(page, "async () => (await Outbox.all()).every(row => row.value === '124')")
    page.locator("[data-outbox-open]").first.click()
    page.get_by_role("button", name="다시 보내기").click()
    everything_sent(page)
    assert stored(visit)["vitals-systolic"] == (124, 1)


def test_asks_for_a_named_colleague_the_moment_danger_is_chosen(phone, day, nurse, lead, axe):
    visit, _ = day
    page = phone(nurse)
    page.goto(record_url(visit, "health"))
    for item in ("wish", "thought", "plan"):
        choose(page, f"self_harm-{item}", "예")
    handoff = page.locator("[data-alarm]")
    expect(handoff).to_be_visible()
    everything_sent(page)
    assert Alarm.objects.get(visit=visit).receiver is None
    axe(page)
    handoff.get_by_role("link", name="넘겨받을 사람 고르기").click()
    page.get_by_role("button", name="지금 알리기").click()
    page.wait_for_url("**/visits/urgent/")
    assert Alarm.objects.get(visit=visit).receiver == lead


# ------------------------------------------------------------------ without a connection


def test_keeps_every_field_in_a_cellar_and_sends_each_once(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    packed(page)
    page.goto(record_url(visit, "health"))
    page.context.set_offline(True)
    write(page, "vitals-systolic", "148")
    write(page, "vitals-diastolic", "84")
    for n in range(1, 6):
        choose(page, f"depression-q{n}", "예")
    write(page, "health_advice", "짜지 않게 드시기로 함")
    unsent(page, 8)
    expect(saved_line(page)).to_contain_text("기기에 저장됨")
    expect(saved_line(page)).to_contain_text("보낼 것 8건")
    assert stored(visit) == {}
    page.context.set_offline(False)
    everything_sent(page)
    expect(saved_line(page)).to_contain_text("✓ 저장됨")
    found = stored(visit)
    assert found["vitals-systolic"] == (148, 1)
    assert found["health_advice"] == ("짜지 않게 드시기로 함", 1)
    assert len(found) == 8
    assert Receipt.objects.filter(visit=visit, act="answer").count() == 8


def test_comes_back_after_the_tab_was_killed_without_a_connection(phone, day, nurse):
    visit, waiting = day
    page = phone(nurse)
    packed(page)
    page.goto(record_url(visit, "health"))
    write(page, "vitals-systolic", "130")
    everything_sent(page)
    context = page.context
    context.set_offline(True)
    write(page, "vitals-systolic", "148")
    write(page, "health_advice", "물을 자주 드시기로 함")
    unsent(page, 2)
    page.close()

    page = context.new_page()
    page.goto("/today/")
    expect(page.get_by_role("heading", name="박복례")).to_be_visible()
    expect(page.locator("[data-offline]").first).to_contain_text("기기에 암호화 저장 2건")
    expect(page.locator("[data-unsent]")).to_contain_text("보내기 전 2건")
    page.goto(record_url(visit, "health"))
    expect(box(page, "vitals-systolic").locator("input[type=text]")).to_have_value("148")
    expect(box(page, "health_advice").locator("textarea")).to_have_value("물을 자주 드시기로 함")
    choose(page, "dementia-result", "정상")
    unsent(page, 3)

    # another visit begins in the same cellar
    page.goto(f"/visits/{waiting.uid}/")
    page.get_by_role("button", name="만남 · 방문 시작").click()
    page.wait_for_url("**/record/**")
    unsent(page, 4)
    page.goto(record_url(waiting, "health"))
    write(page, "vitals-systolic", "121")
    unsent(page, 5)

    context.set_offline(False)
    page.wait_for_load_state()
    everything_sent(page)
    assert stored(visit)["vitals-systolic"] == (148, 2)
    assert stored(visit)["health_advice"] == ("물을 자주 드시기로 함", 1)
    assert stored(visit)["dementia-result"] == ("normal", 1)
    assert stored(waiting) == {"vitals-systolic": (121, 1)}
    waiting.refresh_from_db()
    assert waiting.state == Visit.State.STARTED
    assert waiting.events.filter(act="started").count() == 1


def test_stores_once_what_the_server_answered_into_the_void(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    page.goto(record_url(visit, "health"))
    until(page, PACKED)
    lost, is_back = [], []

    def lose_the_answer(route):
        if is_back:
            return route.continue_()
        route.fetch()
        lost.append(route.request.headers["idempotency-key"])
        return route.abort()

    page.route("**/answers/health/", lose_the_answer)
    write(page, "vitals-systolic", "148")
    until(page, "async () => (await Outbox.counts()).unsent === 1 && Outbox.state === 'offline'")
    assert stored(visit)["vitals-systolic"] == (148, 1)
    write(page, "vitals-systolic", "149")  # typed again before the answer was known
    is_back.append(True)
    page.evaluate("Offline.send()")
    everything_sent(page)
    assert stored(visit)["vitals-systolic"] == (149, 2)
    assert Receipt.objects.filter(visit=visit).count() == 2
    assert len(lost) >= 1


def test_loses_nothing_that_was_written_before_the_key_had_come(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    held = []
    page.route("**/offline/key/", lambda route: held.append(route))
    page.goto(record_url(visit, "health"))
    choose(page, "depression-q1", "예")
    write(page, "vitals-systolic", "148")
    until(page, "async () => (await Outbox.counts()).sealed === false")
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    until(page, "async () => Boolean(await Outbox.meta('key'))")
    choose(page, "depression-q2", "예")
    everything_sent(page)
    until(page, "async () => (await Outbox.counts()).sealed")
    assert stored(visit) == {"depression-q1": ("yes", 1), "depression-q2": ("yes", 1), "vitals-systolic": (148, 1)}


def test_keeps_only_ciphertext_on_the_phone(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    packed(page)
    page.goto(record_url(visit, "health"))
    page.context.set_offline(True)
    write(page, "health_advice", "아무도 모르게 하고 싶음")
    unsent(page, 1)
    seen = page.evaluate(COUNT_PLAIN, ["박복례", "정만식", "아무도 모르게", "010-0000", "장위로", "depression"])
    assert seen["rows"] > 4
    assert seen["found"] == []
    page.context.set_offline(False)
    everything_sent(page)


def test_leaves_nothing_behind_after_signing_out(phone, day, nurse):
    page = phone(nurse)
    packed(page)
    page.locator(".menu-all summary").click()
    page.locator(".menu-all [data-signout] button").click()
    page.wait_for_url("**/login/**")
    assert page.evaluate(LEFT_BEHIND) == {"databases": 0, "caches": 0, "workers": 0}


def test_asks_before_signing_out_over_unsent_work(phone, day, nurse):
    visit, _ = day
    page = phone(nurse)
    packed(page)
    page.goto(record_url(visit, "health"))
    page.context.set_offline(True)
    write(page, "vitals-systolic", "148")
    unsent(page, 1)
    page.locator(".menu-all summary").click()
    page.locator(".menu-all [data-signout] button").click()
    expect(page.locator("#confirm")).to_contain_text("보내지 않은 기록이 1건")
    page.locator("#confirm").get_by_role("button", name="그만두기").click()
    unsent(page, 1)


# ------------------------------------------------------------------ two devices, and a session that ends


def test_shows_both_values_when_two_devices_wrote(phone, day, nurse, axe):
    visit, _ = day
    first, second = phone(nurse), phone(nurse)
    for page in (first, second):
        page.goto(record_url(visit, "health"))
        until(page, PACKED)
    first.context.set_offline(True)
    write(first, "vitals-systolic", "150")
    write(first, "vitals-diastolic", "90")
    unsent(first, 2)
    write(second, "vitals-systolic", "130")
    write(second, "vitals-diastolic", "80")
    everything_sent(second)
    first.context.set_offline(False)
    clash = box(first, "vitals-systolic").locator(".clash")
    expect(clash).to_contain_text("150mmHg")
    expect(clash).to_contain_text("130mmHg")
    expect(saved_line(first)).to_contain_text("확인할 것 2건")
    axe(first)
    clash.get_by_role("button", name=re.compile("내가 적은 것")).click()
    box(first, "vitals-diastolic").locator(".clash").get_by_role("button", name=re.compile("저장된 것")).click()
    everything_sent(first)
    assert stored(visit) == {"vitals-systolic": (150, 2), "vitals-diastolic": (80, 1)}
    expect(box(first, "vitals-diastolic").locator("input[type=text]")).to_have_value("80")


def test_keeps_the_text_and_says_so_when_the_session_ends(phone, day, nurse, sign_in):
    visit, _ = day
    page = phone(nurse)
    page.goto(record_url(visit, "health"))
    until(page, PACKED)
    Session.objects.all().delete()
    write(page, "health_advice", "사흘 뒤 전화하기로 함")
    expect(page.locator("[data-signed-out]")).to_be_visible()
    expect(saved_line(page)).to_contain_text("로그인이 끝났습니다")
    expect(box(page, "health_advice").locator("textarea")).to_have_value("사흘 뒤 전화하기로 함")
    assert stored(visit) == {}
    sign_in(page, nurse)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    everything_sent(page)
    expect(page.locator("[data-signed-out]")).to_be_hidden()
    assert stored(visit)["health_advice"] == ("사흘 뒤 전화하기로 함", 1)


# ------------------------------------------------------------------ without script, and for those who look


def test_works_without_script(new_context, sign_in, day, social):
    visit, _ = day
    context = new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, social)
    page.goto(record_url(visit, "basics"))
    for row in ("가족", "주거", "수입", "빚", "일"):
        assert page.locator(".factbox", has_text=row).first.get_attribute("open") is not None
    for name, value in [("family_type", "alone"), ("housing_type", "monthly"), ("debt", "none"), ("work", "resting")]:
        page.locator(f"[name='social-{name}'][value='{value}']").check(force=True)
    page.locator("[name='social-income_sources'][value='basic_pension']").check(force=True)
    page.get_by_role("button", name="다음: 안내").click()
    for service in page.locator("[data-step=services] fieldset").all():
        service.locator("input[value=explained]").check(force=True)
    page.get_by_role("button", name="다음: 건강").click()
    page.goto(record_url(visit, "needs"))
    page.locator("[name='social-welfare_needs'][value='none']").check(force=True)
    page.get_by_role("button", name="다음: 마무리").click()
    page.locator("[name='social-volunteer'][value='no']").check(force=True)
    page.locator("[name='social-judgement'][value='normal']").check(force=True)
    page.get_by_role("button", name="내 구획 서명").click()
    assert VisitSignature.objects.get(visit=visit).part == SOCIAL
    page.close()  # without script it cannot be asked anything at the end
    assert stored(visit)["family_type"] == ("alone", 1)


def test_shows_a_conflict_without_script_too(new_context, sign_in, day, social):
    visit, _ = day
    context = new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, social)
    page.goto(record_url(visit, "needs"))
    save(visit, SOCIAL, "welfare_words", "월세가 밀렸어요", by=social, at=timezone.now())
    page.locator("#social-welfare_words").fill("다리가 아파요")
    page.get_by_role("button", name="다음: 마무리").click()
    clash = page.locator(".clash")
    expect(clash).to_contain_text("월세가 밀렸어요")
    expect(clash).to_contain_text("다리가 아파요")
    assert stored(visit)["welfare_words"] == ("월세가 밀렸어요", 1)
    page.get_by_role("button", name="다음: 마무리").click()
    page.close()
    assert stored(visit)["welfare_words"] == ("다리가 아파요", 2)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_is_accessible_on_every_page(new_context, sign_in, day, nurse, social, lead, pair, axe, width):
    visit, waiting = day
    now = timezone.now()
    done = recorded(pair, starts_at=now - dt.timedelta(days=3), at=now, social={"welfare_needs": ["meals"]})
    context = new_context(viewport={"width": width, "height": 900})
    for user, paths in [
        (nurse, ["/today/", "/today/?on=2031-01-01", f"/visits/{waiting.uid}/not-met/", f"/visits/{done.uid}/"]),
        (nurse, [record_url(visit, "health"), "/visits/urgent/", f"/visits/{visit.uid}/alarm/"]),
        (social, [record_url(visit, step) for step in ("basics", "services", "health", "needs", "closing")]),
        (lead, ["/case-meeting/", f"/visits/{done.uid}/"]),
    ]:
        page = context.new_page()
        sign_in(page, user)
        for path in paths:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
            axe(page)
        page.close()
