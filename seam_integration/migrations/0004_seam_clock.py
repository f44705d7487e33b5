"""Remembers Seam's time, to tell when our own clock is wrong."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seam_integration", "0003_opening_webview"),
    ]

    operations = [
        migrations.CreateModel(
            name="SeamClock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("boot", models.CharField(max_length=40, unique=True)),
                ("seam_at_boot", models.DateTimeField()),
                ("is_apart", models.BooleanField(default=False)),
            ],
        ),
    ]
