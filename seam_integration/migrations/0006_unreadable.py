"""Keeps what could not be read of an answer, to be shown."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0012_doors_of_before"),
        ("seam_integration", "0005_ids_are_text"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unreadable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(max_length=80)),
                ("text", models.TextField()),
                ("first_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unreadable",
                        to="properties.connectedaccount",
                    ),
                ),
                (
                    "lock",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="unreadable",
                        to="properties.lock",
                    ),
                ),
            ],
            options={
                "ordering": ["first_at", "id"],
            },
        ),
    ]
