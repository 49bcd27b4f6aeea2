"""The hour an answer is due counts towards the figures: watch it too."""

from django.db import migrations

FORWARD = """
SELECT centers_unwatch('casemgmt_referral');
SELECT centers_watch_months('casemgmt_referral', '(sent_at AT TIME ZONE ''Asia/Seoul''), due_on',
    'sent_at, due_on, due_at, first_act_at, ended_at, state, destination, need, dong_id, person_id');
"""
BACKWARD = """
SELECT centers_unwatch('casemgmt_referral');
SELECT centers_watch_months('casemgmt_referral', '(sent_at AT TIME ZONE ''Asia/Seoul''), due_on',
    'sent_at, due_on, first_act_at, ended_at, state, destination, need, dong_id, person_id');
"""


class Migration(migrations.Migration):
    dependencies = [("casemgmt", "0005_leads_follow_ups_pledges_and_owners")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
