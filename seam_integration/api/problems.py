"""Seam's error and warning codes in words: what happened, what it means for an arrival, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Explanation:
    """One problem for people. `is_retryable`: Seam goes on trying, or it clears by itself."""

    what: str
    todo: str
    means: str = ""
    is_retryable: bool = True


# What it means for whoever arrives next.
NOT_REACHED = "New codes and changes wait until it is back. Codes that are on the lock already go on working."
NOT_ON_LOCK = "The guest's code may not be on the lock when they come."
OLD_OPENS = "The former guest could still open the door."
NEVER_ON_LOCK = "This code will not get on the lock as it is."
NO_REMOTE = "The door cannot be opened from here, and no code can be put on the lock."
SLOW = "Codes and commands may arrive late."
BATTERY = "When it is empty, no code opens the door."
NOTHING_NOW = "Nothing for the next arrival, as far as Seam says."
WRONG_HOURS = "Codes may begin or end at the wrong hour."

RECONNECT = "Reconnect the account on the Connections page."
CHECK_GATEWAY = "Check the lock's batteries, and that its gateway has power and internet."
NEW_PIN = "Reissue the code with a new PIN."
FREE_PLACE = "Revoke codes that are not needed."


def _say(what: str, means: str, todo: str, is_retryable: bool = True) -> Explanation:
    return Explanation(what, todo, means, is_retryable)


_DROPPED = _say("Seam can no longer log in to the linked account.", NOT_REACHED, RECONNECT)
_OFFLINE = _say("The lock cannot be reached.", NOT_REACHED, CHECK_GATEWAY)
_NOT_SET = _say("The code could not be put on the lock yet; Seam keeps trying.", NOT_ON_LOCK, CHECK_GATEWAY)
_SLOW_SET = _say("Putting the code on the lock takes long.", NOT_ON_LOCK, CHECK_GATEWAY)
_NOT_REMOVED = _say(
    "The code could not be taken off the lock; Seam keeps trying.",
    OLD_OPENS,
    f"{CHECK_GATEWAY} Or delete the code in the Wyze app.",
)
_DUPLICATE = _say("The lock has another code with this PIN.", NEVER_ON_LOCK, NEW_PIN, False)
_EDITED = _say(
    "The code was changed in the maker's app; Seam puts ours back.", NOT_ON_LOCK, "Do not edit these codes there."
)
_NO_GATEWAY = _say("The lock has no gateway.", NO_REMOTE, "Connect a Wyze Lock Gateway to it in the Wyze app.")
_OTHER_BRAND = _say("The maker's system reports a limit of its own.", NOT_ON_LOCK, "Look into the maker's app.")
_ZONE = _say("The zone of the lock's clock is not known.", WRONG_HOURS, "Set the lock's time zone in the maker's app.")
_PAID = _say("The maker wants a paid plan for this.", NOT_REACHED, "Renew the plan in the maker's app.")

# Names of three generations side by side: Seam renamed them over time and documents several. An open set.
WORDS: dict[str, Explanation] = {
    # Errors and warnings of accounts
    "account_disconnected": _DROPPED,
    "account_reauthorization_requested": _say("The provider asks for a new log-in soon.", NOTHING_NOW, RECONNECT),
    "bridge_disconnected": _say("The bridge is offline.", NOT_REACHED, CHECK_GATEWAY),
    "provider_service_unavailable": _say("The maker's service is down.", NOT_REACHED, "Wait; Seam keeps trying."),
    "scheduled_maintenance_window": _say("The maker has maintenance work.", SLOW, "Wait until it is over."),
    "setup_required": _say("The account is not set up completely.", NOT_REACHED, RECONNECT),
    "being_deleted": _say("It is being deleted at Seam.", NOTHING_NOW, "Nothing: it will be gone in a moment."),
    "unknown_issue_with_connected_account": _say("The account has a problem.", NOT_REACHED, RECONNECT),
    "salto_ks_subscription_limit_exceeded": _OTHER_BRAND,
    "salto_ks_subscription_limit_almost_reached": _OTHER_BRAND,
    "dormakaba_sites_disconnected": _OTHER_BRAND,
    "dormakaba_sites_unapproved": _OTHER_BRAND,
    # Errors of locks
    "device_disconnected": _OFFLINE,
    "device_offline": _OFFLINE,
    "hub_disconnected": _say("The gateway is offline.", NOT_REACHED, "Check that it has power and internet."),
    "device_removed": _say(
        "The lock was removed from the maker's app.", NO_REMOTE, "Pair it again, then put it on its door here.", False
    ),
    "insufficient_permissions": _say(
        "The linked login may not change this lock.", NO_REMOTE, "Let the lock's owner make it an administrator."
    ),
    "missing_device_credentials": _say("Seam lacks a credential for this lock.", NO_REMOTE, RECONNECT),
    "subscription_required": _PAID,
    "empty_backup_access_code_pool": _say("No backup codes are left on the lock.", NOTHING_NOW, FREE_PLACE),
    "wyze_device_missing_gateway": _NO_GATEWAY,
    "august_lock_missing_bridge": _NO_GATEWAY,
    "lockly_missing_wifi_bridge": _NO_GATEWAY,
    "ttlock_lock_not_paired_to_gateway": _NO_GATEWAY,
    "august_lock_not_authorized": _say("Seam may not use this lock.", NO_REMOTE, RECONNECT),
    # Warnings of locks
    "hub_required_for_additional_capabilities": _NO_GATEWAY,
    "accessory_keypad_setup_required": _say(
        "No keypad is paired with the lock.", NEVER_ON_LOCK, "Pair a Wyze keypad in the Wyze app."
    ),
    "accessory_keypad_low_battery": _say(
        "The keypad's batteries are low.", BATTERY, "Change them at the next vacancy, before the next stay ends."
    ),
    "partial_backup_access_code_pool": _say("Few backup codes are left on the lock.", NOTHING_NOW, FREE_PLACE),
    "many_active_backup_codes": _say("Many backup codes are in use.", NOTHING_NOW, FREE_PLACE),
    "third_party_integration_detected": _say(
        "Another system writes codes to this lock too.", NOT_ON_LOCK, "Let only one system manage the lock."
    ),
    "power_saving_mode": _say("The lock saves power and answers late.", SLOW, "Change its batteries."),
    "temperature_threshold_exceeded": _say("The lock reports an unusual temperature.", SLOW, "Look at it."),
    "device_communication_degraded": _say("The connection to the lock is weak.", SLOW, "Move the gateway closer."),
    "device_has_flaky_connection": _say("The connection comes and goes.", SLOW, "Move the gateway closer."),
    "unreliable_online_status": _say("Whether the lock is online cannot be told for sure.", SLOW, "Read it now."),
    "ttlock_weak_gateway_signal": _say("The gateway's signal is weak.", SLOW, "Move the gateway closer."),
    "ttlock_lock_gateway_unlocking_not_enabled": _say(
        "Unlocking through the gateway is switched off.", NO_REMOTE, "Switch it on in the maker's app."
    ),
    "privacy_mode": _say("The lock is in privacy mode.", NOT_ON_LOCK, "Switch it off at the lock."),
    "time_zone_unknown": _ZONE,
    "ultraloq_time_zone_unknown": _ZONE,
    "lockly_time_zone_not_configured": _ZONE,
    "two_n_device_missing_timezone": _ZONE,
    "time_zone_mismatch": _say(
        "The lock's clock is set to another zone.", WRONG_HOURS, "Set the lock's time zone in the maker's app."
    ),
    "provider_issue": _say("The maker's service has a problem.", NOT_ON_LOCK, "Wait; Seam keeps trying."),
    "max_access_codes_reached": _say("The lock's memory is full.", NOT_ON_LOCK, FREE_PLACE),
    "unknown_issue_with_phone": _say("A phone that opens the lock has a problem.", NOTHING_NOW, "Look at it."),
    "keynest_unsupported_locker": _OTHER_BRAND,
    # Errors of codes
    "failed_to_set_on_device": _NOT_SET,
    "failed_to_issue": _NOT_SET,
    "failed_to_update": _say(
        "The change did not reach the lock yet; Seam keeps trying.",
        "Until then the code works at the old times.",
        CHECK_GATEWAY,
    ),
    "failed_to_remove_from_device": _NOT_REMOVED,
    "failed_to_expire": _NOT_REMOVED,
    "duplicate_code_on_device": _DUPLICATE,
    "wyze_potential_duplicate_code": _DUPLICATE,
    "duplicate_code_attempt_prevented": _DUPLICATE,
    "conflicting_unmanaged_access_code_id": _DUPLICATE,
    "wyze_duplicate_code_name": _say(
        "The lock has another code of this name.", NEVER_ON_LOCK, "Reissue the code.", False
    ),
    "no_space_for_access_code_on_device": _say("The lock's memory is full.", NOT_ON_LOCK, FREE_PLACE),
    "code_constraints_violated": _say("The lock does not take this PIN.", NEVER_ON_LOCK, NEW_PIN, False),
    "conflicting_external_modification": _EDITED,
    "code_modified_external_to_seam": _EDITED,
    "access_code_inactive": _say(
        "The code is on the lock, but switched off.", NOT_ON_LOCK, "Switch it on in the maker's app, or reissue it."
    ),
    "access_code_state_unconfirmed": _say("The lock did not confirm the code.", NOT_ON_LOCK, CHECK_GATEWAY),
    "replaced_by_newer_access_code": _say("A newer code took its place.", NEVER_ON_LOCK, "Reissue the code.", False),
    "salto_ks_user_not_subscribed": _PAID,
    # Warnings of codes
    "delay_in_setting_on_device": _SLOW_SET,
    "delay_in_issuing": _SLOW_SET,
    "delay_in_removing_from_device": _say("Taking the code off the lock takes long.", OLD_OPENS, CHECK_GATEWAY),
    "external_modification_in_effect": _say(
        "The code was changed in the maker's app, and that is allowed.",
        NOT_ON_LOCK,
        "Reissue it to be sure of the PIN.",
    ),
    "using_backup_access_code": _say("A backup code is used instead.", "The guest needs the other PIN.", "Tell them."),
    "management_transferred": _say(
        "Another workspace manages this code now.", NEVER_ON_LOCK, "Issue a new code.", False
    ),
    "time_frame_adjusted_for_unknown_time_zone": _say(
        "The clocks change during this code's time, and the lock's zone is unknown: Seam made it up to an hour longer.",
        "The guest can come in up to an hour early or late.",
        "Set the lock's time zone in the maker's app.",
    ),
    "code_rotates_periodically": _say(
        "The lock changes this PIN by itself.", NOT_ON_LOCK, "Reveal it again before use."
    ),
    "igloo_algopin_must_be_used_within_24_hours": _say(
        "The PIN must be used within a day of its start.", NOT_ON_LOCK, "Tell the guest to use it on the first day."
    ),
    "unknown_issue_with_access_code": _say(
        "The code has a problem.", NOT_ON_LOCK, "Seam keeps trying; else reissue it."
    ),
}


def explain(problem: dict[str, Any]) -> Explanation:
    """Words for one entry of Seam's `errors` or `warnings`; an unknown one speaks with Seam's own message."""
    code = str(problem.get("error_code") or problem.get("warning_code") or "")
    known = WORDS.get(code)
    if known is not None:
        return known
    message = str(problem.get("message") or "").strip()
    what = message or f"Seam reports “{code or 'a problem'}”."
    return _say(what, "What it means is not known here.", "Look at the lock in the maker's app; we keep trying.")
