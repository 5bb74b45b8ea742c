"""WSGI entry point (granian, gunicorn)."""

import os

from django.core.wsgi import get_wsgi_application

from config.redirects import Redirects

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.prod")

application = Redirects(get_wsgi_application())
