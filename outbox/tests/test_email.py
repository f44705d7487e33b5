"""Mail, by real servers: taken, refused, put off, silent, slow, hung up."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from outbox.delivery import deliver
from outbox.models import Content, Message, MessageState
from outbox.tests import mail_server
from outbox.tests.drafts import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_to(settings, now):
    """Send mail to this port."""

    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 0.5
        settings.DEFAULT_FROM_EMAIL = "Latchkey <latchkey@homes.example>"

    return use


@pytest.fixture
def received_by(mail_to):
    @contextmanager
    def use(receiver: mail_server.Receiver) -> Iterator[list]:
        with mail_server.serving(receiver) as port:
            mail_to(port)
            yield receiver.mails

    return use


def tried(message: Message, times: int = 1) -> Message:
    for _ in range(times):
        deliver(message.pk, Message.objects.get(pk=message.pk).next_try_at)
    return Message.objects.get(pk=message.pk)


def test_mail_arrives_with_fixed_id_and_both_texts(received_by):
    message = posted(content=Content("Für Sie", "plain", "<p>rich</p>"))
    with received_by(mail_server.Receiver()) as mails:
        message = tried(message)
    (mail,) = mails
    assert mail["Message-ID"] == f"<{message.message_id}@homes.example>"
    assert mail["To"] == "ana@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, rich = mail.get_payload()
    assert (plain.get_payload().strip(), rich.get_payload().strip()) == ("plain", "<p>rich</p>")
    assert (message.state, message.answer) == (MessageState.SENT, "Taken by the mail server")


def test_unknown_mailbox_is_refused_for_good(received_by):
    with received_by(mail_server.Receiver("550 5.1.1 <ana@example.org> unknown")) as mails:
        message = tried(posted())
    assert (message.state, mails) == (MessageState.FAILED, [])
    assert message.answer == "550 5.1.1 <a…@example.org> unknown"


def test_greylisted_mail_goes_at_next_try(received_by):
    with received_by(mail_server.Receiver("451 4.7.1 Come back later")) as mails:
        message = tried(posted())
        assert (message.state, message.answer) == (MessageState.WAITING, "451 4.7.1 Come back later")
        message = tried(message)
    assert (message.state, len(mails)) == (MessageState.SENT, 1)


def test_slow_server_is_waited_for(received_by):
    with received_by(mail_server.Pausing()) as mails:
        message = tried(posted())
    assert (message.state, len(mails)) == (MessageState.SENT, 1)


def test_silent_server_is_left_after_its_time(mail_to):
    with mail_server.silent() as port:
        mail_to(port)
        message = tried(posted())
    assert (message.state, message.tries) == (MessageState.WAITING, 1)
    assert message.answer.startswith("The mail server does not answer")


def test_dead_server_is_tried_again(mail_to):
    with mail_server.silent() as port:
        pass
    mail_to(port)
    assert tried(posted()).answer == "The mail server does not answer (ConnectionRefusedError)"


def test_hang_up_after_data_sends_same_id_twice(received_by):
    with received_by(mail_server.HangingUp()) as mails:
        message = tried(posted(), times=2)
    assert message.state == MessageState.SENT
    assert len(mails) == 2
    assert len({mail["Message-ID"] for mail in mails}) == 1


def test_server_without_goodbye_has_taken_mail(received_by):
    with received_by(mail_server.NoGoodbye()) as mails:
        message = tried(posted())
    assert (message.state, len(mails)) == (MessageState.SENT, 1)


def test_line_break_in_subject_is_refused(received_by):
    with received_by(mail_server.Receiver()) as mails:
        message = tried(posted(content=Content("One\nBcc: all@example.org", "text")))
    assert (message.state, mails) == (MessageState.FAILED, [])


def test_log_names_no_address(mail_to, caplog):
    with mail_server.silent() as port:
        mail_to(port)
        tried(posted(content=Content("Subject", "secret-token")))
    assert "ana@" not in caplog.text
    assert "secret-token" not in caplog.text
