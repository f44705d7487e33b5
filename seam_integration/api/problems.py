"""Seam's error and warning codes in words: what happened, what it means for an arrival, what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Explanation:
    """One problem for people. `is_retryable`: Seam goes on trying, or it clears by itself."""

    what: str
    todo: str
    means: str
    is_retryable: bool = True


# What it means for whoever arrives next.
NOT_REACHED = _("New codes and changes wait until it is back. Codes that are on the lock already go on working.")
NOT_ON_LOCK = _("The code may not open the door when it should.")
OPEN_FROM_HERE = _("If the code does not get there in time, open the door from here.")
OLD_OPENS = _("Whoever knows the old code could still open the door.")
NEVER_ON_LOCK = _("The lock will not take this code as it is.")
NO_REMOTE = _("The door cannot be opened from here, and no code can be put on the lock.")
SLOW = _("Codes and commands may arrive late.")
BATTERY = _("When it is empty, no code opens the door.")
NOTHING_NOW = _("Seam reports no effect on the next arrival.")
WRONG_HOURS = _("Codes may begin or end at the wrong hour.")

RECONNECT = _("Reconnect the account on the Connections page.")
CHECK_GATEWAY = _("Check the lock's batteries, and check that its gateway has power and internet.")
NEW_PIN = _("Reissue the code with a new PIN.")
FREE_PLACE = _("Revoke codes that are not needed.")
WAIT = _("Wait: Seam tries again by itself.")


def _say(what: str, means: str, todo: str, is_retryable: bool = True) -> Explanation:
    return Explanation(what, todo, means, is_retryable)


_DROPPED = _say(_("Seam can no longer log in to the linked account."), NOT_REACHED, RECONNECT)
_OFFLINE = _say(_("The lock cannot be reached."), NOT_REACHED, CHECK_GATEWAY)
_NOT_SET = _say(_("The code is not on the lock yet. Seam tries again by itself."), OPEN_FROM_HERE, CHECK_GATEWAY)
_SLOW_SET = _say(_("It takes long to put the code on the lock."), NOT_ON_LOCK, CHECK_GATEWAY)
_NOT_REMOVED = _say(
    _("The code is still on the lock. Seam tries again by itself."),
    OLD_OPENS,
    _("Check the lock's batteries and the gateway's power and internet, or delete the code in the Wyze app."),
)
_DUPLICATE = _say(_("The lock has another code with this PIN."), NEVER_ON_LOCK, NEW_PIN, False)
_EDITED = _say(
    _("The code was changed in the maker's app. Seam changes it back."),
    NOT_ON_LOCK,
    _("Do not edit these codes there."),
)
_NO_GATEWAY = _say(_("The lock has no gateway."), NO_REMOTE, _("Connect a Wyze Lock Gateway to it in the Wyze app."))
_OTHER_BRAND = _say(
    _("The maker's system reports a limit of its own."), NOT_ON_LOCK, _("Check the lock in the maker's app.")
)
_ZONE = _say(
    _("The zone of the lock's clock is not known."), WRONG_HOURS, _("Set the lock's time zone in the maker's app.")
)
_PAID = _say(_("The maker wants a paid plan for this."), NOT_REACHED, _("Renew the plan in the maker's app."))

# Names of three generations side by side: Seam renamed them over time and documents several. An open set.
WORDS: dict[str, Explanation] = {
    # Errors and warnings of accounts
    "account_disconnected": _DROPPED,
    "account_reauthorization_requested": _say(_("The provider asks for a new log-in soon."), NOTHING_NOW, RECONNECT),
    "bridge_disconnected": _say(_("The bridge is offline."), NOT_REACHED, CHECK_GATEWAY),
    "provider_service_unavailable": _say(_("The maker's service is down."), NOT_REACHED, WAIT),
    "scheduled_maintenance_window": _say(_("The maker has maintenance work."), SLOW, _("Wait until it is over.")),
    "setup_required": _say(_("The account is not set up completely."), NOT_REACHED, RECONNECT),
    "being_deleted": _say(
        _("It is being deleted at Seam."), NOTHING_NOW, _("You need not do anything: it will be gone in a moment.")
    ),
    "unknown_issue_with_connected_account": _say(_("The account has a problem."), NOT_REACHED, RECONNECT),
    "salto_ks_subscription_limit_exceeded": _OTHER_BRAND,
    "salto_ks_subscription_limit_almost_reached": _OTHER_BRAND,
    "dormakaba_sites_disconnected": _OTHER_BRAND,
    "dormakaba_sites_unapproved": _OTHER_BRAND,
    # Errors of locks
    "device_disconnected": _OFFLINE,
    "device_offline": _OFFLINE,
    "hub_disconnected": _say(_("The gateway is offline."), NOT_REACHED, _("Check that it has power and internet.")),
    "device_removed": _say(
        _("The lock was removed from the maker's app."),
        NO_REMOTE,
        _("Pair it again, then put it on its door here."),
        False,
    ),
    "insufficient_permissions": _say(
        _("The linked login may not change this lock."), NO_REMOTE, _("Let the lock's owner make it an administrator.")
    ),
    "missing_device_credentials": _say(_("Seam lacks a credential for this lock."), NO_REMOTE, RECONNECT),
    "subscription_required": _PAID,
    "empty_backup_access_code_pool": _say(_("No backup codes are left on the lock."), NOTHING_NOW, FREE_PLACE),
    "wyze_device_missing_gateway": _NO_GATEWAY,
    "august_lock_missing_bridge": _NO_GATEWAY,
    "lockly_missing_wifi_bridge": _NO_GATEWAY,
    "ttlock_lock_not_paired_to_gateway": _NO_GATEWAY,
    "august_lock_not_authorized": _say(_("Seam may not use this lock."), NO_REMOTE, RECONNECT),
    # Warnings of locks
    "hub_required_for_additional_capabilities": _NO_GATEWAY,
    "accessory_keypad_setup_required": _say(
        _("No keypad is paired with the lock."), NEVER_ON_LOCK, _("Pair a Wyze keypad in the Wyze app.")
    ),
    "accessory_keypad_low_battery": _say(
        _("The keypad's batteries are low."), BATTERY, _("Change them at the next vacancy, before the next stay ends.")
    ),
    "partial_backup_access_code_pool": _say(_("Few backup codes are left on the lock."), NOTHING_NOW, FREE_PLACE),
    "many_active_backup_codes": _say(_("Many backup codes are in use."), NOTHING_NOW, FREE_PLACE),
    "third_party_integration_detected": _say(
        _("Another system writes codes to this lock too."), NOT_ON_LOCK, _("Let only one system manage the lock.")
    ),
    "power_saving_mode": _say(_("The lock saves power and answers late."), SLOW, _("Change its batteries.")),
    "temperature_threshold_exceeded": _say(
        _("The lock reports an unusual temperature."), SLOW, _("Check the lock at its door.")
    ),
    "device_communication_degraded": _say(
        _("The connection to the lock is weak."), SLOW, _("Move the gateway closer.")
    ),
    "device_has_flaky_connection": _say(_("The connection comes and goes."), SLOW, _("Move the gateway closer.")),
    "unreliable_online_status": _say(_("Seam is not sure whether the lock is online."), SLOW, _("Read the lock now.")),
    "ttlock_weak_gateway_signal": _say(_("The gateway's signal is weak."), SLOW, _("Move the gateway closer.")),
    "ttlock_lock_gateway_unlocking_not_enabled": _say(
        _("Unlocking through the gateway is switched off."), NO_REMOTE, _("Switch it on in the maker's app.")
    ),
    "privacy_mode": _say(_("The lock is in privacy mode."), NOT_ON_LOCK, _("Switch it off at the lock.")),
    "time_zone_unknown": _ZONE,
    "ultraloq_time_zone_unknown": _ZONE,
    "lockly_time_zone_not_configured": _ZONE,
    "two_n_device_missing_timezone": _ZONE,
    "time_zone_mismatch": _say(
        _("The lock's clock is set to another zone."), WRONG_HOURS, _("Set the lock's time zone in the maker's app.")
    ),
    "provider_issue": _say(_("The maker's service has a problem."), NOT_ON_LOCK, WAIT),
    "max_access_codes_reached": _say(_("The lock's memory is full."), NOT_ON_LOCK, FREE_PLACE),
    "unknown_issue_with_phone": _say(
        _("A phone that opens the lock has a problem."), NOTHING_NOW, _("Check that phone.")
    ),
    "keynest_unsupported_locker": _OTHER_BRAND,
    # Errors of codes
    "failed_to_set_on_device": _NOT_SET,
    "failed_to_issue": _NOT_SET,
    "failed_to_update": _say(
        _("The change is not on the lock yet. Seam tries again by itself."),
        _("Until then, the code opens the door at its old times."),
        CHECK_GATEWAY,
    ),
    "failed_to_remove_from_device": _NOT_REMOVED,
    "failed_to_expire": _NOT_REMOVED,
    "duplicate_code_on_device": _DUPLICATE,
    "wyze_potential_duplicate_code": _DUPLICATE,
    "duplicate_code_attempt_prevented": _DUPLICATE,
    "conflicting_unmanaged_access_code_id": _DUPLICATE,
    "wyze_duplicate_code_name": _say(
        _("The lock has another code of this name."), NEVER_ON_LOCK, _("Reissue the code."), False
    ),
    "no_space_for_access_code_on_device": _say(_("The lock's memory is full."), NOT_ON_LOCK, FREE_PLACE),
    "code_constraints_violated": _say(_("The lock does not take this PIN."), NEVER_ON_LOCK, NEW_PIN, False),
    "conflicting_external_modification": _EDITED,
    "code_modified_external_to_seam": _EDITED,
    "access_code_inactive": _say(
        _("The code is on the lock, but switched off."),
        NOT_ON_LOCK,
        _("Switch it on in the maker's app, or reissue it."),
    ),
    "access_code_state_unconfirmed": _say(_("The lock did not confirm the code."), NOT_ON_LOCK, CHECK_GATEWAY),
    "replaced_by_newer_access_code": _say(
        _("A newer code took its place."), NEVER_ON_LOCK, _("Reissue the code."), False
    ),
    "salto_ks_user_not_subscribed": _PAID,
    # Warnings of codes
    "delay_in_setting_on_device": _SLOW_SET,
    "delay_in_issuing": _SLOW_SET,
    "delay_in_removing_from_device": _say(_("It takes long to take the code off the lock."), OLD_OPENS, CHECK_GATEWAY),
    "external_modification_in_effect": _say(
        _("The code was changed in the maker's app, and that is allowed."),
        NOT_ON_LOCK,
        _("Reissue it to be sure of the PIN."),
    ),
    "using_backup_access_code": _say(
        _("A backup code is used instead."), _("The guest needs the other PIN."), _("Send the guest the other PIN.")
    ),
    "management_transferred": _say(
        _("Another workspace manages this code now."), NEVER_ON_LOCK, _("Issue a new code."), False
    ),
    "time_frame_adjusted_for_unknown_time_zone": _say(
        _(
            "The clocks change while this code is valid, and the lock's zone is unknown. "
            "Seam made the code up to an hour longer."
        ),
        _("The guest can come in up to an hour early or late."),
        _("Set the lock's time zone in the maker's app."),
    ),
    "code_rotates_periodically": _say(
        _("The lock changes this PIN by itself."), NOT_ON_LOCK, _("Reveal it again before use.")
    ),
    "igloo_algopin_must_be_used_within_24_hours": _say(
        _("The PIN must be used within a day of its start."),
        NOT_ON_LOCK,
        _("Tell the guest to use it on the first day."),
    ),
    "unknown_issue_with_access_code": _say(
        _("The code has a problem."), NOT_ON_LOCK, _("Wait an hour. If the problem stays, reissue the code.")
    ),
}


def explain(problem: dict[str, Any]) -> Explanation:
    """Words for one entry of Seam's `errors` or `warnings`; an unknown one speaks with Seam's own message."""
    code = str(problem.get("error_code") or problem.get("warning_code") or "")
    known = WORDS.get(code)
    if known is not None:
        return replace(known, what=gettext(known.what), means=gettext(known.means), todo=gettext(known.todo))
    message = str(problem.get("message") or "").strip()
    return _say(
        message or gettext("Seam reports “%(code)s”.") % {"code": code or gettext("a problem")},
        gettext("Latchkey does not know what it means for a guest."),
        gettext("Check the lock in the maker's app. Latchkey keeps trying."),
    )
