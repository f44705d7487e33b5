"""Which person has seen, chosen or made which PIN: what they could still type when they may no longer see it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Organization, User
from properties.models.access_codes import AccessCode
from properties.models.staff import StaffMember
from properties.models.tenancy import TenantQuerySet


class KnownPinQuerySet(TenantQuerySet["KnownPin"]):
    def standing(self, now: datetime) -> KnownPinQuerySet:
        """Of PINs that open a door now or later: by whichever code has the PIN, for doors come and go."""
        alike = AccessCode.objects.standing_ahead(now).filter(
            organization=OuterRef("organization"), pin_hash=OuterRef("access_code__pin_hash")
        )
        return self.filter(Exists(alike) | Q(staff__isnull=False, staff__removed_at=None))

    def with_places(self) -> KnownPinQuerySet:
        return self.select_related("user", "access_code__lock__door__property", "access_code__stay__guest", "staff")


class KnownPin(models.Model):
    """A person knows the PIN of a code, or that of a staff member."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    access_code = models.ForeignKey(AccessCode, on_delete=models.CASCADE, null=True, related_name="known_to")
    staff = models.ForeignKey(StaffMember, on_delete=models.CASCADE, null=True, related_name="known_to")
    since = models.DateTimeField()
    # A colleague decided that it stays as it is although this person may no longer see it.
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = KnownPinQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "access_code"], name="code_known_once_per_person"),
            models.UniqueConstraint(fields=["user", "staff"], name="staff_pin_known_once_per_person"),
            models.CheckConstraint(
                condition=Q(access_code=None) ^ Q(staff=None), name="known_pin_of_a_code_or_a_staff_member"
            ),
        ]

    def __str__(self) -> str:
        return f"Known PIN {self.pk}"

    def codes(self, now: datetime) -> list[AccessCode]:
        """The codes that have this PIN, each with its door; none for the PIN of a staff member."""
        if self.access_code is None:
            return []
        alike = AccessCode.objects.standing_ahead(now).filter(pin_hash=self.access_code.pin_hash)
        return list(alike.filter(organization=self.organization_id).with_places().order_by("pk"))

    @classmethod
    def of_code(cls, code: AccessCode, user: User, now: datetime) -> None:
        """A code of a staff member has their PIN, and so will the next ones."""
        if code.staff is not None:
            cls.of_staff(code.staff, user, now)
            return
        row = {"since": now, "organization_id": code.organization_id}
        cls.objects.get_or_create(user=user, access_code=code, defaults=row)

    @classmethod
    def of_staff(cls, member: StaffMember, user: User, now: datetime) -> None:
        row = {"since": now, "organization_id": member.organization_id}
        cls.objects.get_or_create(user=user, staff=member, defaults=row)
