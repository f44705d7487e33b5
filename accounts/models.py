"""User (named by email), Organization (the tenant), Membership (role and rights), Invitation."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F
from django.utils.crypto import salted_hmac

P = TypeVar("P", bound=models.Model, covariant=True)

INVITATION_LASTS = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
TOKENS = Signer(salt="accounts.Invitation")


class Right(models.TextChoices):
    """What a person may do; rights are separate from roles, so that one can be granted or withheld alone."""

    LOOK_AROUND = "look_around", "See stays, guests, locks and history"
    SEE_PIN = "see_pin", "See PINs"
    OPERATE_LOCKS = "operate_locks", "Lock and unlock doors"
    ISSUE_CODES = "issue_codes", "Make or change stays and codes"
    REISSUE_CODES = "reissue_codes", "Give a code a new PIN"
    MANAGE_PLACES = "manage_places", "Change properties, units and doors"
    LINK_ACCOUNTS = "link_accounts", "Link or unlink accounts"
    MANAGE_PEOPLE = "manage_people", "Manage people"

    @property
    def words(self) -> str:
        """The label as the end of a sentence: “Your role does not allow you to …”."""
        return self.label[0].lower() + self.label[1:]

    @property
    def is_organization_wide(self) -> bool:
        """Whether it concerns all properties, so that a person limited to some cannot have it."""
        return self in (Right.LINK_ACCOUNTS, Right.MANAGE_PEOPLE)


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    FRONT_DESK = "front_desk", "Front desk"
    CLEANER = "cleaner", "Cleaner"
    READ_ONLY = "read_only", "Read only"

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self]

    @property
    def purpose(self) -> str:
        """Describe for whom the role is, as a sentence."""
        return PURPOSES[self]


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.MANAGE_PEOPLE},
    Role.FRONT_DESK: frozenset(
        {Right.LOOK_AROUND, Right.SEE_PIN, Right.OPERATE_LOCKS, Right.ISSUE_CODES, Right.REISSUE_CODES}
    ),
    # A cleaner sees one page: today's units and their own code.
    Role.CLEANER: frozenset(),
    Role.READ_ONLY: frozenset({Right.LOOK_AROUND}),
}

PURPOSES: dict[Role, str] = {
    Role.OWNER: "Everything, people included. There is always at least one.",
    Role.MANAGER: "Runs the homes: stays, codes, doors and accounts.",
    Role.FRONT_DESK: "Helps guests: stays, codes, PINs, doors.",
    Role.CLEANER: "Sees today's units and their own code, and no guest's full name.",
    Role.READ_ONLY: "Looks, changes nothing and sees no PIN.",
}


class Organization(models.Model):
    """A tenant; everything a person sees belongs to exactly one."""

    name = models.CharField(max_length=200)
    # Sent to Seam as `customer_key`; random, so that it reveals nothing about the tenant.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # When the first-run checklist was put away, which is possible once every step is done.
    first_run_put_away_at = models.DateTimeField(null=True, editable=False)
    # People may know PINs that they may not see any more: looked up only while it is set (properties.codes.known_pins).
    has_left_over_pins = models.BooleanField(default=False, editable=False)
    # Values of Role: who has these must log in with a second factor.
    second_factor_roles = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def customer_key(self) -> str:
        return f"latchkey-{self.key}"


class UserManager(BaseUserManager["User"]):
    """Creates users by email address, and loads each with its membership."""

    def get_queryset(self) -> models.QuerySet[User]:
        # Every page needs user, membership and organization: one query.
        return super().get_queryset().select_related("membership__organization")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person who logs in with an email address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("email address", unique=True)
    # Part of the session hash: a higher number ends all sessions.
    session_generation = models.PositiveIntegerField(default=0, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    @cached_property
    def current_membership(self) -> Membership | None:
        try:
            return self.membership
        except Membership.DoesNotExist:
            return None

    def forget_membership(self) -> None:
        """Drop the cached membership, so that the next access reads it again."""
        self.__dict__.pop("current_membership", None)
        self._state.fields_cache.pop("membership", None)

    @property
    def organization(self) -> Organization:
        """The person's tenant; raises Organization.DoesNotExist without a membership."""
        if self.current_membership is None:
            raise Organization.DoesNotExist("This person belongs to no organization.")
        return self.current_membership.organization

    @property
    def organization_id(self) -> int | None:
        return self.current_membership.organization_id if self.current_membership else None

    def can(self, right: Right | str) -> bool:
        return self.current_membership is not None and self.current_membership.can(right)

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}.{self.session_generation}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (f"{old}.{self.session_generation}" for old in super().get_session_auth_fallback_hash())

    def end_sessions(self) -> None:
        """Log this person out everywhere."""
        User.objects.filter(pk=self.pk).update(session_generation=F("session_generation") + 1)
        self.refresh_from_db(fields=["session_generation"])


class PeopleQuerySet(models.QuerySet[P]):
    """Rows about the people of an organization."""

    def for_user(self, user: User) -> Self:
        """Filter by this person's organization; empty without a membership."""
        return self.none() if user.organization_id is None else self.filter(organization_id=user.organization_id)


class Grants(models.Model):
    """A role, and what an owner changed of its rights for one person."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OWNER)
    # Values of Right, granted beyond the role's own or withheld from them.
    granted = models.JSONField(default=list, blank=True)
    withheld = models.JSONField(default=list, blank=True)
    # Limited to the properties of properties.Reach; stored here, so that deleting a property never means "all".
    is_limited = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def rights(self) -> frozenset[Right]:
        """The role's rights with grants and withholdings applied; an owner always has all."""
        if self.role == Role.OWNER:
            return Role.OWNER.rights
        known = set(Right.values)
        granted = {Right(name) for name in self.granted if name in known}
        withheld = {Right(name) for name in self.withheld if name in known}
        held = (Role(self.role).rights | granted) - withheld
        return frozenset(right for right in held if not (self.is_limited and right.is_organization_wide))

    def can(self, right: Right | str) -> bool:
        return Right(right) in self.rights

    def set_rights(self, role: Role, choices: Mapping[Right, bool]) -> None:
        """Take this role, and keep of the explicit choices only those that differ from it."""
        self.role = role
        self.granted = sorted(right.value for right, on in choices.items() if on and right not in role.rights)
        self.withheld = sorted(right.value for right, on in choices.items() if not on and right in role.rights)


class Membership(Grants):
    """A person's place in an organization, one per person (docs/decisions/0002)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)
    # When they last opened a page, accurate to a few minutes.
    seen_at = models.DateTimeField(null=True, editable=False)

    objects = PeopleQuerySet["Membership"].as_manager()

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}"

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    def see(self, now: datetime) -> None:
        """Record that this person is active, at most every few minutes."""
        if self.seen_at is None or abs(now - self.seen_at) >= SEEN_EVERY:
            Membership.objects.filter(pk=self.pk).update(seen_at=now)


class InvitationState(Enum):
    """The state of an invitation, as lists and chips show it."""

    OPEN = ("Waiting", "info", "clock")
    EXPIRED = ("Expired", "warn", "exclamation-triangle")
    WITHDRAWN = ("Withdrawn", "idle", "no-symbol")
    ACCEPTED = ("Accepted", "ok", "check-circle")

    def __init__(self, label: str, tone: str, icon: str) -> None:
        self.label = label
        self.tone = tone
        self.icon = icon


class Invitation(Grants):
    """A place in an organization, offered by email; of its link's secret only a keyed hash is kept."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("email address")
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    objects = PeopleQuerySet["Invitation"].as_manager()

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address",
            )
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.email}"

    def state(self, now: datetime) -> InvitationState:
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        return InvitationState.EXPIRED if self.expires_at <= now else InvitationState.OPEN

    def renew_token(self, now: datetime) -> str:
        """Create a new secret for the link, which ends earlier links; it is returned once and not stored."""
        token = TOKENS.sign(secrets.token_urlsafe(32))
        self.token_hash = hash_of_token(token)
        self.sent_at, self.expires_at = now, now + INVITATION_LASTS
        return token


def hash_of_token(token: str) -> str:
    """Return the stored form of a link's secret, or an empty string for one that we did not sign."""
    try:
        TOKENS.unsign(token)
    except BadSignature:
        return ""
    return salted_hmac("accounts.Invitation", token, algorithm="sha256").hexdigest()
