"""Beat's schedule, whatever the clock does: an entry that was run "in the future" is due anew."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler


class SteadyScheduler(PersistentScheduler):
    """After the clock was set back, Celery's own would wait until it has caught up: for days, if it was days ahead."""

    TOLERANCE = timedelta(seconds=5)

    def tick(self, *arguments: Any, **options: Any) -> float:
        now = self.app.now()
        ahead = [e for e in self.schedule.values() if e.last_run_at and e.last_run_at > now + self.TOLERANCE]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            # Its moments were worked out by the clock of before.
            self._heap = None
        seconds: float = super().tick(*arguments, **options)
        return seconds
