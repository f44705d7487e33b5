"""Keeps when Seam first did not know a log-in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("seam_integration", "0005_ids_are_text")]

    operations = [migrations.AddField("connectwebview", "missing_at", models.DateTimeField(null=True))]
