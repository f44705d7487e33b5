"""Keeps the normal forms of names: what rows are searched in and sorted by. Fills them for the rows there are."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from properties.values.names import guest_search_form, search_form, sort_key

BATCH = 1000
SEARCHED = {
    "AccessCode": ["holder_name"],
    "Activity": ["text"],
    "Door": ["name"],
    "Guest": ["name", "email", "phone"],
    "Lock": ["name"],
    "Property": ["name", "address"],
    "StaffMember": ["name"],
    "Unit": ["name"],
}
SORTED = ["Door", "Lock", "Property", "StaffMember", "Unit"]


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model, columns in SEARCHED.items():
        form: Callable[..., str] = guest_search_form if model == "Guest" else search_form
        manager: Any = apps.get_model("properties", model)._base_manager
        rows = manager.order_by("pk").only(*columns).iterator(BATCH)
        while batch := list(islice(rows, BATCH)):
            for row in batch:
                row.search_text = form(*(getattr(row, column) for column in columns))
                if model in SORTED:
                    row.sort_key = sort_key(row.name)
            manager.bulk_update(batch, ["search_text", *(["sort_key"] if model in SORTED else [])], BATCH)


class Migration(migrations.Migration):
    dependencies = [("properties", "0005_other_codes")]

    operations = [
        *(
            migrations.AddField(model, "search_text", models.TextField(default="", editable=False))
            for model in SEARCHED
        ),
        *(migrations.AddField(model, "sort_key", models.TextField(default="", editable=False)) for model in SORTED),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterModelOptions(
            "property", {"ordering": ["sort_key", "name"], "verbose_name_plural": "properties"}
        ),
        *(
            migrations.AlterModelOptions(
                model, {"ordering": ["property__sort_key", "property__name", "sort_key", "name"]}
            )
            for model in ("unit", "door")
        ),
        *(migrations.AlterModelOptions(model, {"ordering": ["sort_key", "id"]}) for model in ("lock", "staffmember")),
        migrations.RemoveIndex("lock", "lock_by_name"),
        migrations.AddIndex(
            "lock", models.Index(fields=["organization", "sort_key", "id", "account"], name="lock_by_sort_key")
        ),
    ]
