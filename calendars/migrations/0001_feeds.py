"""Feeds, the bookings known from them, and what their answers changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_email_address"),
        ("properties", "0009_booked_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("channel", models.CharField(max_length=20)),
                ("address_encrypted", models.TextField()),
                ("host", models.CharField(max_length=253)),
                ("created_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("closures_up_to", models.PositiveSmallIntegerField(null=True)),
                ("stay_words", models.JSONField(default=list)),
                ("trusts_times", models.BooleanField(default=False)),
                ("z_is_local", models.BooleanField(default=False)),
                ("mirrors_others", models.BooleanField(default=True)),
                ("next_at", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
                ("compared_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failed_since", models.DateTimeField(null=True)),
                ("problem", models.JSONField(default=dict)),
                ("etag", models.CharField(blank=True, max_length=200)),
                ("last_modified", models.CharField(blank=True, max_length=200)),
                ("body_hash", models.CharField(blank=True, max_length=64)),
                ("counts", models.JSONField(default=dict)),
                ("events", models.JSONField(default=list)),
                ("notes", models.JSONField(default=list)),
                ("unreadable", models.JSONField(default=list)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("linked_units", models.ManyToManyField(blank=True, related_name="+", to="properties.unit")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="feeds", to="properties.unit"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChangeSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("held", models.JSONField(default=dict)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organization"
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="change_sets", to="calendars.feed"
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="FeedBooking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(blank=True, max_length=60)),
                ("hint", models.CharField(blank=True, max_length=60)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("guest", models.CharField(blank=True, max_length=120)),
                ("party", models.PositiveSmallIntegerField(null=True)),
                ("outcome", models.CharField(max_length=10)),
                ("reason", models.JSONField(default=dict)),
                ("identity", models.JSONField(default=dict)),
                ("state", models.CharField(default="active", max_length=10)),
                ("decision", models.CharField(blank=True, default="", max_length=6)),
                ("decided_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField()),
                ("missing_since", models.DateTimeField(null=True)),
                ("misses", models.PositiveIntegerField(default=0)),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "conflict_with",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="properties.stay"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bookings", to="calendars.feed"
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bookings",
                        to="properties.stay",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChangeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(blank=True, max_length=400)),
                ("act", models.CharField(max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "Applied"),
                            ("waiting", "Waits for a person"),
                            ("ignored", "Ignored"),
                            ("failed", "Not possible"),
                            ("undone", "Undone"),
                            ("moot", "No longer needed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.JSONField(default=dict)),
                ("held", models.JSONField(default=dict)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="properties.stay"
                    ),
                ),
                (
                    "change_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="items", to="calendars.changeset"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="calendars.feedbooking",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="BookingAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.CharField(max_length=400)),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="calendars.feed"
                    ),
                ),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="aliases", to="calendars.feedbooking"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "booking aliases",
            },
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(condition=models.Q(("removed_at__isnull", True)), fields=["next_at"], name="feed_due"),
        ),
        migrations.AddIndex(
            model_name="feedbooking",
            index=models.Index(fields=["feed", "ends_on"], name="booking_of_feed"),
        ),
        migrations.AddIndex(
            model_name="changeitem",
            index=models.Index(fields=["booking", "act"], name="item_of_booking"),
        ),
        migrations.AddConstraint(
            model_name="bookingalias",
            constraint=models.UniqueConstraint(fields=("feed", "uid"), name="alias_once_per_feed"),
        ),
    ]
