"""Names the app, and connects the engine: locks that are woken reach the worker, messages take our clock."""

from importlib import import_module

from django.apps import AppConfig


class SeamIntegrationConfig(AppConfig):
    name = "seam_integration"

    def ready(self) -> None:
        # By name, for modules with models can be imported only when every app has been loaded.
        import_module("properties.models.locks").on_wake(import_module("seam_integration.notify").wake)
        import_module("outbox.clock").use(import_module("seam_integration.clock").now)
