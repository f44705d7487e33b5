"""Celery's way in: short tasks that ask the clock and call the rest. Each may run twice; arguments are ids."""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from outbox.handing_over import enqueue
from properties.codes import lock_test, staff_codes
from properties.models import ConnectedAccount, Lock, LockCommand, StaffMember
from properties.reading import battery_outlook
from properties.values.encryption import decrypt
from properties.verdict import storing
from seam_integration import clock
from seam_integration.accounts import connect_webviews, sync, unlinking
from seam_integration.api.client import SeamError
from seam_integration.inbox import events, webhooks
from seam_integration.locks import commands
from seam_integration.locks.turn import reconcile
from seam_integration.models import Heartbeat, LockWork, SeamEvent
from seam_integration.seam import seam_client

logger = logging.getLogger(__name__)

# One sweep hands out this many locks; the rest is due again a minute later, soonest first.
SWEEP_BATCH = 500
# So many events are handled in one go; then whatever else waits has its turn.
EVENTS_AT_ONCE = 500
EVENT_ATTEMPTS = 5
# SQLite has one writer at a time and no queue for them: without a rest, deliveries and pages wait for seconds.
REST_BETWEEN_EVENTS = 0.01
STAFF_BATCH = 100
# A few seconds; what is left is shown as unknown until the next sweep, the soonest arrivals first.
VERDICTS_AT_ONCE = 3000


@shared_task(soft_time_limit=80, time_limit=90)
def finish_unlinking(account_id: int) -> None:
    """Unlink at once, though codes may be left on the locks: a person insisted."""
    account = ConnectedAccount.objects.filter(pk=account_id, unlinked_at=None).first()
    if account is not None and account.unlink_requested_at is not None:
        unlinking.finish(account, clock.now(), seam_client())


# A lock costs a few calls of at most 35 s each, at the worst some twenty. Acknowledged when it begins: its row says
# that it is due, and a run that died keeps others out by its lease, so handing it to another at once is no use.
@shared_task(acks_late=False, soft_time_limit=240, time_limit=270)
def reconcile_lock(lock_id: int) -> None:
    """Make one lock hold what is wanted. Another run goes at once when the lock was woken meanwhile."""
    if reconcile(lock_id, clock.now(), seam_client(), clock.latest()):
        enqueue(reconcile_lock, lock_id)


# Reads rows and hands out work; the calls to Seam in it (pending log-ins, unlinkings) are few.
@shared_task(soft_time_limit=110, time_limit=120)
def sweep() -> None:
    """Each minute: whatever is due and was not done, for whatever reason."""
    now = clock.now()
    LockWork.objects.pull_back(now)
    # Before plans are carried on, which hand over the locks that they wake.
    for lock_id in list(LockWork.objects.due(now).order_by("reconcile_at").values_list("pk", flat=True)[:SWEEP_BATCH]):
        enqueue(reconcile_lock, lock_id)
    lock_test.carry_on(now)
    plan_staff(now)
    _hand_out_events()
    for command_id, sent_at in LockCommand.objects.unsettled().values_list("pk", "sent_at"):
        enqueue(follow_command if sent_at else operate_lock, command_id)
    for account_id in ConnectedAccount.objects.filter(unlinked_at=None, synced_at=None).values_list("pk", flat=True):
        enqueue(sync_account, account_id)
    storing.judge_marked(now, VERDICTS_AT_ONCE)
    for webview_id in connect_webviews.awaited():
        enqueue(open_webview, webview_id)
    connect_webviews.forget_pages(now)
    client = seam_client()
    for account_id in connect_webviews.finish_pending(now, client):
        enqueue(sync_account, account_id)
    unlinking.finish_requested(now, client)


def _hand_out_events() -> None:
    """Events whose message was lost, and each that failed, by itself."""
    waiting = SeamEvent.objects.filter(handled_at=None, attempts__lt=EVENT_ATTEMPTS).order_by("attempts")
    rows = list(waiting.values_list("pk", "attempts")[:SWEEP_BATCH])
    if rows and rows[0][1] == 0:
        enqueue(take_in_events)
    for event_id, attempts in rows:
        if attempts:
            enqueue(take_in_event, event_id)


def plan_staff(now: datetime) -> None:
    """Staff whose next hours are due on their doors. One who cannot be planned does not hold up the others."""
    for member in StaffMember.objects.due(now).order_by("plan_at")[:STAFF_BATCH]:
        try:
            staff_codes.apply_staff_plan(member, now, None)
        except Exception:
            logger.exception("staff %s not planned", member.pk)


# 10,000 locks are 20 pages; a page takes a second or two at Seam.
@shared_task(soft_time_limit=280, time_limit=300)
def sync_account(account_id: int) -> None:
    account = ConnectedAccount.objects.filter(pk=account_id, unlinked_at=None).first()
    if account is None:
        return
    if account.synced_at is None:
        # The first events come with the first locks.
        _register_webhook()
    sync.sync_or_note(account, clock.now(), seam_client())


def _register_webhook() -> None:
    try:
        webhooks.ensure_registered(seam_client())
    except SeamError as error:
        logger.warning("webhook not registered: %s", error)


@shared_task(soft_time_limit=55, time_limit=60)
def sync_all() -> None:
    """Every 10 minutes, which is how often Seam itself asks the makers. One task an account."""
    _register_webhook()
    for account_id in ConnectedAccount.objects.filter(unlinked_at=None).values_list("pk", flat=True):
        enqueue(sync_account, account_id)


@shared_task(soft_time_limit=80, time_limit=90)
def refresh_lock(lock_id: int) -> None:
    """Read one lock anew."""
    lock = Lock.objects.select_related("account").filter(pk=lock_id).first()
    if lock is None or lock.account.unlinked_at is not None:
        return
    try:
        sync.refresh_lock(lock, clock.now(), seam_client())
    except SeamError as error:
        logger.warning("lock %s not read: %s", lock_id, error)


# Two calls of at most 35 s.
@shared_task(soft_time_limit=80, time_limit=90)
def operate_lock(command_id: int) -> None:
    """Send a person's command, then follow it."""
    commands.send(command_id, clock.now(), seam_client())
    _follow(command_id)


@shared_task(bind=True, max_retries=None, soft_time_limit=80, time_limit=90)
def follow_command(self: Task[Any, Any], command_id: int) -> None:
    """Ask every two seconds how an attempt went, until it is settled or its time is over."""
    if not commands.follow(command_id, clock.now(), seam_client()) and not self.app.conf.task_always_eager:
        raise self.retry(countdown=commands.ASK_EVERY)


def _follow(command_id: int) -> None:
    if LockCommand.objects.unsettled().filter(pk=command_id).exists():
        follow_command.apply_async((command_id,), countdown=commands.ASK_EVERY)


# An event costs a few milliseconds, with its rest some fifteen: five hundred take seconds.
@shared_task(soft_time_limit=80, time_limit=90)
def take_in_events() -> None:
    """Handle untried events, oldest first."""
    fresh = SeamEvent.objects.filter(handled_at=None, attempts=0)
    for _ in range(EVENTS_AT_ONCE):
        if not _take_in_first(fresh):
            return
        if connection.vendor == "sqlite":
            time.sleep(REST_BETWEEN_EVENTS)
    enqueue(take_in_events)


@shared_task(soft_time_limit=80, time_limit=90)
def take_in_event(inbox_id: int) -> None:
    """Try one event again that failed."""
    _take_in_first(SeamEvent.objects.filter(pk=inbox_id, handled_at=None))


def _take_in_first(waiting: QuerySet[SeamEvent]) -> bool:
    """Handle one event; False when none waits. One that fails is kept with its error, and the sweep tries it again.

    The transaction that handles an event is its claim too: another worker takes the next one (PostgreSQL), or waits
    and then finds it handled (SQLite, one writer at a time). Of a worker that dies no claim is left.
    """
    now = clock.now()
    row = None
    try:
        with transaction.atomic():
            row = waiting.select_for_update(skip_locked=True).order_by("received_at").first()
            if row is None:
                return False
            if row.occurred_at > now:
                # The sandbox's clock was moved a moment ago. A time of Seam never moves ours.
                clock.forget()
                now = clock.now()
            follow_ups = events.take_in(json.loads(decrypt(row.body_encrypted)), now)
            SeamEvent.objects.filter(pk=row.pk).update(handled_at=now, error="")
        _carry_on(row, follow_ups, now)
    except Exception as error:
        if row is None:
            raise
        logger.exception("event %s failed", row.pk)
        SeamEvent.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, error=type(error).__name__)
        if isinstance(error, SoftTimeLimitExceeded):
            raise
    return True


def _carry_on(row: SeamEvent, follow_ups: events.FollowUps, now: datetime) -> None:
    """Hand out the work that an event asks for."""
    if row.event_type.startswith("access_code."):
        lock_test.carry_on(now)
    for lock_id in follow_ups.locks_to_read:
        enqueue(refresh_lock, lock_id)
    for account_id in follow_ups.accounts_to_sync:
        enqueue(sync_account, account_id)
    if follow_ups.webviews_may_be_done:
        enqueue(finish_log_ins)


@shared_task(soft_time_limit=80, time_limit=90)
def open_webview(webview_id: int) -> None:
    """Open Seam's log-in page for a person whose page waits for it."""
    connect_webviews.open_awaited(webview_id, clock.now(), seam_client())


@shared_task(soft_time_limit=80, time_limit=90)
def finish_log_ins() -> None:
    """A log-in whose browser may never come back."""
    for account_id in connect_webviews.finish_pending(clock.now(), seam_client()):
        enqueue(sync_account, account_id)


@shared_task(soft_time_limit=110, time_limit=120)
def catch_up_events() -> None:
    """Ask for the events since the last time: webhooks are a hint, and give up after a day."""
    try:
        kept = webhooks.catch_up(clock.now(), seam_client())
    except SeamError as error:
        logger.warning("events not caught up: %s", error)
        return
    if kept:
        enqueue(take_in_events)


# Reads the battery levels of every lock, five hundred at a time; does not call Seam.
@shared_task(soft_time_limit=280, time_limit=300)
def forecast_batteries() -> None:
    """When each battery is likely to be empty: an arrival is judged by it."""
    battery_outlook.record_forecasts(clock.now())


@shared_task(soft_time_limit=20, time_limit=30)
def beat_heart() -> None:
    """Beat, broker and worker are alive: said in real time, for it is about processes."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"beat_at": timezone.now()})
