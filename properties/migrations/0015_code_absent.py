"""Keeps that Seam, asked before an account is unlinked, did not know a code."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0014_one_row_per_lock")]

    operations = [migrations.AddField("accesscode", "absent_at", models.DateTimeField(null=True))]
