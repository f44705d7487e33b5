"""User (e-mail is the name), Organization (the tenant) and Membership (role and rights)."""

from __future__ import annotations

import uuid
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models


class Right(StrEnum):
    """What a person may do beyond looking. Separate rights, because peers that tie them to one role regret it."""

    SEE_PIN = "see_pin"
    OPERATE_LOCKS = "operate_locks"
    ISSUE_CODES = "issue_codes"
    MANAGE_PLACES = "manage_places"
    LINK_ACCOUNTS = "link_accounts"
    MANAGE_PEOPLE = "manage_people"


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    FRONT_DESK = "front_desk", "Front desk"
    CLEANER = "cleaner", "Cleaner"
    READ_ONLY = "read_only", "Read only"

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.MANAGE_PEOPLE},
    Role.FRONT_DESK: frozenset({Right.SEE_PIN, Right.OPERATE_LOCKS, Right.ISSUE_CODES}),
    Role.CLEANER: frozenset(),
    Role.READ_ONLY: frozenset(),
}


class Organization(models.Model):
    """A tenant. Everything a person sees belongs to exactly one."""

    name = models.CharField(max_length=200)
    # Given to Seam as `customer_key`; says nothing about the tenant to anybody who reads it there.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def customer_key(self) -> str:
        return f"latchkey-{self.key}"


class UserManager(BaseUserManager["User"]):
    """Creates users whose name is their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person who logs in with an e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @cached_property
    def current_membership(self) -> Membership | None:
        return Membership.objects.select_related("organization").filter(user=self).first()

    @property
    def organization(self) -> Organization:
        """The tenant this person works for; raises Organization.DoesNotExist for somebody without one."""
        if self.current_membership is None:
            raise Organization.DoesNotExist("This person belongs to no organization.")
        return self.current_membership.organization

    @property
    def organization_id(self) -> int | None:
        return self.current_membership.organization_id if self.current_membership else None

    def can(self, right: Right | str) -> bool:
        return self.current_membership is not None and Right(right) in Role(self.current_membership.role).rights


class Membership(models.Model):
    """A person's place in an organization: one each (docs/decisions/0002)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OWNER)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"
