"""The app's configuration: it holds the commands `up` and `sandbox`."""

from django.apps import AppConfig


class LatchkeyConfig(AppConfig):
    name = "latchkey"
