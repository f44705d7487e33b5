"""Names our own admin site as the one in which every package registers its tables."""

from django.contrib.admin.apps import AdminConfig


class LatchkeyAdminConfig(AdminConfig):
    default_site = "latchkey.admin_site.LatchkeyAdminSite"
