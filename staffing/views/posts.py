"""Posts of one center: the chart, the duty table, appointing and vacating."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from centers.access import permitted
from centers.models import Dong, DongCenter
from common.months import seoul_date
from common.refusals import Refusal
from staffing import posts
from staffing.forms import AppointForm, VacateForm
from staffing.headcount import Headcount, Heads, headcount
from staffing.models import CenterPost, HeadcountCell


@require_GET
@permitted("staffing", log="staffing.center", personal=False)
def center(request: HttpRequest, slug: str):
    """조직도와 업무분장: every post of a center, vacant ones among them."""
    dong = get_object_or_404(request.scope.dongs("staffing"), slug=slug)
    today = seoul_date(timezone.now())
    chart = posts.chart(dong, on=today)
    counts = headcount(HeadcountCell.Table.CENTER)
    office = DongCenter.objects.on(today).filter(dong=dong).first()
    return render(
        request,
        "staffing/center_detail.html",
        {
            "dong": dong,
            "office": office,
            "today": today,
            "chart": chart,
            "counts": counts,
            "heads": _heads(counts, dong),
            "may_change": request.scope.allows("staffing", "W"),
        },
    )


def _heads(counts: Headcount | None, dong: Dong) -> list[tuple[str, Heads]]:
    """정원 and 현원 of a center, in all and by series."""
    line = counts.line_of(dong) if counts else None
    if line is None:
        return []
    return [("계", line.total), *((one.name, line.of(one.key)) for one in counts.columns if one.key in line.series)]


@require_http_methods(["GET", "POST"])
@permitted("staffing", "W", log="staffing.appoint", personal=False)
def appoint(request: HttpRequest, uid):
    """Let somebody hold a post; a rank that does not fit is refused with the ranks that would."""
    post = _post(request, uid)
    today = seoul_date(timezone.now())
    form = AppointForm(request.POST or None, dong=post.dong, on=today, initial={"on": today.isoformat()})
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            posts.appoint(post, **facts, by=request.user, at=timezone.now())
        except Refusal as refusal:
            form.add_error("rank" if isinstance(refusal, posts.RankNotAccepted) else None, refusal.message)
        else:
            messages.success(request, f"{post.template.rank} 자리를 {facts['holder'].name} 님이 맡습니다.")
            return redirect("staffing_dong", post.dong.slug)
    context = {"post": post, "form": form, "accepted": posts.ranks.words(posts.accepted_ranks(post.template))}
    return render(request, "staffing/post_appoint.html", context | {"past": posts.past(post)})


@require_POST
@permitted("staffing", "W", log="staffing.vacate", personal=False)
def vacate(request: HttpRequest, uid):
    post = _post(request, uid)
    form = VacateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "언제부터 비우는지 날짜를 적어 주세요.")
        return redirect("staffing_appoint", post.uid)
    try:
        posts.vacate(post, by=request.user, on=form.cleaned_data["on"], at=timezone.now())
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staffing_appoint", post.uid)
    messages.success(request, f"{post.template.rank} 자리를 비웠습니다. 조직도에 빈자리로 남습니다.")
    return redirect("staffing_dong", post.dong.slug)


def _post(request: HttpRequest, uid) -> CenterPost:
    rows = CenterPost.objects.filter(valid_to=None, dong__in=request.scope.dongs("staffing", "W"))
    return get_object_or_404(rows.select_related("template", "dong", "holder"), uid=uid)
