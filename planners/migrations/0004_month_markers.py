"""Targets, visits and consents mark the months whose figures they change; a consent keeps its dong."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION planners_consent_keeps_dong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.dong_id IS NULL AND TG_OP = 'UPDATE' THEN
        NEW.dong_id := OLD.dong_id;
    END IF;
    IF NEW.dong_id IS NULL THEN
        SELECT dong_id INTO NEW.dong_id FROM planners_person WHERE id = NEW.person_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keeps_dong BEFORE INSERT OR UPDATE ON planners_consent
    FOR EACH ROW EXECUTE FUNCTION planners_consent_keeps_dong();
UPDATE planners_consent SET dong_id = NULL WHERE dong_id IS NULL;

SELECT centers_watch_months('planners_target', 'month, due_on',
    'month, due_on, ended_on, state, dong_id, programme_id, person_id');
SELECT centers_watch_months('planners_visit',
    '"on", classified_on, (finished_at AT TIME ZONE ''Asia/Seoul'')',
    '"on", classified_on, finished_at, state, outcome, is_first, "group", dong_id, programme_id, person_id');
SELECT centers_watch_months('planners_consent', 'answered_on', 'answered_on, kind, answer, dong_id, person_id');
SELECT centers_watch_names('planners_programme');
"""
BACKWARD = """
SELECT centers_unwatch(name::regclass)
FROM unnest(ARRAY['planners_target', 'planners_visit', 'planners_consent', 'planners_programme']) name;
DROP TRIGGER keeps_dong ON planners_consent;
DROP FUNCTION planners_consent_keeps_dong();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0004_month_markers"),
        ("planners", "0003_consent_dong"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
