"""Accounts: who holds which role where, codes for the first sign-in, and rights that wait for a second person."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from centers import first_sign_in, posting_requests
from centers.access import Scope, permitted
from centers.forms import NumberForm
from centers.models import Posting, PostingChange, PostingRequest, User
from centers.roles import ROLE_BY_CODE, ROLES
from common.months import seoul_date
from common.refusals import Refusal

SHOWN = 50
STATES = {"now": "지금 일함", "soon": "곧 시작", "new": "첫 로그인 전", "none": "역할 없음", "left": "떠남"}


@require_GET
@permitted("user", log="user.list", personal=False)
def account_list(request: HttpRequest):
    """Accounts of the viewer's dongs or of everywhere, in the order of their user names."""
    today = seoul_date(timezone.now())
    asked = {name: request.GET.get(name, "")[:60].strip() for name in ("q", "dong", "role", "state", "after")}
    rows = _filtered(_visible(request.scope), asked, today)
    found = list(_with_postings(rows).order_by("username", "pk")[: SHOWN + 1])
    query = {key: value for key, value in asked.items() if value and key != "after"}
    more = urlencode(query | {"after": found[SHOWN - 1].username}) if len(found) > SHOWN else ""
    return render(
        request,
        "centers/account_list.html",
        {
            "lines": [_line(user, today) for user in found[:SHOWN]],
            "next_url": f"?{more}" if more else "",
            "asked": asked,
            "states": STATES.items(),
            "roles": ROLES,
            "dongs": request.scope.dongs("user"),
            "may_change": request.scope.allows("user", "W"),
            "may_import": request.scope.allows("import", "W"),
            "requests": _requests(request),
            "may_give": request.scope.allows("user", "P"),
        },
    )


def _visible(scope: Scope) -> QuerySet[User]:
    """Accounts that are, were or will be posted to the viewer's dongs; all of them for a district-wide role."""
    if scope.everywhere("user"):
        return User.objects.all()
    here = Posting.objects.filter(dong__in=scope.dong_ids("user"))
    return User.objects.filter(pk__in=here.values("user"))


def _filtered(rows: QuerySet[User], asked: dict[str, str], today) -> QuerySet[User]:
    holding = Posting.objects.on(today)
    if asked["q"]:
        words = Q(name__icontains=asked["q"]) | Q(username__icontains=asked["q"])
        rows = rows.filter(words | Q(employee_number__icontains=asked["q"]))
    if asked["dong"]:
        rows = rows.filter(pk__in=holding.filter(dong__slug=asked["dong"]).values("user"))
    if asked["role"] in ROLE_BY_CODE:
        rows = rows.filter(pk__in=holding.filter(role=asked["role"]).values("user"))
    if asked["after"]:
        rows = rows.filter(username__gt=asked["after"])
    coming = Posting.objects.filter(valid_from__gt=today).exclude(valid_to__lte=today)
    states = {
        "now": Q(pk__in=holding.values("user")),
        "soon": Q(pk__in=coming.values("user")),
        "new": Q(setup_until__isnull=False) | Q(password__startswith="!"),  # noqa: S106  (Django marks "none" so)
        "none": ~Q(pk__in=holding.values("user")) & Q(left_on=None),
        "left": Q(left_on__lte=today),
    }
    return rows.filter(states[asked["state"]]) if asked["state"] in states else rows


def _with_postings(rows: QuerySet[User]) -> QuerySet[User]:
    postings = Posting.objects.select_related("dong", "team").order_by("valid_from", "pk")
    return rows.prefetch_related(Prefetch("postings", postings))


def _line(user: User, today) -> dict:
    postings = [p for p in user.postings.all() if p.valid_to is None or p.valid_to > p.valid_from]
    return {
        "user": user,
        "now": [p for p in postings if p.holds_on(today)],
        "soon": [p for p in postings if p.valid_from > today],
        "has_left": user.has_left_on(today),
        "is_new": bool(first_sign_in.waiting([user])),
    }


def _requests(request: HttpRequest) -> list[PostingRequest]:
    if not (request.scope.everywhere("user") or request.scope.allows("user", "P")):
        return []
    rows = PostingRequest.objects.filter(state=PostingRequest.State.OPEN)
    return list(rows.select_related("user", "team", "asked_by"))


@require_GET
@permitted("user", log="user.open", personal=False)
def account(request: HttpRequest, uid):
    """One account: its postings over time, and who gave and ended them."""
    row = get_object_or_404(_with_postings(_visible(request.scope)), uid=uid)
    today = seoul_date(timezone.now())
    changes = PostingChange.objects.filter(posting__user=row).select_related("by", "posting__dong")
    context = {
        "account": row,
        "line": _line(row, today),
        "today": today,
        "postings": list(reversed(row.postings.all())),
        "changes": changes.order_by("-at", "-pk")[:30],
        "may_change": request.scope.allows("user", "W"),
        "form": NumberForm(initial={"employee_number": row.employee_number or ""}),
    }
    return render(request, "centers/account_detail.html", context)


@require_POST
@permitted("user", "W", log="user.number", personal=False)
def account_number(request: HttpRequest, uid):
    """The employee number by which orders find the account."""
    row = get_object_or_404(User, uid=uid)
    form = NumberForm(request.POST)
    form.user = row
    if form.is_valid():
        row.employee_number = form.cleaned_data["employee_number"]
        row.save(update_fields=["employee_number"])
        messages.success(request, "사번을 적었습니다. 인사발령이 이 사번으로 계정을 찾습니다.")
    else:
        messages.error(request, form.errors["employee_number"][0])
    return redirect("account", uid)


@require_POST
@permitted("user", "W", log="user.first_code", personal=False)
def first_codes(request: HttpRequest):
    """Codes for the first sign-in, shown on this one page and nowhere else."""
    wanted = request.POST.getlist("account")[:300]
    rows = list(User.objects.filter(uid__in=wanted, is_active=True).order_by("name", "pk"))
    now = timezone.now()
    try:
        if "renew" in request.POST:
            issued = [first_sign_in.renew(user, at=now) for user in rows if user != request.user]
        else:
            issued = first_sign_in.issue(first_sign_in.waiting(rows), at=now)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("accounts")
    if not issued:
        messages.info(request, "첫 로그인을 기다리는 계정을 골라 주세요.")
        return redirect(f"{reverse('accounts')}?state=new")
    request.access.detail = {"accounts": [one.user.username for one in issued]}
    return render(request, "centers/account_codes.html", {"issued": issued, "until": issued[0].until})


@require_POST
@permitted("user", "P", log="user.decide", personal=False)
def decide(request: HttpRequest, uid):
    """Give a role over the whole district, or not; never by the person who asked."""
    row = get_object_or_404(PostingRequest.objects.select_related("user"), uid=uid)
    now = timezone.now()
    title = ROLE_BY_CODE[row.role].title
    try:
        if "give" in request.POST:
            posting_requests.give(row, by=request.user, on=seoul_date(now), at=now)
            messages.success(request, f"{row.user.name} 님에게 {title} 권한을 주었습니다.")
        else:
            reason = request.POST.get("reason", "").strip()
            if not reason:
                raise Refusal("주지 않는 까닭을 적어 주세요.")
            posting_requests.refuse(row, by=request.user, reason=reason, at=now)
            messages.success(request, f"{row.user.name} 님에게 {title} 권한을 주지 않았습니다.")
    except Refusal as refusal:
        messages.error(request, refusal.message)
    return redirect("accounts")
