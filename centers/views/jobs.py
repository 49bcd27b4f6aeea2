"""Background work as people see it: progress of one job, the list of recent ones."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from centers import tasks
from centers.access import permitted
from centers.models import Job


@require_GET
@permitted("job", log="job.progress", personal=False)
def progress(request: HttpRequest, uid):
    """Fragment polled by the page while the job is open; it stops asking once the job has ended."""
    job = get_object_or_404(Job.objects.visible_to(request.scope), uid=uid)
    return render(request, "components/job_progress.html", {"job": job})


@require_GET
@permitted("job", log="job.list", personal=False)
def job_list(request: HttpRequest):
    jobs = Job.objects.visible_to(request.scope).select_related("by", "dong")[:100]
    return render(request, "centers/job_list.html", {"jobs": jobs})


@require_POST
@permitted("job", "W", log="job.retry", personal=False)
def retry(request: HttpRequest, uid):
    """Send a failed job again."""
    job = get_object_or_404(Job.objects.visible_to(request.scope), uid=uid)
    tasks.send(job.try_again())
    return redirect("jobs")
