"""Facts mark the months they change: a trigger function that the tables of every floor share.

A fact table is watched with `centers_watch_months(table, dates, columns)`: `dates` are expressions that
name the days of a row, `columns` all that a figure can depend on. Each month of a row that came, went
or changed gets a marker in the same transaction, the old month and the new one. Markers are only ever
added, so writers never wait for each other. A table that only names things (`centers_watch_names`)
marks every month when it changes.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION centers_mark_months() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rows text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        rows := format('SELECT id, %s FROM new_rows', TG_ARGV[1]);
    ELSIF TG_OP = 'DELETE' THEN
        rows := format('SELECT id, %s FROM old_rows', TG_ARGV[1]);
    ELSE
        rows := format('(SELECT id, %1$s FROM old_rows EXCEPT SELECT id, %1$s FROM new_rows)
                        UNION ALL
                        (SELECT id, %1$s FROM new_rows EXCEPT SELECT id, %1$s FROM old_rows)', TG_ARGV[1]);
    END IF;
    EXECUTE format('INSERT INTO centers_statchange (month)
                    SELECT DISTINCT date_trunc(''month'', day)::date
                    FROM (%s) changed, unnest(ARRAY[%s]::date[]) day WHERE day IS NOT NULL', rows, TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE FUNCTION centers_mark_all_months() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO centers_statchange (month) SELECT DISTINCT month FROM centers_monthlystat;
    RETURN NULL;
END $$;

CREATE FUNCTION centers_watch_months(watched regclass, dates text, columns text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER month_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION centers_mark_months(%L, %L)', watched, dates, columns);
    EXECUTE format('CREATE TRIGGER month_update AFTER UPDATE ON %s
                    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION centers_mark_months(%L, %L)', watched, dates, columns);
    EXECUTE format('CREATE TRIGGER month_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION centers_mark_months(%L, %L)', watched, dates, columns);
    EXECUTE format('CREATE TRIGGER month_truncate AFTER TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION centers_mark_all_months()', watched);
END $$;

CREATE FUNCTION centers_watch_names(watched regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER month_names AFTER UPDATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION centers_mark_all_months()', watched);
END $$;

CREATE FUNCTION centers_unwatch(watched regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['month_insert', 'month_update', 'month_delete', 'month_truncate', 'month_names'] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', name, watched);
    END LOOP;
END $$;
"""
BACKWARD = """
DROP FUNCTION centers_unwatch(regclass);
DROP FUNCTION centers_watch_names(regclass);
DROP FUNCTION centers_watch_months(regclass, text, text);
DROP FUNCTION centers_mark_months();
DROP FUNCTION centers_mark_all_months();
"""


class Migration(migrations.Migration):
    dependencies = [("centers", "0003_posting_tongs")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
