"""Django's admin for staff who run the server: entered by the log-in of everybody, and nothing is deleted there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse


class NothingIsDeleted:
    """Deleting a person or an organization would take history with it."""

    def has_delete_permission(self, request: HttpRequest, row: Model | None = None) -> bool:
        return False


class LatchkeyAdminSite(admin.AdminSite):
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the log-in page: limits and second factors hold there."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def register(
        self,
        model_or_iterable: ModelBase | Iterable[ModelBase],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        kept = type("KeptAdmin", (NothingIsDeleted, admin_class or admin.ModelAdmin), {})
        super().register(model_or_iterable, kept, **options)  # type: ignore[arg-type]
