"""`manage.py demo`: fills the demo once, and prints its log-in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard import demo
from seam_integration import clock


class Command(BaseCommand):
    help = "Fill the demo content once, and print the demo log-in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SANDBOX_CLOCK:
            # With a real workspace there is nothing to demonstrate, and no well-known password may exist.
            self.stdout.write("No demo: SEAM_API_KEY is set. Sign up in the browser.")
            return
        login = demo.fill(clock.now())
        self.stdout.write(f"Demo log-in: {login.email} / {login.password}")
