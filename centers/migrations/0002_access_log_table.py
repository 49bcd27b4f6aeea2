"""The access log: monthly partitions, insert only; and the list of rows already sealed."""

from django.db import migrations
from django.utils import timezone

FORWARD = """
CREATE SEQUENCE centers_accesslog_id_seq;
CREATE TABLE centers_accesslog (
    id bigint NOT NULL DEFAULT nextval('centers_accesslog_id_seq'),
    at timestamptz NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    user_id bigint,
    username varchar(150) NOT NULL,
    action varchar(60) NOT NULL,
    resource varchar(40) NOT NULL,
    outcome varchar(10) NOT NULL,
    subjects bigint[] NOT NULL,
    reason varchar(300) NOT NULL,
    ip inet,
    device varchar(200) NOT NULL,
    route varchar(100) NOT NULL,
    request_id uuid NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
ALTER SEQUENCE centers_accesslog_id_seq OWNED BY centers_accesslog.id;
CREATE TABLE centers_accesslog_default PARTITION OF centers_accesslog DEFAULT;
CREATE INDEX centers_accesslog_id ON centers_accesslog (id);
CREATE INDEX centers_accesslog_user ON centers_accesslog (user_id, at DESC);
CREATE INDEX centers_accesslog_subjects ON centers_accesslog USING gin (subjects);
CREATE TABLE centers_accesslog_sealed (row_id bigint PRIMARY KEY);

CREATE FUNCTION centers_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON centers_accesslog
    FOR EACH ROW EXECUTE FUNCTION centers_insert_only();
CREATE TRIGGER insert_only_truncate BEFORE TRUNCATE ON centers_accesslog
    FOR EACH STATEMENT EXECUTE FUNCTION centers_insert_only();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON centers_accessseal
    FOR EACH ROW EXECUTE FUNCTION centers_insert_only();
"""
BACKWARD = """
DROP TRIGGER insert_only ON centers_accessseal;
DROP TABLE centers_accesslog_sealed;
DROP TABLE centers_accesslog;
DROP FUNCTION centers_insert_only();
"""


def open_first_months(apps, schema_editor):
    from centers.access_chain import open_months

    open_months(from_day=timezone.localdate(), months=3)


class Migration(migrations.Migration):
    dependencies = [("centers", "0001_initial")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunPython(open_first_months, migrations.RunPython.noop),
    ]
