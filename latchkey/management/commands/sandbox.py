"""`manage.py sandbox`: run the local stand-in for Seam until interrupted."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from seam_sandbox import InUse, Server, create_app


class Command(BaseCommand):
    help = "Runs a local stand-in for Seam's API."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.SANDBOX_PORT)
        parser.add_argument("--api-key", default=settings.SEAM_API_KEY)
        parser.add_argument("--state", type=Path, default=settings.VAR_DIR / "sandbox.sqlite3")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            app = create_app(api_key=options["api_key"], state_path=options["state"])
        except (ValueError, InUse) as wrong:
            raise CommandError(str(wrong)) from wrong
        try:
            server = Server(app, options["host"], options["port"])
        except OSError as taken:
            raise CommandError(f"Cannot listen on port {options['port']}: {taken.strerror}") from taken
        self.stdout.write(f"Sandbox: {server.url}")
        server.run()
        self.stdout.write("Sandbox stopped.")
