"""Every address, as a table of contents."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # People
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
