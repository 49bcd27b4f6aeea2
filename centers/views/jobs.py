"""Background work as people see it: progress of one job, the list of recent ones."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Job

SHOWN = 100


@require_GET
@permitted("job", log="job.progress", personal=False)
def progress(request: HttpRequest, uid):
    """Fragment polled by the page while the job is open; the page is reloaded once the job has ended."""
    job = get_object_or_404(Job.objects.visible_to(request.scope), uid=uid)
    response = render(request, "components/job_progress.html", {"shown": shown(job)})
    if not job.is_open and request.htmx:
        response.headers["HX-Refresh"] = "true"
    return response


@require_GET
@permitted("job", log="job.list", personal=False)
def job_list(request: HttpRequest):
    jobs = Job.objects.visible_to(request.scope).select_related("by", "dong")[:SHOWN]
    return render(request, "centers/job_list.html", {"jobs": jobs, "may_retry": request.scope.allows("job", "W")})


@require_POST
@permitted("job", "W", log="job.retry", personal=False)
def retry(request: HttpRequest, uid):
    """Send a failed job again."""
    job = get_object_or_404(Job.objects.visible_to(request.scope), uid=uid)
    tasks.send(job.try_again())
    return redirect("jobs")


def shown(job: Job, *, result_url: str = "", result_label: str = "") -> dict:
    """What `components/job.html` shows of a job."""
    since = job.started_at or job.created_at
    return {
        "state": job.state,
        "title": job.title,
        "done": job.progress_done,
        "total": job.progress_total,
        "elapsed": ((job.finished_at or timezone.now()) - since).total_seconds(),
        "message": job.failure or job.progress_note,
        "poll_url": reverse("job_progress", args=[job.uid]),
        "result_url": result_url,
        "result_label": result_label,
    }
