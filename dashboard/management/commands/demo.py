"""`manage.py demo`: fills the demo once, and prints its log-in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard import demo
from seam_integration import clock


class Command(BaseCommand):
    help = "Fill the demo content once, and print the demo log-in."

    def handle(self, *args: Any, **options: Any) -> None:
        if not demo.is_on():
            # With a real workspace there is nothing to demonstrate, and no well-known password may exist.
            why = "SEAM_API_KEY is set" if settings.HAS_SEAM_API_KEY else "it has a public address"
            if demo.retire():
                self.stdout.write(f"The demo's {demo.EMAIL} can no longer log in: {why}.")
            self.stdout.write(f"No demo: {why}. Sign up in the browser.")
            return
        login = demo.fill(clock.now())
        self.stdout.write(f"Demo log-in: {login.email} / {login.password}")
