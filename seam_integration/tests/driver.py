"""Drives the whole path in one process: the sandbox instead of Seam, eager tasks instead of the worker."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client

from accounts.models import User
from properties.models import ConnectedAccount, Lock
from seam_integration import clock, tasks
from seam_integration.accounts import connect_webviews
from seam_integration.seam import seam_client
from seam_sandbox import SeamSandbox
from seam_sandbox.tests.caller import Caller, query_of


class Driver(Caller):
    """The sandbox as others call it, and Latchkey's own turn of the wheel."""

    def __init__(self, app: SeamSandbox) -> None:
        super().__init__(app)
        self.app = app
        # Until `register_webhook`: deliveries are made, and do not arrive.
        self.hears_webhooks = False

    @property
    def now_at(self) -> datetime:
        clock.forget()
        return clock.now()

    def link_for(self, user: User, email: str = "jane@example.com") -> ConnectedAccount:
        """Link an account as a person does, and read its locks."""
        url = connect_webviews.launch(user, "http://testserver/connections/return/", self.now_at, seam_client())
        answer = self.log_in(url, email)
        back = query_of(answer.headers["Location"])
        outcome = connect_webviews.come_back(
            user, back["state"], back["connect_webview_id"], self.now_at, seam_client()
        )
        assert outcome.is_good, outcome.text
        account = ConnectedAccount.objects.get(pk=outcome.account_id)
        tasks.sync_account(account.pk)
        account.refresh_from_db()
        return account

    def lock(self, name: str = "Lake House Front Door") -> Lock:
        return Lock.objects.select_related("account").get(name=name)

    def register_webhook(self) -> None:
        self.hears_webhooks = True
        tasks.sync_all()

    def work(self) -> None:
        """What happens in a minute of the real thing: deliveries, sweep."""
        if self.hears_webhooks:
            self.app.sandbox.deliver_due(_post)
        tasks.sweep()

    def pass_time(self, step: str, times: int = 1) -> None:
        for _ in range(times):
            self.advance(step)
            clock.forget()
            self.work()

    def calls(self) -> dict[str, int]:
        return dict(self.send("GET", "/_sandbox/requests").json()["counts"])

    def forget_calls(self) -> None:
        self.send("DELETE", "/_sandbox/requests")

    def break_down(self, *rules: dict[str, object]) -> None:
        self("/_sandbox/faults", rules=list(rules))

    def shift_date(self, step: timedelta) -> None:
        """From now on Seam's clock is ahead of ours by this."""
        self.break_down({"path": "*", "what": "date", "seconds": step.total_seconds()})

    def mend(self) -> None:
        self.break_down()

    def pins_on(self, lock: Lock) -> dict[str, str]:
        """PIN → status of every code Seam holds for this lock, asked from outside."""
        found = self("/access_codes/list", device_id=str(lock.seam_id))["access_codes"]
        return {code["code"]: code["status"] for code in found}


def _post(url: str, headers: dict[str, str], body: bytes) -> int:
    """A webhook delivery, handed to our view."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    named.pop("HTTP_CONTENT_TYPE", None)
    path = "/" + url.split("/", 3)[3]
    answer = Client().post(path, data=body, content_type="application/json", **named)
    return answer.status_code
