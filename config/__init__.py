"""Settings, URLs, the Celery application and the embedded servers. No business rules."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
