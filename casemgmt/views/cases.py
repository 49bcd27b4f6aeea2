"""Integrated cases: the list by the day of the next review, one case with its plan and story, what is done to it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from casemgmt import case_agenda, case_endings, case_figures, cases, needs, packs
from casemgmt.forms import (
    CloseForm,
    EmergencyForm,
    FollowUpForm,
    HandOverForm,
    Owners,
    PlanLineForm,
    ProposeForm,
    ReopenForm,
    ReviewForm,
)
from casemgmt.models import Case, CaseFollowUp, PlanItem, Referral
from casemgmt.views.conflicts import conflict
from centers.access import Scope, permitted
from common.months import seoul_date
from common.refusals import Refusal, Stale
from governance.models import Body, Member
from planners import register_news

PER_PAGE = 50
State = Case.State
TABS = {"running": "진행", "follow_up": "사후관리", "closed": "끝남"}
WORDS = {
    "opened": "시작",
    "reviewed": "점검",
    "planned": "계획 더함",
    "plan_done": "할 일 마침",
    "reassigned": "유형·주 기관 바꿈",
    "reassigned_urgently": "긴급히 바꿈",
    "ratified": "추인",
    "handed_over": "담당 넘김",
    "on_agenda": "안건에 올림",
    "closed": "종결",
    "followed_up": "사후관리",
    "settled": "사후관리 마침",
    "reopened": "다시 엶",
}


@require_GET
@permitted("case", log="case.list")
def case_list(request: HttpRequest):
    """Cases by the day they are looked at next. Who may see figures only gets figures."""
    if not set(request.scope.reach("case")) & set("Adoc"):
        rows, whole = case_figures.by_dong()
        context = {"rows": rows, "whole": whole, "types": Case.Type.labels, "least": case_figures.LEAST}
        return render(request, "casemgmt/case_figures.html", context)
    today = seoul_date(timezone.now())
    knows = knows_identity(request.scope)
    seen = Case.objects.visible_to(request.scope)
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else "running"
    rows = _tab(seen, tab)
    if request.GET.get("type") in Case.Type.values:
        rows = rows.filter(type=request.GET["type"])
    if mine := "mine" in request.GET:
        rows = rows.filter(manager=request.user)
    page, next_url = _page(request, _counted(rows, today), tab)
    notices = register_news.waiting(request.user, on=today) if knows else []
    if knows:
        request.access.add([case.person_id for case in page] + [notice.person_id for notice in notices])
    context = {
        "page": page,
        "knows": knows,
        "tab": tab,
        "tabs": [(key, label, count) for (key, label), count in zip(TABS.items(), _counts(seen), strict=True)],
        "types": Case.Type.choices,
        "type": request.GET.get("type", ""),
        "mine": mine,
        "today": today,
        "notices": notices,
        "next_url": next_url,
        "hide_search": not request.scope.allows("person"),
    }
    return render(request, "casemgmt/case_list.html", context)


@require_GET
@permitted("case", log="case.open")
def case(request: HttpRequest, uid):
    row = _visible(request, uid)
    if not knows_identity(request.scope):
        return _for_members(request, row)
    return _detail(request, row)


@require_POST
@permitted("case", "W", log="case.review")
def case_review(request: HttpRequest, uid):
    return _post(request, uid, "review", ReviewForm, cases.review, "점검을 적었습니다.")


@require_POST
@permitted("case", "W", log="case.plan")
def case_plan(request: HttpRequest, uid):
    """One more line of the plan."""
    row = _writable(request, uid)
    form = PlanLineForm(request.POST, owners=_owners(row), prefix="plan")
    line = form.line() if form.is_valid() else None
    if line is None:
        if form.is_valid():
            form.add_error("what", "무엇을 할지 적어 주세요.")
        return _detail(request, row, forms={"plan": form}, status=422)
    return _do(request, row, form, "plan", lambda **by: cases.add_plan(row, [line], **by), "할 일을 더했습니다.")


@require_POST
@permitted("case", log="case.plan_done")
def case_plan_done(request: HttpRequest, uid):
    """A line of the plan is done: said by its owner or by who works on the case."""
    item = get_object_or_404(
        PlanItem.objects.filter(case__in=Case.objects.visible_to(request.scope)).select_related("case"), uid=uid
    )
    seats = Member.objects.on(request.scope.on).filter(user=request.user)
    mine = item.owner_id == request.user.pk or item.owner_member in seats
    if not mine and item.case.dong_id not in request.scope.dong_ids("case", "W"):
        raise PermissionDenied
    request.access.add(item.case.person_id)
    cases.finish_plan_item(item, by=request.user, at=timezone.now())
    messages.success(request, "마쳤다고 적었습니다.")
    return redirect("case", item.case.uid) if knows_identity(request.scope) else redirect("cases")


@require_POST
@permitted("case", "W", log="case.propose")
def case_propose(request: HttpRequest, uid):
    """Put the case on the agenda of the committee's next meeting."""
    row = _writable(request, uid)
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return _detail(request, row, forms={"propose": form}, status=422)
    given = form.cleaned_data
    return _do(
        request,
        row,
        form,
        "propose",
        lambda **by: case_agenda.put_case(row, kind=given["kind"], note=given["note"], **by),
        "다음 위원회 안건에 올렸습니다.",
    )


@require_POST
@permitted("case", "W", log="case.emergency")
def case_emergency(request: HttpRequest, uid):
    """Change type and lead now; the next meeting ratifies it."""
    row = _writable(request, uid)
    form = EmergencyForm(request.POST, case=row, on=seoul_date(timezone.now()))
    if not form.is_valid():
        return _detail(request, row, forms={"emergency": form}, status=422)
    given = dict(form.cleaned_data)
    given["lead_agency"] = form.agencies[given["lead_agency"]]
    return _do(
        request,
        row,
        form,
        "emergency",
        lambda **by: cases.reassign(row, **given, **by),
        "지금부터 바뀝니다. 다음 위원회에서 추인합니다.",
    )


@require_POST
@permitted("case", "W", log="case.hand_over")
def case_hand_over(request: HttpRequest, uid):
    row = _writable(request, uid)
    form = HandOverForm(request.POST, dong=row.dong, on=seoul_date(timezone.now()))
    if not form.is_valid():
        return _detail(request, row, forms={"hand_over": form}, status=422)
    given = form.cleaned_data
    return _do(
        request,
        row,
        form,
        "hand_over",
        lambda **by: cases.hand_over(row, to=given["to"], text=given["note"], version=given["version"], **by),
        f"{given['to'].name} 님이 이어서 맡습니다.",
    )


@require_POST
@permitted("case", "P", log="case.close")
def case_close(request: HttpRequest, uid):
    """The team lead ends a case; it is followed up after one and three months."""
    row = _visible(request, uid)
    if row.dong_id not in request.scope.dong_ids("case", "P"):
        raise PermissionDenied
    return _post(
        request, uid, "close", CloseForm, case_endings.close, "종결했습니다. 한 달, 석 달 뒤에 안부를 살핍니다."
    )


@require_POST
@permitted("case", "W", log="case.reopen")
def case_reopen(request: HttpRequest, uid):
    return _post(request, uid, "reopen", ReopenForm, case_endings.reopen, "다시 열었습니다.")


@require_POST
@permitted("case", "W", log="case.follow_up")
def case_follow_up(request: HttpRequest, uid):
    rows = CaseFollowUp.objects.filter(case__in=Case.objects.visible_to(request.scope)).select_related("case__dong")
    follow_up = get_object_or_404(rows, uid=uid)
    row = _writable(request, follow_up.case.uid)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _detail(request, row, forms={"follow_up": form}, status=422)
    given = form.cleaned_data
    return _do(
        request,
        row,
        form,
        "follow_up",
        lambda **by: case_endings.follow_up(follow_up, outcome=given["outcome"], text=given["text"], **by),
        "사후관리를 적었습니다.",
    )


# ---------------------------------------------------------------- who may, what is shown


def knows_identity(scope: Scope) -> bool:
    """Outside members work on a case without knowing whose it is."""
    return bool(set(scope.reach("case")) & set("Ado"))


def _visible(request: HttpRequest, uid) -> Case:
    related = ("person__household", "dong", "lead_agency", "manager", "referral__sent_by", "decision__item__meeting")
    return get_object_or_404(Case.objects.visible_to(request.scope).select_related(*related), uid=uid)


def _writable(request: HttpRequest, uid) -> Case:
    row = _visible(request, uid)
    if row.dong_id not in request.scope.dong_ids("case", "W"):
        raise PermissionDenied
    return row


def _post(request: HttpRequest, uid, name: str, form_class, act, said: str):
    row = _visible(request, uid) if name == "close" else _writable(request, uid)
    form = form_class(request.POST)
    if not form.is_valid():
        return _detail(request, row, forms={name: form}, status=422)
    return _do(request, row, form, name, lambda **by: act(row, **form.cleaned_data, **by), said)


def _do(request: HttpRequest, row: Case, form, name: str, act, said: str):
    request.access.add(row.person_id)
    try:
        act(by=request.user, at=timezone.now())
    except Stale as stale:
        return _conflict(request, row, stale, form)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _detail(request, row, forms={name: form}, status=422)
    messages.success(request, said)
    return redirect("case", row.uid)


def _conflict(request: HttpRequest, row: Case, stale: Stale, form):
    last = row.events.select_related("by").last()
    hidden = {"version"}
    mine = "\n".join(f"{b.label}: {form.cleaned_data.get(b.name)}" for b in form if b.name not in hidden)
    return conflict(
        request,
        stale,
        title=f"사례 {row.number}",
        theirs=f"{WORDS.get(last.act, last.act)}: {last.text}" if last else "",
        theirs_by=last.by.name if last and last.by else "",
        theirs_at=last.at if last else None,
        mine=mine,
        back=reverse("case", args=[row.uid]),
    )


def _owners(row: Case) -> Owners:
    body = Body.objects.case_committees().filter(dong=row.dong).first()
    return Owners(row.dong, body, seoul_date(timezone.now()))


def _detail(request: HttpRequest, row: Case, *, forms: dict | None = None, status: int = 200):
    request.access.add(row.person_id)
    now = timezone.now()
    today = seoul_date(now)
    may = row.dong_id in request.scope.dong_ids("case", "W")
    plan = list(row.plan.select_related("owner", "owner_member", "agency").order_by("due_on", "pk"))
    context = {
        "case": row,
        "need": needs.word(row.referral.need),
        "plan": plan,
        "open_plan": sum(line.done_at is None for line in plan),
        "events": [
            {"word": WORDS.get(event.act, event.act), "event": event}
            for event in row.events.select_related("by").order_by("-at", "-pk")
        ],
        "leads": row.leads.select_related("agency"),
        "follow_ups": list(row.follow_ups.select_related("by")),
        "stands": row.agenda.filter(item__state__in=("waiting", "current")).select_related("item__meeting").first(),
        "others": Referral.objects.visible_to(request.scope)
        .filter(person=row.person)
        .exclude(pk=row.referral_id)
        .select_related("agency", "dong")[:10],
        "today": today,
        "may_write": may,
        "may_close": row.dong_id in request.scope.dong_ids("case", "P") and row.state in (State.OPEN, State.MONITORING),
        "is_running": row.state in (State.OPEN, State.MONITORING),
    }
    if may or context["may_close"]:
        context |= _forms(row, today) | {f"{name}_form": form for name, form in (forms or {}).items()}
        context["open_form"] = next(iter(forms), "") if forms else ""
    return render(request, "casemgmt/case_detail.html", context, status=status)


def _forms(row: Case, today: dt.date) -> dict:
    version = {"version": row.version}
    later = {"next_on": today + dt.timedelta(28), "review_on": today + dt.timedelta(28)}
    return {
        "review_form": ReviewForm(initial=version | later | {"state": row.state}, auto_id="review_%s"),
        "plan_form": PlanLineForm(owners=_owners(row), prefix="plan", auto_id="plan_%s"),
        "propose_form": ProposeForm(auto_id="propose_%s"),
        "emergency_form": EmergencyForm(
            initial=version | {"type": row.type, "lead_agency": str(row.lead_agency.uid)},
            case=row,
            on=today,
            auto_id="emergency_%s",
        ),
        "hand_over_form": HandOverForm(initial=version, dong=row.dong, on=today, auto_id="hand_%s"),
        "close_form": CloseForm(initial=version, auto_id="close_%s"),
        "reopen_form": ReopenForm(initial=version | later, auto_id="reopen_%s"),
        "follow_up_form": FollowUpForm(auto_id="follow_%s"),
    }


def _for_members(request: HttpRequest, row: Case):
    """The case as an outside member with a task in it sees it: number, type, own tasks, no identity."""
    request.access.add(row.person_id)
    seats = Member.objects.on(request.scope.on).filter(user=request.user)
    tasks = [
        {"item": line, "what": packs.veiled(row.person, line.what, knows=False)}
        for line in row.plan.filter(owner_member__in=seats).order_by("done_at", "due_on", "pk")
    ]
    context = {"case": row, "tasks": tasks, "hide_search": True, "today": seoul_date(timezone.now())}
    return render(request, "casemgmt/case_for_member.html", context)


def _tab(seen, tab: str):
    if tab == "running":
        return seen.served().order_by("review_on", "pk")
    if tab == "follow_up":
        return seen.filter(state=State.FOLLOW_UP).order_by("closed_on", "pk")
    return seen.filter(state=State.CLOSED).order_by("-closed_on", "-pk")


def _counts(seen) -> tuple[int, int, int]:
    running = Q(state__in=(State.OPEN, State.MONITORING))
    found = seen.aggregate(
        running=Count("pk", filter=running),
        follow_up=Count("pk", filter=Q(state=State.FOLLOW_UP)),
        closed=Count("pk", filter=Q(state=State.CLOSED)),
    )
    return found["running"], found["follow_up"], found["closed"]


def _counted(rows, today: dt.date):
    """With the open and the late tasks of each case, and the next follow-up."""
    open_lines = Q(plan__done_at=None, plan__isnull=False)
    return rows.select_related("person", "lead_agency", "manager").annotate(
        open_tasks=Count("plan", filter=open_lines, distinct=True),
        late_tasks=Count("plan", filter=open_lines & Q(plan__due_on__lt=today), distinct=True),
    )


def _page(request: HttpRequest, rows, tab: str):
    field, forward = {
        "running": ("review_on", True),
        "follow_up": ("closed_on", True),
        "closed": ("closed_on", False),
    }[tab]
    day, _, ident = request.GET.get("after", "").partition("|")
    day = _parsed(day)
    if day and ident.isdecimal() and len(ident) < 18:
        sign = "gt" if forward else "lt"
        rows = rows.filter(Q(**{f"{field}__{sign}": day}) | Q(**{field: day, f"pk__{sign}": int(ident)}))
    page = list(rows[: PER_PAGE + 1])
    if len(page) <= PER_PAGE:
        return page, ""
    last = page[PER_PAGE - 1]
    query = request.GET.copy()
    query["after"] = f"{getattr(last, field)}|{last.pk}"
    return page[:PER_PAGE], f"?{query.urlencode()}"


def _parsed(text: str) -> dt.date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None
