"""Settings, root addresses and processes; importing it loads the Celery application."""

from latchkey.celery import app as celery_app

__all__ = ["celery_app"]
