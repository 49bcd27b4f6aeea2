"""Terms of members: appointing, renewing, ending."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from centers.access import permitted
from centers.models import Posting, User
from common.months import seoul_date
from common.refusals import Refusal
from governance import bodies
from governance.forms import EndTermForm, MemberForm
from governance.models import Body, Member


@require_http_methods(["GET", "POST"])
@permitted("governance", "W", log="governance.appoint", personal=False)
def body_appoint(request: HttpRequest, uid):
    rows = Body.objects.visible_to(request.scope).filter(dong__in=request.scope.dong_ids("governance", "W"))
    body = get_object_or_404(rows.select_related("dong"), uid=uid)
    now = timezone.now()
    start = {"valid_from": seoul_date(now), "kind": Member.Kind.STANDING, "seat": request.GET.get("seat", "")}
    form = MemberForm(request.POST or None, users=_accounts(body, seoul_date(now)), initial=start)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        given["valid_to"] = dt.date.max if given.pop("no_end") else given["valid_to"]
        try:
            member = bodies.appoint(body, by=request.user, at=now, **given)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{member.name} 님을 {member.get_kind_display()}으로 모셨습니다.")
            return redirect("body", body.uid)
    context = {"form": form, "body": body}
    return render(request, "governance/member_form.html", context, status=422 if form.errors else 200)


@require_POST
@permitted("governance", "W", log="governance.renew", personal=False)
def body_member_renew(request: HttpRequest, uid):
    member = _writable(request, uid)
    try:
        again = bodies.renew(member, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"{again.name} 님의 {again.term_number}번째 임기를 {bodies.on_day(again.valid_to)}까지 이었습니다."
        )
    return redirect("body", member.body.uid)


@require_http_methods(["GET", "POST"])
@permitted("governance", "W", log="governance.end_term", personal=False)
def body_member_end(request: HttpRequest, uid):
    member = _writable(request, uid)
    now = timezone.now()
    form = EndTermForm(request.POST or None, initial={"on": seoul_date(now) + dt.timedelta(1)})
    if request.method == "POST" and form.is_valid():
        try:
            bodies.end_term(member, by=request.user, at=now, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{member.name} 님의 임기를 끝냈습니다.")
            return redirect("body", member.body.uid)
    context = {"form": form, "member": member, "body": member.body}
    return render(request, "governance/member_end.html", context, status=422 if form.errors else 200)


def _writable(request: HttpRequest, uid) -> Member:
    bodies_here = Body.objects.visible_to(request.scope).filter(dong__in=request.scope.dong_ids("governance", "W"))
    return get_object_or_404(Member.objects.filter(body__in=bodies_here).select_related("body__dong"), uid=uid)


def _accounts(body: Body, on: dt.date):
    """Who can sit with an account: people of the dong's center, and outside members."""
    posted = Posting.objects.on(on).filter(Q(dong=body.dong_id) | Q(role="EX")).values("user")
    return User.objects.filter(pk__in=posted, is_active=True).order_by("name", "pk")
