"""Linking an account: launch Seam's Connect Webview, and come back from it."""

from __future__ import annotations

import hashlib
import logging
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from properties.models import Activity, ConnectedAccount
from properties.values.encryption import decrypt, encrypt
from seam_integration.accounts import sync
from seam_integration.api.client import Json, SeamClient, SeamError
from seam_integration.models import ConnectWebview

logger = logging.getLogger(__name__)

SALT = "latchkey.connect-webview"
# How long a link stays good at Seam is not published. We let go of ours after a day.
EXPIRES_AFTER = timedelta(hours=24)
# How long a page waits for Seam to open its own.
OPENS_WITHIN = timedelta(minutes=5)

Status = ConnectWebview.Status


@dataclass(frozen=True)
class Return:
    """What came of a log-in, in a sentence for the person who comes back."""

    text: str
    is_good: bool
    account_id: int | None = None
    # Seam has not said yet how it went.
    is_open: bool = False


def prepare(user: User, return_url: str, now: datetime, reconnects: ConnectedAccount | None = None) -> ConnectWebview:
    """The row of a launch, before Seam is asked for its page.

    `return_url` is our own address without query; a signed nonce is appended, since Seam signs nothing.
    """
    nonce = secrets.token_urlsafe(24)
    return ConnectWebview.objects.create(
        organization_id=user.organization.pk,
        launched_by=user,
        reconnects=reconnects,
        nonce_hash=_hash(nonce),
        launched_at=now,
        way_back_encrypted=encrypt(f"{return_url}?state={signing.dumps(nonce, salt=SALT)}"),
    )


def open_page(webview: ConnectWebview, client: SeamClient, *, is_awaited: bool = False) -> str:
    """Have Seam create the log-in page; its address, which is a bearer secret: redirect there.

    It is kept only if a page waits for it. Raises SeamError.
    """
    back = decrypt(webview.way_back_encrypted)
    remote = client.create_connect_webview(
        accepted_providers=settings.SEAM_PROVIDERS,
        wait_for_device_creation=True,
        automatically_manage_new_devices=True,
        custom_redirect_url=back,
        custom_redirect_failure_url=back,
        customer_key=webview.organization.customer_key,
    )
    url = str(remote["url"])
    # Asked twice, Seam makes two pages: the first that is known here counts.
    ConnectWebview.objects.filter(pk=webview.pk, seam_id=None, status=Status.PENDING).update(
        seam_id=remote["connect_webview_id"],
        way_back_encrypted="",
        page_encrypted=encrypt(url) if is_awaited else "",
    )
    return url


def launch(
    user: User, return_url: str, now: datetime, client: SeamClient, reconnects: ConnectedAccount | None = None
) -> str:
    """Prepare and open in one go. Raises SeamError; then no row is left."""
    webview = prepare(user, return_url, now, reconnects)
    try:
        return open_page(webview, client)
    except SeamError:
        webview.delete()
        raise


def open_awaited(webview_id: int, now: datetime, client: SeamClient) -> None:
    """Open the page that a person waits for. What fails is tried again by the sweep for some minutes."""
    webview = ConnectWebview.objects.select_related("organization").filter(pk=webview_id, seam_id=None).first()
    if webview is None or webview.status != Status.PENDING:
        return
    if now - webview.launched_at > OPENS_WITHIN:
        _settle(webview, now, Status.FAILED, _("Seam did not open its log-in page."))
        return
    try:
        open_page(webview, client, is_awaited=True)
    except SeamError as error:
        logger.warning("webview %s not opened: %s", webview.pk, error)
        if not error.is_retryable:
            _settle(webview, now, Status.FAILED, error.message)


def awaited() -> list[int]:
    """Launches whose page waits for Seam."""
    return list(ConnectWebview.objects.filter(seam_id=None, status=Status.PENDING).values_list("pk", flat=True)[:50])


def forget_pages(now: datetime) -> None:
    """A log-in page that no waiting page went to in time is not kept."""
    kept = ConnectWebview.objects.exclude(page_encrypted="").filter(launched_at__lt=now - OPENS_WITHIN)
    kept.update(page_encrypted="")


def come_back(user: User, state: str, webview_id: str, now: datetime, client: SeamClient) -> Return:
    """The browser returned. Nothing in the address is believed but the nonce: Seam is asked how it went."""
    webview = _by_state(state)
    if webview is None or webview_id not in ("", webview.seam_id):
        return Return(_("This link back from the log-in is not one of ours. Start again from here."), False)
    if webview.organization_id != user.organization_id:
        return Return(
            _(
                "This log-in was started by a person of another organization, so nothing was linked "
                "here. They can finish it themselves."
            ),
            False,
        )
    is_first = ConnectWebview.objects.filter(pk=webview.pk, returned_at=None).update(returned_at=now) == 1
    if not is_first and webview.status != Status.PENDING:
        return Return(
            _("This log-in was finished before. Here is what is linked."), webview.status == Status.AUTHORIZED
        )
    try:
        finish(webview, now, client)
    except SeamError as error:
        logger.warning("webview %s not read: %s", webview.pk, error)
        return Return(
            _(
                "Seam could not be asked how the log-in went. Nothing is lost: we keep asking, and the "
                "locks will appear by themselves."
            ),
            False,
            is_open=True,
        )
    webview.refresh_from_db()
    return _words(webview)


def _words(webview: ConnectWebview) -> Return:
    if webview.status == Status.AUTHORIZED:
        again = "linked again" if webview.reconnects_id else "linked"
        return Return(
            _("%(account)s is %(again)s. Its locks appear below.") % {"account": webview.account, "again": again},
            True,
            webview.account_id,
        )
    if webview.status == Status.EXPIRED:
        return Return(_("This log-in has expired. Start a new one."), False)
    if webview.status == Status.FAILED:
        why = webview.reason or _("The log-in was cancelled or refused.")
        return Return(_("%(why)s Nothing was linked. You can try again.") % {"why": why}, False)
    return Return(_("The log-in is not finished yet. Finish it in its window; the locks will appear here."), False)


def finish(webview: ConnectWebview, now: datetime, client: SeamClient) -> None:
    """Ask Seam how a launch went and write it down. Raises SeamError. Safe to run twice."""
    if webview.status != Status.PENDING or webview.seam_id is None:
        return
    try:
        remote = client.get_connect_webview(webview.seam_id)
    except SeamError as error:
        if not error.is_missing:
            raise
        _settle(webview, now, Status.EXPIRED, _("Seam no longer knows this log-in."))
        return
    if remote.get("login_successful") and remote.get("connected_account_id"):
        _link(webview, client.get_account(str(remote["connected_account_id"])), now)
    elif now - webview.launched_at > EXPIRES_AFTER:
        # Seam calls an expired one failed too.
        _settle(webview, now, Status.EXPIRED, _("No log-in within a day."))
    elif remote.get("status") == "failed":
        _settle(webview, now, Status.FAILED, _("The log-in was cancelled or refused."))


@transaction.atomic
def _link(webview: ConnectWebview, remote: Json, now: datetime) -> None:
    """The account's row: new, or the one that was there before. An account belongs to one organization for good."""
    account_id = str(remote["connected_account_id"])
    account = ConnectedAccount.objects.filter(seam_id=account_id).first()
    if account is not None and account.organization_id != webview.organization_id:
        _settle(webview, now, Status.FAILED, _("This account is linked by another organization already."))
        return
    if account is None and webview.reconnects is not None and _is_same_login(webview.reconnects, remote):
        # Seam gave the same login another id: our row, with its locks, doors and codes, moves along.
        account = webview.reconnects
        ConnectedAccount.objects.filter(pk=account.pk).update(seam_id=account_id)
    if account is None:
        account = ConnectedAccount.objects.create(
            organization_id=webview.organization_id, seam_id=account_id, linked_at=now
        )
    ConnectedAccount.objects.filter(pk=account.pk).update(unlink_requested_at=None, unlinked_at=None)
    account.refresh_from_db()
    sync.refresh_account(account, remote, now)
    if _settle(webview, now, Status.AUTHORIZED, "", account):
        about: dict[str, Any] = {"account": account, "actor": webview.launched_by}
        Activity.record(account.organization_id, now, "account.linked", f"{account} linked", **about)


def _is_same_login(account: ConnectedAccount, remote: Json) -> bool:
    """Only the id may differ: another login is another account."""
    return not account.display_name or sync.account_name(remote) == account.display_name


def _settle(
    webview: ConnectWebview,
    now: datetime,
    status: ConnectWebview.Status,
    reason: str,
    account: ConnectedAccount | None = None,
) -> bool:
    mine = ConnectWebview.objects.filter(pk=webview.pk, status=Status.PENDING)
    ended = {"way_back_encrypted": "", "page_encrypted": ""}
    done = mine.update(status=status, reason=reason[:300], settled_at=now, account=account, **ended) == 1
    webview.refresh_from_db()
    return done


def finish_pending(now: datetime, client: SeamClient) -> list[int]:
    """Launches whose browser never came back: ask Seam. Returns the accounts that were linked."""
    linked: list[int] = []
    pending = ConnectWebview.objects.filter(status=Status.PENDING).exclude(seam_id=None).select_related("reconnects")
    for webview in [one for one in pending if one.is_worth_asking(now)][:50]:
        ConnectWebview.objects.filter(pk=webview.pk).update(asked_at=now)
        try:
            finish(webview, now, client)
        except SeamError as error:
            logger.warning("webview %s not read: %s", webview.pk, error)
            continue
        if webview.status == Status.AUTHORIZED and webview.account_id:
            linked.append(webview.account_id)
    return linked


def _by_state(state: str) -> ConnectWebview | None:
    """However late: the row knows whether it has expired, and a log-in that went well is not lost."""
    try:
        nonce = signing.loads(state, salt=SALT)
    except signing.BadSignature:
        return None
    return ConnectWebview.objects.select_related("reconnects", "account").filter(nonce_hash=_hash(nonce)).first()


def _hash(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()
