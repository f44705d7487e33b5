"""Keeps until when a guest who moved to another unit may use the doors of before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("properties", "0011_people_against_people")]

    operations = [migrations.AddField("accesscode", "leaves_by", models.DateTimeField(null=True))]
