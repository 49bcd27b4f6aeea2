"""WSGI entry for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from seongbuk import production

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seongbuk.settings")
application = get_wsgi_application()

if not settings.IS_DEMO:
    production.refuse_demo_accounts()
