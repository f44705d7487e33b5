"""The domain's tables: one file per subject."""

from properties.models.access_codes import AccessCode, CodeKind, CodeState, Tone
from properties.models.activity import Activity, ActivityKind, Certainty, Subject
from properties.models.known_pins import KnownPin
from properties.models.locks import BatteryReading, Charge, ConnectedAccount, Lock, LockCommand
from properties.models.places import Door, Property, Unit
from properties.models.staff import StaffMember, StaffState
from properties.models.stays import Guest, SetField, Stay, StayPhase
from properties.models.steps import ProofSource, Step, StepStatus
from properties.models.tenancy import Reach
from properties.models.verdicts import StayVerdict, VerdictMark

__all__ = [
    "AccessCode",
    "Activity",
    "ActivityKind",
    "BatteryReading",
    "Certainty",
    "Charge",
    "CodeKind",
    "CodeState",
    "ConnectedAccount",
    "Door",
    "Guest",
    "KnownPin",
    "Lock",
    "LockCommand",
    "ProofSource",
    "Property",
    "Reach",
    "StaffMember",
    "StaffState",
    "SetField",
    "Stay",
    "StayPhase",
    "StayVerdict",
    "Step",
    "StepStatus",
    "Subject",
    "Tone",
    "Unit",
    "VerdictMark",
]
