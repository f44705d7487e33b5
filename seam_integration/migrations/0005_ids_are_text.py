"""Keeps Seam's ids as text. Those there are keep the form in which they were given: with dashes."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

IDS = {"ConnectWebview": "seam_id", "SeamEvent": "event_id", "WebhookRegistration": "seam_id"}
# Where the parts of a UUID begin, and how long they are.
PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))


def put_dashes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite had kept them without; PostgreSQL, which knows UUIDs, has written them out."""
    if schema_editor.connection.vendor != "sqlite":
        return
    for model, column in IDS.items():
        rows: Any = apps.get_model("seam_integration", model)
        parts = " || '-' || ".join(f"substr({column}, {at}, {long})" for at, long in PARTS)
        schema_editor.execute(
            f"UPDATE {rows._meta.db_table} SET {column} = {parts}"  # noqa: S608 - names of our own
            f" WHERE length({column}) = 32 AND {column} NOT LIKE '%-%'"
        )


def text(model: str) -> "models.CharField[Any, Any]":
    # A webview has no id while Seam has not answered yet.
    if model == "ConnectWebview":
        return models.CharField(blank=True, max_length=200, null=True, unique=True)
    return models.CharField(max_length=200, unique=True)


class Migration(migrations.Migration):
    dependencies = [("seam_integration", "0004_seam_clock")]

    operations = [
        *(migrations.AlterField(model, column, text(model)) for model, column in IDS.items()),
        migrations.RunPython(put_dashes, migrations.RunPython.noop),
    ]
