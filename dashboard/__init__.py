"""What people see, and the project's wiring."""

from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
