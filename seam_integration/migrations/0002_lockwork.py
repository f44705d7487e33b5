"""The engine's queue gets a table of its own; every lock takes its work along."""

from itertools import islice
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

MOVED = ("reconcile_at", "wakes", "lease_until", "failures", "failed_since", "codes_read_at")
BATCH = 1000


def copy_from_locks(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    work: Any = apps.get_model("seam_integration", "LockWork")
    locks: Any = apps.get_model("properties", "Lock")
    rows = locks.objects.order_by("pk").values_list("pk", *MOVED).iterator(BATCH)
    while batch := list(islice(rows, BATCH)):
        copies = (work(lock_id=pk, **dict(zip(MOVED, values, strict=True))) for pk, *values in batch)
        work.objects.bulk_create(copies, ignore_conflicts=True)


def copy_back(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    work: Any = apps.get_model("seam_integration", "LockWork")
    locks: Any = apps.get_model("properties", "Lock")
    for values in work.objects.order_by("pk").values("pk", *MOVED).iterator(BATCH):
        locks.objects.filter(pk=values.pop("pk")).update(**values)


class Migration(migrations.Migration):
    dependencies = [("properties", "0001_initial"), ("seam_integration", "0001_initial")]
    # The columns leave the lock only when their values stand here.
    run_before = [("properties", "0003_lock_without_its_work")]

    operations = [
        migrations.CreateModel(
            name="LockWork",
            fields=[
                (
                    "lock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="work",
                        serialize=False,
                        to="properties.lock",
                    ),
                ),
                ("reconcile_at", models.DateTimeField(null=True)),
                ("wakes", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("failed_since", models.DateTimeField(null=True)),
                ("codes_read_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "lock work",
                "indexes": [
                    models.Index(
                        condition=models.Q(("reconcile_at__isnull", False)), fields=["reconcile_at"], name="work_due"
                    )
                ],
            },
        ),
        migrations.RunPython(copy_from_locks, copy_back),
    ]
