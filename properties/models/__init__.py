"""The domain's tables: one file per subject."""

from properties.models.access_codes import AccessCode, CodeKind, CodeState, Step, Tone
from properties.models.activity import Activity, Certainty, Subject
from properties.models.locks import BatteryReading, ConnectedAccount, Lock, LockCommand
from properties.models.places import Door, Property, Unit
from properties.models.staff import StaffMember, StaffState
from properties.models.stays import Guest, Stay, StayPhase
from properties.models.tenancy import Reach
from properties.models.verdicts import StayVerdict, VerdictMark

__all__ = [
    "AccessCode",
    "Activity",
    "BatteryReading",
    "Certainty",
    "CodeKind",
    "CodeState",
    "ConnectedAccount",
    "Door",
    "Guest",
    "Lock",
    "LockCommand",
    "Property",
    "Reach",
    "StaffMember",
    "StaffState",
    "Stay",
    "StayPhase",
    "StayVerdict",
    "Step",
    "Subject",
    "Tone",
    "Unit",
    "VerdictMark",
]
