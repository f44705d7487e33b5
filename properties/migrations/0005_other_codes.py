"""`Lock.unmanaged_codes` is called `other_codes`, for it holds managed ones too. The column keeps its name."""

from django.db import migrations, models

NEEDS_VISIT = models.Q(
    ("battery_level__lt", 0.3),
    ("battery_status__in", ["low", "critical"]),
    ("keypad_battery_level__lt", 0.3),
    models.Q(("other_codes", []), _negated=True),
    _connector="OR",
)


class Migration(migrations.Migration):
    dependencies = [("properties", "0004_code_has_own_errors")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("lock", "unmanaged_codes", "other_codes"),
                migrations.AlterField(
                    "lock", "other_codes", models.JSONField(db_column="unmanaged_codes", default=list)
                ),
                migrations.AlterField(
                    "lock",
                    "needs_visit",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(models.When(NEEDS_VISIT, then=True), default=False),
                        output_field=models.BooleanField(),
                    ),
                ),
            ]
        )
    ]
