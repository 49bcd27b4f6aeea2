# One image for web, worker and beat. Settings come from the environment (.env.example).

FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1
COPY requirements/prod.txt requirements/prod.txt
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements/prod.txt
COPY --from=assets /app/node_modules node_modules
COPY . .
RUN python scripts/make_report_fonts.py \
 && SEONGBUK_MODE=demo python manage.py collectstatic --noinput -v0 \
 && python -m compileall -q -x node_modules .

FROM python:3.11-slim
# pg_dump of the server's own version, for `manage.py backup`
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-common ca-certificates \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends postgresql-client-18 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin app \
 && install -d -o app -g app -m 0700 /data /data/files /data/beat /data/tls
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SEONGBUK_MODE=production \
    PRIVATE_FILES=/data/files
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "0.0.0.0:8000", "seongbuk.wsgi:application"]
