"""Names the app, and keeps the marking of verdicts in place over migrations."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from properties.verdict import marking


class PropertiesConfig(AppConfig):
    name = "properties"

    def ready(self) -> None:
        pre_migrate.connect(take_marking_away, sender=self)
        post_migrate.connect(put_marking_back, sender=self)


def take_marking_away(using: str, plan: Any = (), **_: Any) -> None:
    """Nothing to do without migrations: a server that starts anew, or a flushed database."""
    if plan:
        marking.uninstall(connections[using])


def put_marking_back(using: str, plan: Any = (), **_: Any) -> None:
    connection = connections[using]
    if plan and marking.is_installable(connection):
        marking.install(connection)
