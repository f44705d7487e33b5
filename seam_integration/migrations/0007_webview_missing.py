"""Keeps when Seam first did not know a log-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("seam_integration", "0006_unreadable")]

    operations = [migrations.AddField("connectwebview", "missing_at", models.DateTimeField(null=True))]
