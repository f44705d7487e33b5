"""The wiring: settings, addresses, processes. Importing it loads the Celery application, as Celery asks."""

from latchkey.celery import app as celery_app

__all__ = ["celery_app"]
