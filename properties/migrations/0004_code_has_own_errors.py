"""Stores whether a code has errors of its own, for the codes that were observed before."""

from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 1000


def mark_own_errors(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    codes: Any = apps.get_model("properties", "AccessCode")
    rows = codes.objects.exclude(errors=[]).order_by("pk").values_list("pk", "errors").iterator(BATCH)
    while batch := list(islice(rows, BATCH)):
        own = [pk for pk, errors in batch if any(_is_of_the_code(error) for error in errors)]
        codes.objects.filter(pk__in=own).update(has_own_errors=True)


def _is_of_the_code(error: dict[str, Any]) -> bool:
    return not (error.get("is_device_error") or error.get("is_connected_account_error"))


class Migration(migrations.Migration):
    dependencies = [("properties", "0003_lock_without_its_work")]

    operations = [
        migrations.AddField("accesscode", "has_own_errors", models.BooleanField(default=False)),
        migrations.RunPython(mark_own_errors, migrations.RunPython.noop),
    ]
