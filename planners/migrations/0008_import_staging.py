"""The pattern that staging tables of imports are made after: unlogged, so that no list reaches the WAL."""

from django.db import migrations

PATTERN = """
    CREATE UNLOGGED TABLE planners_importstage (
        row integer NOT NULL,
        status text NOT NULL,
        codes text[] NOT NULL,
        warnings text[] NOT NULL,
        name text,
        birth_on date,
        sex text,
        dong_id bigint,
        tong smallint,
        ban smallint,
        address text,
        address_main text,
        address_detail text,
        phone text,
        mobile text,
        relation text,
        benefit text,
        is_foreigner boolean,
        match_key text,
        choseong text,
        row_hash bytea,
        number_key bigint,
        person_key bigint
    ) WITH (autovacuum_enabled = false);
    CREATE UNLOGGED TABLE planners_importmatch (
        row integer NOT NULL,
        person_id bigint NOT NULL,
        act text NOT NULL,
        changed text[] NOT NULL,
        held text[] NOT NULL
    ) WITH (autovacuum_enabled = false);
    COMMENT ON TABLE planners_importstage IS 'pattern of planners_importstage_*: rows of one file, read and normalised';
    COMMENT ON TABLE planners_importmatch IS 'pattern of planners_importmatch_*: rows of one file that are known people';
"""


class Migration(migrations.Migration):
    dependencies = [("planners", "0007_keep_replaced_answers")]
    operations = [
        migrations.RunSQL(PATTERN, "DROP TABLE planners_importstage; DROP TABLE planners_importmatch"),
    ]
