"""Unlinking an account: its codes come off the locks first, then it leaves Seam."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from properties.codes import planning, staff_codes
from properties.models import AccessCode, Activity, ConnectedAccount, Door, Lock
from properties.models.access_codes import AccessCodeQuerySet
from properties.values.wording import LISTED_AT_MOST, listed
from seam_integration.api.client import SeamClient, SeamError

logger = logging.getLogger(__name__)


# A code that was proved gone so long before is not asked for again.
PROVED_FOR = timedelta(days=30)
ASKED_AT_ONCE = 20


class Progress(NamedTuple):
    """How many codes an unlinking has to see off, and how many are left."""

    left: int
    total: int


def codes_left(account: ConnectedAccount) -> int:
    """Codes that would stay on the locks: deleting an account at Seam does not take codes off them (Seam docs)."""
    return AccessCode.objects.occupying().filter(lock__account=account).count()


def locks_with_codes(account: ConnectedAccount) -> list[str]:
    """The locks on which codes would stay."""
    held = AccessCode.objects.occupying().filter(lock__account=account).values("lock")
    return list(Lock.objects.filter(pk__in=held).values_list("name", flat=True))


def progress(account: ConnectedAccount) -> Progress:
    """Of a requested unlinking."""
    ours = _concerned(account)
    return Progress(ours.filter(removed_at=None).count() + _not_asked(account).count(), ours.count())


def _concerned(account: ConnectedAccount) -> AccessCodeQuerySet:
    """Codes that hold a place, and those that Seam may still have although they are recorded as removed."""
    since = (account.unlink_requested_at or account.linked_at) - PROVED_FOR
    may_be_there = Q(removed_at__gt=since, seam_id__isnull=False)
    return AccessCode.objects.filter(Q(removed_at=None) | may_be_there, lock__account=account)


def _not_asked(account: ConnectedAccount) -> AccessCodeQuerySet:
    """Recorded as removed, and not yet asked for since the unlinking was."""
    return _concerned(account).filter(removed_at__isnull=False, absent_at=None)


def request(account: ConnectedAccount, actor: User, now: datetime) -> None:
    """Revoke every code of the account; the rest follows when all are gone. Asked for again: try again now."""
    with transaction.atomic():
        mine = ConnectedAccount.objects.filter(pk=account.pk, unlink_requested_at=None)
        if mine.update(unlink_requested_at=now) == 1:
            AccessCode.objects.filter(lock__account=account).exclude(absent_at=None).update(absent_at=None)
            about: dict[str, Any] = {"account": account, "actor": actor}
            text = f"Unlinking of {account} was asked for"
            Activity.record(account.organization_id, now, "account.unlink_requested", text, **about)
        standing = AccessCode.objects.standing().filter(lock__account=account).select_related("lock")
        for code in standing:
            planning.revoke(code, now, actor, "Account unlinked")
        account.locks.filter(access_codes__removed_at=None, access_codes__isnull=False).distinct().wake(now)


def keep_linked(account: ConnectedAccount, actor: User, now: datetime) -> bool:
    """Undo a request that is not carried out yet. Codes that were revoked stay so; stays plan theirs anew."""
    mine = ConnectedAccount.objects.filter(pk=account.pk, unlinked_at=None).exclude(unlink_requested_at=None)
    done = mine.update(unlink_requested_at=None) == 1
    if done:
        unit_ids = account.locks.values_list("door__units", flat=True)
        planning.replan_unit_stays([unit_id for unit_id in unit_ids if unit_id], now, actor)
        staff_codes.wake(Door.objects.filter(lock__account=account), now)
        about: dict[str, Any] = {"account": account, "actor": actor}
        text = f"{account} stays linked after all"
        Activity.record(account.organization_id, now, "account.unlink_withdrawn", text, **about)
    return done


def finish_requested(now: datetime, client: SeamClient) -> None:
    """Unlink the accounts whose codes are all gone, each asked for by its id."""
    for account in ConnectedAccount.objects.filter(unlinked_at=None).exclude(unlink_requested_at=None):
        try:
            if codes_left(account) == 0 and ask_for_codes(account, now, client):
                finish(account, now, client)
        except SeamError as error:
            logger.warning("account %s not unlinked: %s", account.pk, error)


def ask_for_codes(account: ConnectedAccount, now: datetime, client: SeamClient) -> bool:
    """Ask Seam for each code by its id; True when it knows none. One that answers is deleted, and asked for again."""
    for code in _not_asked(account).order_by("pk")[:ASKED_AT_ONCE]:
        assert code.seam_id is not None
        if client.find_code(code.seam_id) is None:
            AccessCode.objects.filter(pk=code.pk).update(absent_at=now)
        else:
            logger.warning("code %s of account %s was said to be removed and is not", code.pk, account.pk)
            client.delete_code(code.seam_id)
    return not _not_asked(account).exists()


def finish(account: ConnectedAccount, now: datetime, client: SeamClient) -> None:
    """Delete the account at Seam. Raises SeamError. Codes that are left (a person insisted) stay on the locks."""
    try:
        client.delete_account(account.seam_id)
    except SeamError as error:
        if not error.is_missing:
            raise
    names = listed(locks_with_codes(account), at_most=LISTED_AT_MOST)
    if ConnectedAccount.objects.filter(pk=account.pk, unlinked_at=None).update(unlinked_at=now) == 1:
        about: dict[str, Any] = {"account": account}
        text = f"{account} was unlinked" + (f"; codes stay on {names}" if names else "")
        Activity.record(account.organization_id, now, "account.unlinked", text, **about)
