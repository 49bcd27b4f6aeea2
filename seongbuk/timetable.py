"""When beat starts what. Every entry is safe to run twice and to miss once."""

from celery.schedules import crontab

TIMETABLE = {
    "send-waiting-jobs": {"task": "centers.sweep_jobs", "schedule": 15.0},
    "seal-access-log": {"task": "centers.seal_access_log", "schedule": 60.0},
    "open-access-log-months": {"task": "centers.open_access_log_months", "schedule": crontab(hour=3, minute=10)},
    "extract-targets": {"task": "planners.extract_targets", "schedule": crontab(hour=1, minute=0)},
    "find-duplicates": {"task": "planners.find_duplicates", "schedule": crontab(hour=1, minute=20)},
    "lay-meetings": {"task": "governance.lay_meetings", "schedule": crontab(hour=1, minute=40)},
    "forget-abandoned-imports": {"task": "planners.forget_abandoned_imports", "schedule": crontab(hour=2, minute=30)},
    "roll-up-changed-months": {"task": "seongbuk.roll_up_changed_months", "schedule": 30.0},
    "compare-figures": {"task": "seongbuk.compare_figures", "schedule": crontab(hour=4, minute=0)},
    "beat-is-alive": {"task": "centers.record_heartbeat", "schedule": 30.0},
}
