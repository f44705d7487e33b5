"""Whose rows are whose: the one filter every page goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[M]):
    """Rows of a model that has an `organization`."""

    def for_user(self, user: User) -> Self:
        """Only what this person's organization owns; nothing for somebody without an organization."""
        return self.filter(organization_id=user.organization_id)
