"""Keeps what could not be read of an answer, to be shown."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0007_code_sent_and_missing"),
        ("seam_integration", "0003_seam_clock"),
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
