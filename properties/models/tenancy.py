"""Whose rows are whose: the one filter every page goes through, and the properties a person is limited to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from accounts.models import Invitation, Membership, Right

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=models.Model, covariant=True)


class Reach(models.Model):
    """One property that a person limited to some may see; before they accept, one that their invitation offers."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="reaches")
    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, null=True, related_name="reaches")
    property = models.ForeignKey("properties.Property", on_delete=models.CASCADE, related_name="reaches")

    class Meta:
        verbose_name_plural = "reaches"
        constraints = [
            models.UniqueConstraint(fields=["membership", "property"], name="reach_once_per_membership"),
            models.UniqueConstraint(fields=["invitation", "property"], name="reach_once_per_invitation"),
            models.CheckConstraint(
                condition=Q(membership=None) ^ Q(invitation=None), name="reach_of_a_member_or_an_invitation"
            ),
        ]

    def __str__(self) -> str:
        return f"Reach into property {self.property_id}"


class TenantQuerySet(models.QuerySet[M]):
    """Rows of a model that has an `organization`."""

    def for_user(self, user: User) -> Self:
        """Only what this person may see: their organization's rows, at their properties if they are limited."""
        membership = user.current_membership
        if membership is None or not membership.can(Right.LOOK_AROUND):
            return self.none()
        rows = self.filter(organization_id=membership.organization_id)
        if not membership.is_limited:
            return rows
        return rows.at_properties(Reach.objects.filter(membership=membership).values("property"))

    def at_properties(self, properties: Any) -> Self:
        """Rows at these properties. A model that does not say how it hangs on one is not for limited people."""
        return self.none()
