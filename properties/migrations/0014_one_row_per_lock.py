"""Lets no lock have two rows. Where two stand for one already, the one on a door keeps the maker's id."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def leave_to_one(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    locks: Any = apps.get_model("properties", "Lock")._base_manager
    rows = locks.exclude(maker_id="").order_by("pk")
    on_door = set(apps.get_model("properties", "Door")._base_manager.values_list("lock", flat=True))
    named: dict[tuple[int, str], list[Any]] = {}
    for row in rows.only("pk", "organization_id", "maker_id", "vanished_at").iterator(1000):
        named.setdefault((row.organization_id, row.maker_id), []).append(row)
    for same in named.values():
        same.sort(key=lambda row: (row.pk not in on_door, row.vanished_at is not None, row.pk))
        locks.filter(pk__in=[row.pk for row in same[1:]]).update(maker_id="")


class Migration(migrations.Migration):
    dependencies = [("properties", "0013_missing_before_gone")]

    operations = [
        migrations.RunPython(leave_to_one, migrations.RunPython.noop),
        migrations.AddConstraint(
            "lock",
            models.UniqueConstraint(
                condition=models.Q(("maker_id", ""), _negated=True),
                fields=("organization", "maker_id"),
                name="one_row_per_lock",
            ),
        ),
    ]
