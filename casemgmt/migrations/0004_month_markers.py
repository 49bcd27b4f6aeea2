"""Referrals and cases mark the months whose figures they change."""

from django.db import migrations

FORWARD = """
SELECT centers_watch_months('casemgmt_referral', '(sent_at AT TIME ZONE ''Asia/Seoul''), due_on',
    'sent_at, due_on, first_act_at, ended_at, state, destination, need, dong_id, person_id');
SELECT centers_watch_months('casemgmt_case', 'opened_on, closed_on', 'opened_on, closed_on, type, dong_id, person_id');
"""
BACKWARD = """
SELECT centers_unwatch(name::regclass) FROM unnest(ARRAY['casemgmt_referral', 'casemgmt_case']) name;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0004_month_markers"),
        ("casemgmt", "0003_initial"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
