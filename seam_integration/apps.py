"""Names the app."""

from django.apps import AppConfig


class SeamIntegrationConfig(AppConfig):
    name = "seam_integration"
