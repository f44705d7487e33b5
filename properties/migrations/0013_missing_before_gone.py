"""Keeps when Seam first did not know an account or a lock, and when an account was given up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0012_doors_of_before")]

    operations = [
        migrations.AddField(model, column, models.DateTimeField(null=True))
        for model, column in (
            ("connectedaccount", "missing_at"),
            ("connectedaccount", "forgotten_at"),
            ("lock", "missing_at"),
        )
    ]
