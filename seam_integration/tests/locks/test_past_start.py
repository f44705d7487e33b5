"""A code whose start has passed when it is sent: Seam is told to begin now, and the proof counts."""

from datetime import timedelta

from properties.models import CodeState
from properties.models.stays import Window
from properties.tests.builders import make_code


def test_past_start_is_sent_as_now(seam, owner):
    seam.link_for(owner)
    now = seam.now_at
    code = make_code(seam.lock(), window=Window(now - timedelta(days=2), now + timedelta(days=1)), now=now)
    seam.work()
    seam.pass_time("PT2M", times=3)
    code.refresh_from_db()
    assert now - timedelta(minutes=1) < code.seam_starts_at <= seam.now_at
    assert code.state(seam.now_at) is CodeState.LIVE
    assert [step.name for step in code.ladder(seam.now_at) if step.name == "New times"] == []
