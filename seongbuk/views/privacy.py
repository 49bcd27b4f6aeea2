"""Access records: who looked at whom, whether the record is whole, and everybody's own history."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from centers import access_chain
from centers.access import open_to_all, permitted
from centers.models import AccessLog, AccessSeal
from common.months import seoul_date
from seongbuk import access_search
from seongbuk.forms import AccessSearchForm

PAGE = 50


@require_GET
@permitted("access_log", log="privacy.search")
def privacy(request: HttpRequest):
    """Search the access log by account, resident and day; the figures only for those who may not see rows."""
    now = timezone.now()
    today = seoul_date(now)
    given = request.GET.copy()
    given.setdefault("first", (today - dt.timedelta(days=access_search.DAYS)).isoformat())
    given.setdefault("last", today.isoformat())
    form = AccessSearchForm(given)
    rows = access_search.visible(request.scope)
    persons = []
    if form.is_valid():
        persons = access_search.persons(form.cleaned_data)
        rows = access_search.found(rows, form.cleaned_data, persons)
        request.access.add(persons)
        request.access.detail = {key: str(value) for key, value in form.cleaned_data.items() if value}
        if form.cleaned_data["name"] and not persons:
            messages.info(request, "이름과 생년월일이 모두 맞는 주민이 없습니다. 적은 것을 다시 확인해 주세요.")
    else:
        rows = rows.none()
    page, after = _page(rows, given.get("after", ""))
    query = {key: value for key, value in given.items() if value and key != "after"}
    return render(
        request,
        "seongbuk/privacy.html",
        {
            "form": form,
            "persons": persons,
            "lines": access_search.lines(page),
            "shown": len(page),
            "next_url": f"?{urlencode(query | {'after': after})}" if after else "",
            "sees_rows": access_search.sees_rows(request.scope),
            "summary": access_search.summary(today),
            "seal": AccessSeal.objects.order_by("-pk").first(),
            "chain": access_chain.verify(start=now - dt.timedelta(hours=1)),
        },
    )


@require_GET
@open_to_all
def my_history(request: HttpRequest):
    """What is recorded of oneself."""
    rows = AccessLog.objects.filter(user_id=request.user.pk)
    page, after = _page(rows, request.GET.get("after", ""))
    return render(
        request,
        "seongbuk/privacy_mine.html",
        {
            "lines": access_search.lines(page),
            "shown": len(page),
            "next_url": f"?{urlencode({'after': after})}" if after else "",
        },
    )


def _page(rows, after: str):
    """Rows by moment and number, newest first, and a sealed mark to go on from."""
    if after:
        try:
            at, number = signing.loads(after, salt="access-log")
            rows = access_search.before(rows, dt.datetime.fromisoformat(at), number)
        except signing.BadSignature:
            rows = rows.none()
    found = list(rows.order_by("-at", "-id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], signing.dumps([last.at.isoformat(), last.pk], salt="access-log") if last else ""
