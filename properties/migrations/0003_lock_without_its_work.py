"""The engine's queue leaves the lock: its values stand in `seam_integration.LockWork` (its migration 0002)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("properties", "0001_initial")]

    operations = [
        migrations.RemoveIndex(model_name="lock", name="lock_due"),
        *[
            migrations.RemoveField(model_name="lock", name=name)
            for name in ("reconcile_at", "wakes", "lease_until", "failures", "failed_since", "codes_read_at")
        ],
    ]
