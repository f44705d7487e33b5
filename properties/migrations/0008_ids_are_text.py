"""Keeps ids of others as text. Those there are keep the form in which they were given: with dashes."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

IDS = {
    "ConnectedAccount": "seam_id",
    "Lock": "seam_id",
    "LockCommand": "attempt_id",
    "AccessCode": "seam_id",
    "Activity": "seam_event_id",
}
# Where the parts of a UUID begin, and how long they are.
PARTS = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
MAY_BE_EMPTY = ("LockCommand", "AccessCode", "Activity")
IS_SOUND = models.Case(
    models.When(models.Q(errors=[], rejected_at=None, seam_id__isnull=False), then=True), default=False
)


def put_dashes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite had kept them without; PostgreSQL, which knows UUIDs, has written them out."""
    if schema_editor.connection.vendor != "sqlite":
        return
    for model, column in IDS.items():
        rows: Any = apps.get_model("properties", model)
        parts = " || '-' || ".join(f"substr({column}, {at}, {long})" for at, long in PARTS)
        schema_editor.execute(
            f"UPDATE {rows._meta.db_table} SET {column} = {parts}"  # noqa: S608 - names of our own
            f" WHERE length({column}) = 32 AND {column} NOT LIKE '%-%'"
        )


def text(model: str) -> "models.CharField[Any, Any]":
    if model in MAY_BE_EMPTY:
        return models.CharField(blank=True, max_length=200, null=True, unique=True)
    return models.CharField(max_length=200, unique=True)


class Migration(migrations.Migration):
    dependencies = [("properties", "0007_code_sent_and_missing")]

    operations = [
        # PostgreSQL changes no column that another is generated from.
        migrations.RemoveField("accesscode", "is_sound"),
        *(migrations.AlterField(model, column, text(model)) for model, column in IDS.items()),
        migrations.RunPython(put_dashes, migrations.RunPython.noop),
        migrations.AddField(
            "accesscode",
            "is_sound",
            models.GeneratedField(expression=IS_SOUND, output_field=models.BooleanField(), db_persist=True),
        ),
    ]
