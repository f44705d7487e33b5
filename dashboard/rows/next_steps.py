"""The one next action for a check that needs attention: its words, its address, and whether this person may."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Right, User
from properties.verdict.checks import Check, Fix, Readiness


@dataclass(frozen=True)
class NextStep:
    """A button: `method` is "post" for what is done at once, "get" for what leads to a page."""

    label: str
    url: str
    method: str = "get"


# What to do → words, url name, right it takes, how it is sent.
STEPS: dict[Fix, tuple[Promise, str, Right | None, str]] = {
    Fix.RECONNECT: (gettext_lazy("Reconnect"), "connection-reconnect", Right.LINK_ACCOUNTS, "post"),
    Fix.ADD_DOOR: (gettext_lazy("Add a door"), "door-add", Right.MANAGE_PLACES, "get"),
    Fix.PUT_LOCK_ON_DOOR: (gettext_lazy("Put a lock on it"), "door-edit", Right.MANAGE_PLACES, "get"),
    Fix.CHECK_LOCK: (gettext_lazy("Look at the lock"), "lock", None, "get"),
    Fix.FREE_PLACES: (gettext_lazy("Make room"), "lock", None, "get"),
    Fix.RETRY: (gettext_lazy("Try again"), "access-code-retry", Right.ISSUE_CODES, "post"),
    Fix.REISSUE: (gettext_lazy("New PIN"), "access-code-reissue", Right.REISSUE_CODES, "get"),
    Fix.GIVE_BACK: (gettext_lazy("Restore it"), "access-code-give-back", Right.ISSUE_CODES, "post"),
    Fix.CHANGE_BATTERY: (gettext_lazy("See the battery"), "lock", None, "get"),
    Fix.MOVE_STAY: (gettext_lazy("Change the stay"), "stay-edit", Right.ISSUE_CODES, "get"),
}


def next_step(check: Check, user: User) -> NextStep | None:
    """None where nothing can be clicked, or where this person's role does not allow it."""
    if check.fix not in STEPS or check.target_id is None:
        return None
    label, name, right, method = STEPS[check.fix]
    if right is not None and not user.can(right):
        return None
    return NextStep(str(label), reverse(name, args=[check.target_id]), method)


def first_step(readiness: Readiness, user: User) -> NextStep | None:
    """The step for where to begin; where that is not this person's to do, the next cause that is."""
    asking = [check for check in readiness.checks if check.verdict.needs_somebody]
    first = readiness.first_to_mend
    ordered = [first, *asking] if first is not None else asking
    return next((step for check in ordered if (step := next_step(check, user)) is not None), None)
