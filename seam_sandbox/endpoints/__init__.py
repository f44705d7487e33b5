"""Seam's endpoints, one module per family. Importing this package registers all of them."""

from seam_sandbox.endpoints import (
    access_codes,
    action_attempts,
    connect_webviews,
    connected_accounts,
    devices,
    events,
    locks,
    unmanaged_access_codes,
    webhooks,
    workspaces,
)

__all__ = [
    "access_codes",
    "action_attempts",
    "connect_webviews",
    "connected_accounts",
    "devices",
    "events",
    "locks",
    "unmanaged_access_codes",
    "webhooks",
    "workspaces",
]
