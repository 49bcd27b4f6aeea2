"""Chapter 4: the pair at the door, each with a phone, writing one record at the same time."""

from playwright.sync_api import Locator, Page, expect

from planners.models import Visit, VisitAnswer
from planners.visit_sections import HEALTH, SOCIAL
from tests.planners.recording import CALM

#: a widower who sleeps badly and cannot pay for heating
WORRYING = CALM | {
    "depression-q1": "no",
    "depression-q2": "yes",
    "depression-q3": "yes",
    "depression-q4": "yes",
    "depression-q5": "no",
    "depression-q6": "yes",
    "depression-q7": "no",
    "depression-q8": "yes",
    "depression-q11": "no",
    "family_type": "alone",
    "housing_type": "monthly",
    "debt": "some",
    "welfare_needs": ["living", "company"],
    "welfare_main": "company",
    "judgement": "managed",
}


def day_list(page: Page, look, visits: list[Visit], name: str) -> None:
    """The day in walking order, the partner's name on top, whoever is next with one button."""
    page.goto("/today/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{len(visits)}곳")
    for visit in visits:
        expect(page.locator(f"[data-visit='{visit.uid}']")).to_contain_text(visit.person.name)
    look(page, name)


def start(page: Page, look, visit: Visit, name: str = "") -> None:
    """Eight facts before the door, then met."""
    page.goto(f"/visits/{visit.uid}/")
    expect(page.locator(".door-facts > div")).to_have_count(8)
    if name:
        look(page, name)
    page.get_by_role("button", name="만남 · 방문 시작").tap()
    page.locator("[data-record]").wait_for()
    visit.refresh_from_db()
    assert visit.state == Visit.State.STARTED


def record_together(nurse: Page, social: Page, look, visit: Visit, answers: dict, eventually, name: str = "") -> None:
    """Both write at the same time, a step each in turn; what is typed is kept before any button is pressed."""
    for page in (nurse, social):
        page.goto(f"/visits/{visit.uid}/")
        page.locator("[data-record]").wait_for()
    steps = social.locator("[data-step-of]").evaluate_all("items => items.map(item => item.dataset.stepOf)")
    for number, step in enumerate(steps):
        for page, part in ((social, SOCIAL), (nurse, HEALTH)):
            go_to(page, step)
            fill_in(page, part, answers)
            if name:
                look(page, f"{name}-{number + 1}-{step}-{part}")
    social.locator("textarea[name='social-wishes']").fill("난방비가 걱정이라고 하심")
    eventually(lambda: VisitAnswer.objects.filter(visit=visit, field="wishes").exists())
    for page in (nurse, social):
        go_to(page, steps[-1])
        expect(page.locator("[data-step]:visible [data-saved]")).to_contain_text("저장됨")
    kept = {(row.part, row.field): row.value for row in visit.answers.all()}
    for (part, field), value in kept.items():
        if field in answers:
            wanted = answers[field]
            assert value == wanted, f"{part} {field}: {wanted} was answered, {value} was kept"


def sign(page: Page, look, visit: Visit, part: str, name: str = "") -> None:
    page.get_by_role("button", name="내 구획 서명").tap()
    expect(page.locator("main")).to_contain_text("서명함")
    page.wait_for_load_state()
    assert visit.signatures.filter(part=part).exists()
    look(page, name)


def go_to(page: Page, step: str) -> None:
    page.locator(f"[data-step-of='{step}'] a").tap()
    expect(page.locator(f"[data-step='{step}']")).to_be_visible()


def fill_in(page: Page, part: str, answers: dict) -> None:
    """Answer what the step on the screen asks of this part, until nothing is asked any more."""
    done: set[str] = set()
    while waiting := [box for box in _asked(page, part) if box["field"] not in done]:
        field, kind = waiting[0]["field"], waiting[0]["kind"]
        done.add(field)
        required = waiting[0]["required"]
        if not required and field not in answers:
            continue
        box = page.locator(f"[data-step]:visible [data-part='{part}'][data-field='{field}']")
        _answer(box, kind, answers.get(field))


ASKED = """
part => [...document.querySelectorAll(`[data-step]:not([hidden]) [data-field][data-part="${part}"]`)]
  .filter(box => !("unasked" in box.dataset) && !box.closest("[data-waiting]") && !box.dataset.field.endsWith("-skipped"))
  .map(box => ({field: box.dataset.field, kind: box.dataset.kind, required: "required" in box.dataset}))
"""


def _asked(page: Page, part: str) -> list[dict]:
    return page.evaluate(ASKED, part)


def _answer(box: Locator, kind: str, value) -> None:
    """Tap or type an answer; a line of known facts is opened first."""
    if not box.is_visible():
        box.locator("xpath=ancestor::details[1]/summary").tap()
    if kind == "choice":
        _tap(box, value if value is not None else _harmless(box))
    elif kind == "many":
        for one in value or [box.get_attribute("data-alone")]:
            _tap(box, one)
    else:
        box.locator("input:not([type=hidden]), textarea").first.fill(str(value if value is not None else 7))


def _tap(box: Locator, value: str) -> None:
    choice = box.locator(f"label:has(input[value='{value}'])")
    choice.tap()
    expect(choice.locator("input")).to_be_checked()


def _harmless(box: Locator) -> str:
    """Where the story does not care: no, or the first answer on offer."""
    offered = box.locator("input[type=radio]").evaluate_all("all => all.map(one => one.value)")
    return "no" if "no" in offered else offered[0]
