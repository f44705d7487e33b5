"""Names the app: bookings come in from the channels' calendars."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "calendars"
