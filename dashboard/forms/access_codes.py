"""Forms around a code: issue, change its times, reissue, revoke. They parse and say in a sentence what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Right, User
from dashboard.forms.days import validate_year
from dashboard.forms.names import NameField
from dashboard.forms.one_use import OneUseMixin
from dashboard.forms.opened_with import OpenedWithMixin
from properties.codes import capacity, pins, planning, secrecy
from properties.models import AccessCode, Lock
from properties.models.stays import Window
from properties.values.local_time import Edge, exists, to_instant
from properties.values.wording import clock, day_and_year

MOMENT = {"type": "datetime-local", "step": "60"}


class MomentField(forms.DateTimeField):
    """A local date and time without a zone: the zone is that of the chosen lock."""

    widget = forms.DateTimeInput(attrs=MOMENT, format="%Y-%m-%dT%H:%M")

    def __init__(self, **options: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(input_formats=formats, required=False, validators=[validate_year], **options)
        self.error_messages["invalid"] = _("Give a date and a time, such as 2026-08-12 16:00.")

    def to_python(self, value: Any) -> datetime | None:
        parsed = super().to_python(value)
        # Django reads it in the server's zone; what was typed is what counts.
        return parsed.replace(tzinfo=None, second=0, microsecond=0) if parsed else None


class WindowForm(forms.Form):
    """From and Until in the lock's zone; both empty is an ongoing code. `clean()` leaves a `window`."""

    starts_on = MomentField(label=gettext_lazy("From"))
    ends_on = MomentField(label=gettext_lazy("Until"))

    def __init__(self, *args: Any, now: datetime, lock: Lock | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.fixed_lock = lock
        self.window: Window | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        lock = cleaned.get("lock") or self.fixed_lock
        if lock is not None and not {"starts_on", "ends_on"} & set(self.errors):
            self.window = self._window(lock, cleaned.get("starts_on"), cleaned.get("ends_on"))
        return cleaned

    def _window(self, lock: Lock, starts: datetime | None, ends: datetime | None) -> Window | None:
        if starts is None and ends is None:
            return None
        if ends is None:
            self.add_error("ends_on", _("Give an end too, or leave both times empty for a code without an end."))
            return None
        zone = lock.zone
        for name, local in (("starts_on", starts), ("ends_on", ends)):
            if local is not None and not exists(local.date(), local.time(), zone):
                self.add_error(
                    name,
                    _(
                        "%(time)s does not exist on %(day)s in %(zone)s: the clocks skip it. "
                        "Choose an hour earlier or later."
                    )
                    % {"time": clock(local), "day": day_and_year(local), "zone": zone},
                )
                return None
        ends_at = to_instant(ends.date(), ends.time(), zone, Edge.END)
        starts_at = (
            to_instant(starts.date(), starts.time(), zone, Edge.START)
            if starts
            else self.now.replace(second=0, microsecond=0)
        )
        if ends_at <= self.now:
            self.add_error("ends_on", _("This end is in the past. Choose a later one."))
        elif starts_at >= ends_at:
            self.add_error("ends_on", _("The end must be after the start."))
        elif ends_at - starts_at < timedelta(minutes=5):
            self.add_error("ends_on", _("A code needs at least five minutes."))
        return Window(starts_at, ends_at)


PIN_REFUSED = gettext_lazy("This PIN cannot be used here. Choose another one, or leave the field empty.")


class OwnPinMixin(forms.Form):
    """A PIN of one's own choice, for people who may see PINs: an answer about it tells of those that there are."""

    pin = forms.CharField(
        label=gettext_lazy("PIN"),
        required=False,
        max_length=12,
        help_text=gettext_lazy("Leave empty and a PIN that is hard to guess is chosen."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
    )
    user: User
    now: datetime

    def offer_pin_to(self, user: User) -> None:
        self.user = user
        if not user.can(Right.SEE_PIN):
            del self.fields["pin"]

    def why_pin_is_refused(self, pin: str, locks: Sequence[Lock]) -> str:
        """Why these locks cannot all have it, as a sentence that tells of no other PIN; empty when they can."""
        for lock in locks:
            if problem := pins.problem_with_own_pin(pin, lock):
                return problem
        if no_more := secrecy.why_no_more_tries(self.user, self.now):
            return no_more
        for lock in locks:
            if not pins.is_free(pin, lock, self.now):
                secrecy.record_refused_pin(lock, self.user, self.now)
                return str(PIN_REFUSED)
        return ""


class IssueAccessCodeForm(OneUseMixin, OwnPinMixin, WindowForm):
    """A code for a person on one lock."""

    holder_name = NameField(label=gettext_lazy("Who is it for"), max_length=200)
    lock = forms.ModelChoiceField(
        Lock.objects.none(), label=gettext_lazy("Lock"), empty_label=gettext_lazy("Choose a lock")
    )
    field_order = ["holder_name", "lock", "starts_on", "ends_on", "pin"]

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.offer_pin_to(user)
        locks = Lock.objects.for_user(user).filter(account__unlinked_at=None, vanished_at=None).with_places()
        field: Any = self.fields["lock"]
        field.queryset = locks
        field.label_from_instance = lock_label
        self.fields["starts_on"].help_text = _("Local time at the lock. Leave both times empty for an ongoing code.")

    def clean_lock(self) -> Lock:
        lock: Lock = self.cleaned_data["lock"]
        if reason := lock.why_no_codes():
            raise forms.ValidationError(reason)
        return lock

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        lock, pin = cleaned.get("lock"), str(cleaned.get("pin") or "").strip()
        if lock is not None and pin and (refusal := self.why_pin_is_refused(pin, [lock])):
            self.add_error("pin", refusal)
        if lock is not None and not self.errors and (full := capacity.why_no_room([lock], self.window, self.now)):
            self.add_error("lock", full)
        cleaned["pin"] = pin
        return cleaned


def lock_label(lock: Lock) -> str:
    """The lock as a person looks for it, with the reason where it takes no codes."""
    place = f" – {lock.door.property}" if hasattr(lock, "door") and lock.door else ""
    return f"{lock}{place}" + (" (takes no codes)" if lock.why_no_codes() else "")


class ChangeWindowForm(OpenedWithMixin, WindowForm):
    """Extend or shorten a code that belongs to no stay."""

    def __init__(self, *args: Any, code: AccessCode, **options: Any) -> None:
        super().__init__(*args, lock=code.lock, **options)
        self.code = code
        has_begun = code.starts_at is not None and code.starts_at <= self.now
        if has_begun:
            # The holder is in: only the end may move (field study P4).
            self.fields["starts_on"].disabled = True
            self.fields["starts_on"].help_text = _("It has begun, so only the end can move.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.fields["starts_on"].disabled and self.window is not None and self.code.starts_at is not None:
            self.window = Window(self.code.starts_at, self.window.ends_at)
        return cleaned


class ReissueForm(OneUseMixin, OwnPinMixin):
    """A new PIN, with a reason."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("Kept in the history, for your colleagues.")
    )
    field_order = ["reason", "pin"]

    def __init__(self, *args: Any, code: AccessCode, user: User, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.code, self.now = code, now
        self.offer_pin_to(user)

    def clean_pin(self) -> str:
        pin = str(self.cleaned_data["pin"]).strip()
        # One PIN opens all doors of a stay, so it has to fit each of their locks.
        locks = [code.lock for code in planning.same_pin_group(self.code)]
        if pin and (refusal := self.why_pin_is_refused(pin, locks)):
            raise forms.ValidationError(refusal)
        return pin
