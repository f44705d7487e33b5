"""Keeps proof for each window, an early end, a PIN that the guest does not know yet, and staff while guests are there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("properties", "0010_known_pins"),
    ]

    operations = [
        *(
            migrations.AddField("accesscode", name, models.DateTimeField(null=True))
            for name in ("moved_at", "window_proved_at")
        ),
        migrations.AddField(
            "accesscode",
            "window_proved_source",
            models.CharField(blank=True, default="", max_length=80),
            preserve_default=False,
        ),
        *(
            migrations.AddField("stay", name, models.DateTimeField(null=True))
            for name in ("ended_at", "old_pin_since", "new_pin_sent_at")
        ),
        *(
            migrations.AddField(
                "stay",
                name,
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            )
            for name in ("ended_by", "new_pin_sent_by")
        ),
        migrations.AddField("stay", "planned_check_out_on", models.DateField(null=True)),
        migrations.AddField("stay", "planned_check_out_time", models.TimeField(null=True)),
        # Who has access keeps it as it is; whoever is added from now on is asked.
        migrations.AddField(
            "staffmember",
            "also_while_occupied",
            models.BooleanField(default=True, verbose_name="also while guests are there"),
        ),
        migrations.AlterField(
            "staffmember",
            "also_while_occupied",
            models.BooleanField(default=False, verbose_name="also while guests are there"),
        ),
    ]
