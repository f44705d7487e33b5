"""Adds what is known of a code after a refusal: when it was sent, and since when it is missing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("properties", "0006_names_as_people_find_them"),
    ]

    operations = [
        migrations.AddField(
            model_name="accesscode",
            name="missing_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="accesscode",
            name="sent_at",
            field=models.DateTimeField(null=True),
        ),
    ]
