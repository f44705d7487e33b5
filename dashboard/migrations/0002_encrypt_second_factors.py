"""Secrets of authenticator apps and recovery codes were kept in clear."""

from django.db import migrations

from properties.values.encryption import encrypt

SECRETS = ("secret", "seed")


def encrypt_secrets(apps, schema_editor):
    for row in apps.get_model("mfa", "Authenticator").objects.filter(type__in=["totp", "recovery_codes"]):
        found = {name: row.data[name] for name in SECRETS if name in row.data}
        clear = {name: encrypt(value) for name, value in found.items() if not value.startswith("gAAAA")}
        codes = row.data.get("migrated_codes")
        if codes:
            clear["migrated_codes"] = [code if code.startswith("gAAAA") else encrypt(code) for code in codes]
        if clear:
            row.data = row.data | clear
            row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0001_sent_form"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(encrypt_secrets, migrations.RunPython.noop)]
