"""Seam's error and warning codes in words: what happened, what to do, and whether waiting can help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Explanation:
    """One problem for people. `is_retryable`: Seam goes on trying, or it clears by itself."""

    what: str
    todo: str
    is_retryable: bool = True


# Names of three generations side by side (Seam renamed them over time); an unknown one falls to the default.
_WORDS: dict[str, Explanation] = {
    # Accounts
    "account_disconnected": Explanation(
        "Seam can no longer log in to the linked account.", "Reconnect the account on the Connections page."
    ),
    "account_reauthorization_requested": Explanation(
        "The provider asks for a new log-in.", "Reconnect the account on the Connections page."
    ),
    "bridge_disconnected": Explanation("The bridge is offline.", "Check its power and internet."),
    # Locks
    "device_disconnected": Explanation("The lock cannot be reached.", "Check its batteries and the gateway's Wi-Fi."),
    "device_offline": Explanation("The lock cannot be reached.", "Check its batteries and the gateway's Wi-Fi."),
    "hub_disconnected": Explanation("The gateway is offline.", "Check its power and internet."),
    "device_removed": Explanation(
        "The lock was removed from the Wyze app.", "Pair it again, then put it on its door here.", False
    ),
    "insufficient_permissions": Explanation(
        "The linked login may not change this lock.", "Let the lock's owner give it admin rights."
    ),
    "missing_device_credentials": Explanation("Seam lacks a credential for this lock.", "Reconnect the account."),
    "subscription_required": Explanation("The maker wants a paid plan for this.", "Renew the plan."),
    "empty_backup_access_code_pool": Explanation("No backup codes are left.", "Remove codes nobody needs."),
    "wyze_device_missing_gateway": Explanation("The lock has no gateway.", "Connect a Wyze Lock Gateway."),
    "hub_required_for_additional_capabilities": Explanation("The lock has no gateway.", "Connect a gateway."),
    "accessory_keypad_setup_required": Explanation("No keypad is paired.", "Pair a Wyze keypad in the Wyze app."),
    "accessory_keypad_low_battery": Explanation("The keypad's batteries are low.", "Change the keypad's batteries."),
    "max_access_codes_reached": Explanation("The lock's memory is full.", "Remove codes nobody needs."),
    "time_zone_mismatch": Explanation("The lock's clock is in another zone.", "Set the zone in the Wyze app."),
    "device_communication_degraded": Explanation("The connection is weak.", "Move the gateway closer."),
    "device_has_flaky_connection": Explanation("The connection comes and goes.", "Move the gateway closer."),
    # Codes
    "failed_to_set_on_device": Explanation(
        "The code could not be put on the lock yet; Seam keeps trying.",
        "Check the lock's batteries and gateway.",
    ),
    "failed_to_issue": Explanation(
        "The code could not be put on the lock yet; Seam keeps trying.",
        "Check the lock's batteries and gateway.",
    ),
    "delay_in_setting_on_device": Explanation("Putting the code on the lock takes long.", "Check the gateway."),
    "delay_in_issuing": Explanation("Putting the code on the lock takes long.", "Check the gateway."),
    "failed_to_update": Explanation("The change did not reach the lock yet; Seam keeps trying.", "Check the gateway."),
    "failed_to_remove_from_device": Explanation(
        "The code could not be taken off the lock: it may still open the door.",
        "Check the gateway, or delete the code in the Wyze app.",
    ),
    "failed_to_expire": Explanation(
        "The code could not be taken off the lock: it may still open the door.",
        "Check the gateway, or delete the code in the Wyze app.",
    ),
    "duplicate_code_on_device": Explanation("The lock already has this PIN.", "Reissue with a new PIN.", False),
    "wyze_potential_duplicate_code": Explanation("The lock already has this PIN.", "Reissue with a new PIN.", False),
    "wyze_duplicate_code_name": Explanation("The lock already has a code of this name.", "Reissue it.", False),
    "no_space_for_access_code_on_device": Explanation("The lock's memory is full.", "Remove codes nobody needs."),
    "code_constraints_violated": Explanation("The lock does not take this PIN.", "Reissue with a new PIN.", False),
    "conflicting_external_modification": Explanation(
        "Somebody changed the code in the Wyze app; Seam puts ours back.",
        "Do not edit these codes in the app.",
    ),
    "code_modified_external_to_seam": Explanation(
        "Somebody changed the code in the Wyze app; Seam puts ours back.",
        "Do not edit these codes in the app.",
    ),
    "access_code_inactive": Explanation("The code is switched off.", "Switch it on in the Wyze app, or reissue it."),
    "provider_issue": Explanation("Wyze has a problem.", "Wait; if it lasts, look at Wyze's status page."),
}


def explain(problem: dict[str, Any]) -> Explanation:
    """Words for one entry of Seam's `errors` or `warnings`; an unknown one speaks with Seam's own message."""
    code = str(problem.get("error_code") or problem.get("warning_code") or "")
    known = _WORDS.get(code)
    if known is not None:
        return known
    message = str(problem.get("message") or "").strip()
    return Explanation(message or f"Seam reports “{code or 'a problem'}”.", "See Seam's message; we keep trying.")
