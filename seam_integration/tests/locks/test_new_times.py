"""A code in use gets another end: the old proof stays, the new end is proved by itself."""

from datetime import timedelta

from properties.codes import planning
from properties.models import CodeState
from properties.models.stays import Window
from properties.tests.builders import make_code


def test_new_end_has_its_own_proof(seam, owner):
    seam.link_for(owner)
    start = seam.now_at
    code = make_code(seam.lock(), window=Window(start, start + timedelta(days=1)), now=start)
    seam.work()
    seam.pass_time("PT2M", times=3)
    code.refresh_from_db()
    on_lock_at, moved_at = code.on_lock_at, seam.now_at
    assert code.state(moved_at) is CodeState.LIVE
    planning.move(code, Window(start, start + timedelta(days=2)), moved_at, owner)
    assert code.state(moved_at) is CodeState.LIVE_CHANGING
    assert {step.name: step.status for step in code.ladder(moved_at)}["New times"] == "current"
    seam.work()
    seam.pass_time("PT2M", times=3)
    code.refresh_from_db()
    assert code.state(seam.now_at) is CodeState.LIVE
    assert code.on_lock_at == on_lock_at
    assert code.window_proved_at > moved_at
