"""Settings. Everything that differs between places comes from the environment (`.env.example`)."""

import os
from pathlib import Path

import environ

from devstack.environment import read_services_env
from devstack.postgres import client_programs
from seongbuk import production
from seongbuk.timetable import TIMETABLE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
if env_file := os.environ.get("SEONGBUK_ENV_FILE"):
    env.read_env(env_file)
read_services_env()  # the embedded servers of `make services`, unless the environment names others

MODE = env.str("SEONGBUK_MODE", default="demo")
if MODE not in {"demo", "production"}:
    raise environ.ImproperlyConfigured("SEONGBUK_MODE is `demo` or `production`")
IS_DEMO = MODE == "demo"
DEBUG = env.bool("DEBUG", default=False)
DEMO_SECRET = "demo-only-secret-that-production-refuses"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", default=DEMO_SECRET if IS_DEMO else "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"] if IS_DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Keys of encrypted columns: "id:base64 of 32 bytes", the first one seals, all of them open.
DEMO_FIELD_KEY = "demo:ZGVtby1vbmx5LWtleS10aGF0LWlzLW5vdC1zZWNyZXQ="
FIELD_KEYS = env.list("FIELD_KEYS", default=[DEMO_FIELD_KEY] if IS_DEMO else [])
DEMO_BLIND_INDEX_KEY = "demo-only-blind-index-key"
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY", default=DEMO_BLIND_INDEX_KEY if IS_DEMO else "")
if not IS_DEMO:
    production.refuse(globals())

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "import_export",
    "pgtrigger",
    "pghistory",
    "common",
    "centers",
    "staffing",
    "planners",
    "governance",
    "casemgmt",
    "seongbuk",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "centers.middleware.ScopeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "seongbuk.urls"
WSGI_APPLICATION = "seongbuk.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "seongbuk.navigation.page_frame",
            ],
            "builtins": ["common.templatetags.ui"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ---------------------------------------------------------------- data
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://app@127.0.0.1:5432/app")}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "seongbuk",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # signing in works while Valkey is away
POSTGRES_PROGRAMS = env.str("POSTGRES_PROGRAMS", default="") or client_programs()  # pg_dump, for backups
PRIVATE_FILES = Path(env.str("PRIVATE_FILES", default=str(BASE_DIR / "var" / "files")))
MEDIA_ROOT = PRIVATE_FILES
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=100 * 2**20)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=500_000)
IMPORT_MAX_COLUMNS = env.int("IMPORT_MAX_COLUMNS", default=500)
IMPORT_NEEDS_SECOND_PERSON = env.bool("IMPORT_NEEDS_SECOND_PERSON", default=False)

# ---------------------------------------------------------------- background work
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "global_keyprefix": "seongbuk:",
}
CELERY_TASK_PUBLISH_RETRY = False  # the row in PostgreSQL is the truth; the sweeper sends again
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "Asia/Seoul"
CELERY_TASK_SOFT_TIME_LIMIT = 900
CELERY_TASK_TIME_LIMIT = 960
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = TIMETABLE
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=45)
JOB_RESEND_SECONDS = env.int("JOB_RESEND_SECONDS", default=20)

# ---------------------------------------------------------------- people who sign in
AUTH_USER_MODEL = "centers.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_ADAPTER = "centers.accounts.AccountAdapter"
ACCOUNT_RATE_LIMITS = False  # axes counts failures; two counters would disagree
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "centers.accounts.locked_out"
AXES_USERNAME_CALLABLE = "centers.accounts.name_tried"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
SILENCED_SYSTEM_CHECKS = ["axes.W006"]  # an account locks whatever address the tries come from
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", default=0)
SESSION_COOKIE_AGE = env.int("SESSION_ABSOLUTE_SECONDS", default=10 * 3600)
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=15 * 60 if not IS_DEMO else 2 * 3600)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# ---------------------------------------------------------------- the edge
if not IS_DEMO:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS, SECURE_HSTS_INCLUDE_SUBDOMAINS, SECURE_HSTS_PRELOAD = 31_536_000, True, True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
    }
}
PERMISSIONS_POLICY = {name: [] for name in ("camera", "microphone", "payment", "usb")}

# ---------------------------------------------------------------- language, time, static files
LANGUAGE_CODE = "ko"
TIME_ZONE = "Asia/Seoul"
USE_I18N = USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "common.npm_assets.NpmFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "common.npm_assets.ManifestStorage"},
}
# url prefix: (folder under node_modules, names that may be served)
NPM_ASSETS = {
    "v/krds": ("krds-uiux/resources", ["css/token/krds_tokens.css"]),
    "v/font": ("@fontsource/pretendard", ["files/pretendard-*-[467]00-normal.woff2"]),
}
NPM_ICONS = BASE_DIR / "node_modules" / "bootstrap-icons" / "icons"
REPORT_FONTS = Path(env.str("REPORT_FONTS", default=str(BASE_DIR / "var" / "fonts")))  # Pretendard as TTF, for typst
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
# screening instruments: ours, then the office's own licensed files
INSTRUMENT_DIRS = [BASE_DIR / "fixtures" / "instruments", *env.list("INSTRUMENT_DIRS", default=[])]

# ---------------------------------------------------------------- other
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"axes": {"level": "ERROR"}, "django.db.backends": {"level": "WARNING"}},
}
