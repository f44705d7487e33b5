"""The main path against the sandbox, from linking to the code that is gone, without sockets or mocks."""

from django.db import transaction

from properties.codes import planning
from properties.models import AccessCode, CodeState, Lock
from properties.tests.builders import make_door, make_property, make_stay, make_unit


def test_linking_brings_locks_with_state_and_battery(seam, owner):
    account = seam.link_for(owner)
    assert account.synced_at is not None
    front = seam.lock()
    assert (front.can_unlock, front.can_program_codes, front.is_online) == (True, True, True)
    assert front.battery_level is not None
    assert front.is_locked is not None
    assert Lock.objects.filter(name__contains="Bolt", can_unlock=None, can_program_codes=None).exists()


def test_code_of_stay_comes_lives_and_goes(seam, owner, organization):
    seam.link_for(owner)
    seam.register_webhook()
    lock = seam.lock()
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    stay = make_stay(unit, days_ahead=10, nights=2)
    with transaction.atomic():
        planning.apply_stay_plan(stay, seam.now_at, owner)
        code = AccessCode.objects.get(stay=stay)
        assert code.state(seam.now_at) is CodeState.PLANNED

    seam.work()
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.ACCEPTED
    assert seam.pins_on(lock) == {code.pin: "unset"}

    seam.pass_time("P7DT12H")
    seam.pass_time("PT5M", times=3)
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.ON_LOCK
    assert code.on_lock_source.startswith("event ")

    seam.pass_time("P2DT23H")
    seam.pass_time("PT2M", times=3)
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.LIVE
    assert seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=code.pin)["opened"]
    seam.work()
    code.refresh_from_db()
    assert code.used_source.startswith("inferred")

    seam.pass_time("P2D")
    seam.pass_time("PT2M", times=3)
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.REMOVED
    assert seam.pins_on(lock) == {}
    assert not seam("/_sandbox/keypad", device_id=str(lock.seam_id), code=code.pin)["opened"]


def test_without_any_webhook_same_comes_true_by_reading(seam, owner, organization):
    seam.link_for(owner)
    lock = seam.lock()
    unit = make_unit(make_property(organization))
    make_door(unit, lock)
    stay = make_stay(unit, days_ahead=4, nights=1)
    planning.apply_stay_plan(stay, seam.now_at, owner)
    states: list[CodeState] = []
    for step in ["PT1H"] * 100 + ["PT10M"] * 200:
        seam.pass_time(step)
        state = AccessCode.objects.get(stay=stay).state(seam.now_at)
        if not states or states[-1] is not state:
            states.append(state)
    assert states == [
        CodeState.ACCEPTED,
        CodeState.ON_LOCK,
        CodeState.LIVE,
        CodeState.REMOVING,
        CodeState.REMOVED,
    ]
    code = AccessCode.objects.get(stay=stay)
    assert code.removed_source.startswith("read back")
