"""Unlinking an account: its codes come off the locks first, then it leaves Seam."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from properties.codes import planning, staff_codes
from properties.models import AccessCode, Activity, ConnectedAccount, Door
from seam_integration.api.client import SeamClient, SeamError

logger = logging.getLogger(__name__)


def codes_left(account: ConnectedAccount) -> int:
    """Codes that would stay on the locks: deleting an account at Seam does not take codes off them (Seam docs)."""
    return AccessCode.objects.occupying().filter(lock__account=account).count()


def request(account: ConnectedAccount, actor: User, now: datetime) -> None:
    """Revoke every code of the account; the rest follows when all are gone."""
    with transaction.atomic():
        mine = ConnectedAccount.objects.filter(pk=account.pk, unlink_requested_at=None)
        if mine.update(unlink_requested_at=now) == 1:
            about: dict[str, Any] = {"account": account, "actor": actor}
            text = f"Unlinking of {account} was asked for"
            Activity.record(account.organization_id, now, "account.unlink_requested", text, **about)
        standing = AccessCode.objects.standing().filter(lock__account=account).select_related("lock")
        for code in standing:
            planning.revoke(code, now, actor, "Account unlinked")


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
    """Unlink the accounts whose codes are all gone."""
    for account in ConnectedAccount.objects.filter(unlinked_at=None).exclude(unlink_requested_at=None):
        if codes_left(account) == 0:
            try:
                finish(account, now, client)
            except SeamError as error:
                logger.warning("account %s not unlinked: %s", account.pk, error)


def finish(account: ConnectedAccount, now: datetime, client: SeamClient) -> None:
    """Delete the account at Seam. Raises SeamError. Codes that are left (a person insisted) stay on the locks."""
    try:
        client.delete_account(account.seam_id)
    except SeamError as error:
        if not error.is_missing:
            raise
    if ConnectedAccount.objects.filter(pk=account.pk, unlinked_at=None).update(unlinked_at=now) == 1:
        about: dict[str, Any] = {"account": account}
        Activity.record(account.organization_id, now, "account.unlinked", f"{account} was unlinked", **about)
