"""A target remembers the dong it was listed in: when its person moves, figures of past months stay as they were."""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION planners_target_keeps_listed_dong() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.listed_dong_id := coalesce(OLD.listed_dong_id, OLD.dong_id);
    ELSIF NEW.listed_dong_id IS NULL THEN
        NEW.listed_dong_id := NEW.dong_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER keeps_listed_dong BEFORE INSERT OR UPDATE ON planners_target
    FOR EACH ROW EXECUTE FUNCTION planners_target_keeps_listed_dong();
SELECT centers_unwatch('planners_target');
SELECT centers_watch_months('planners_target', 'month, due_on',
    'month, due_on, ended_on, state, listed_dong_id, programme_id, person_id');
UPDATE planners_target SET listed_dong_id = dong_id;
"""
BACKWARD = """
SELECT centers_unwatch('planners_target');
SELECT centers_watch_months('planners_target', 'month, due_on',
    'month, due_on, ended_on, state, dong_id, programme_id, person_id');
DROP TRIGGER keeps_listed_dong ON planners_target;
DROP FUNCTION planners_target_keeps_listed_dong();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0006_personnel_orders"),
        ("planners", "0014_register_news"),
    ]
    operations = [
        migrations.AddField(
            model_name="target",
            name="listed_dong",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="centers.dong",
                verbose_name="명단에 오른 동",
            ),
        ),
        migrations.AddIndex(
            model_name="target",
            index=models.Index(fields=["listed_dong", "month", "programme"], name="target_listed_month"),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
