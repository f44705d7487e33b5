"""Notes that people know PINs that they may not see any more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_second_factor_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="has_left_over_pins",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
