"""Notes that people know PINs that they may not see any more. Of the organizations there are, it is looked up once."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def look_once(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    organizations: Any = apps.get_model("accounts", "Organization").objects
    organizations.update(has_left_over_pins=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_second_factor_roles")]

    operations = [
        migrations.AddField("organization", "has_left_over_pins", models.BooleanField(default=False, editable=False)),
        migrations.RunPython(look_once, migrations.RunPython.noop),
    ]
