"""Keeps which person knows which PIN, and takes over what the history tells of PINs that were shown."""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Of guests' codes that are not off their lock. Whose PIN of staff was seen, the history does not tell by number."""
    told: Any = apps.get_model("properties", "Activity").objects
    known: Any = apps.get_model("properties", "KnownPin")
    shown = told.filter(kind="code.revealed", actor__isnull=False, access_code__removed_at=None)
    rows = (
        shown.exclude(access_code=None)
        .filter(access_code__staff=None)
        .order_by()
        .values_list("organization", "actor", "access_code")
    )
    known.objects.bulk_create(
        (
            known(organization_id=organization, user_id=user, access_code_id=code, since=since)
            for organization, user, code, since in rows.annotate(since=models.Min("at"))
        ),
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_email_address"),
        ("properties", "0009_booked_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownPin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "access_code",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_to",
                        to="properties.accesscode",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_to",
                        to="properties.staffmember",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "access_code"), name="code_known_once_per_person"),
                    models.UniqueConstraint(fields=("user", "staff"), name="staff_pin_known_once_per_person"),
                    models.CheckConstraint(
                        condition=models.Q(("access_code", None), ("staff", None), _connector="XOR"),
                        name="known_pin_of_a_code_or_a_staff_member",
                    ),
                ],
            },
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
