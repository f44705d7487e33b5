"""Mail servers for tests: real ones on a socket, that take, refuse, stall or hang up."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Receiver:
    """Takes every mail. `answers` are given to RCPT first, one a mail, then "250"."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.mails: list[Message] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(message_from_bytes(envelope.content or b""))
        return await self.after_data(server)

    async def after_data(self, server: SMTP) -> str:
        return "250 Taken"


class Pausing(Receiver):
    """Takes its time before it says that it took a mail."""

    async def after_data(self, server: SMTP) -> str:
        await asyncio.sleep(0.3)
        return "250 Taken"


class HangingUp(Receiver):
    """Takes the first mail and hangs up without a word; the others it takes as it should."""

    async def after_data(self, server: SMTP) -> str:
        if len(self.mails) == 1:
            server.transport.abort()
        return "250 Taken"


class NoGoodbye(Receiver):
    """Takes a mail, then never answers the last word."""

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(60)
        return "221 Bye"


@contextmanager
def serving(receiver: Receiver) -> Iterator[int]:
    """Its port, as long as it runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(receiver, loop=loop), "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
