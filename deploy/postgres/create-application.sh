#!/usr/bin/env bash
# Runs once, when the database volume is empty: the application owns its database and is no superuser.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" -v password="$APP_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE app LOGIN PASSWORD :'password';
CREATE DATABASE app OWNER app;
SQL
