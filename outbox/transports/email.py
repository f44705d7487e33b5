"""Sends a message by email, through whatever EMAIL_URL names."""

import smtplib
from contextlib import suppress
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from outbox.models import Message
from outbox.transports import Refused, TryLater


def send(message: Message) -> str:
    """Hand it to the mail server. Raises Refused or TryLater."""
    mail = build(message)
    connection = get_connection()
    try:
        connection.open()
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        raise _by_code(*error.recipients[message.address]) from error
    except smtplib.SMTPDataError as error:
        raise _by_code(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPResponseException as error:
        # The log-in or the sender: the operator can mend it, and the message can still go.
        raise TryLater(f"{error.smtp_code} {_text(error.smtp_error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryLater(f"The mail server does not answer ({type(error).__name__})") from error
    except (UnicodeError, ValueError) as error:
        raise Refused(f"This is no address for email ({type(error).__name__})") from error
    finally:
        # It was taken or not by now; a server that hangs at the end changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            connection.close()
    return "Taken by the mail server"


def build(message: Message) -> EmailMultiAlternatives:
    """The mail as its receiver gets it: the same at each try."""
    content = message.content
    if content is None:
        raise Refused("Its text was erased")
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail = EmailMultiAlternatives(
        content.subject,
        content.text,
        to=[message.address],
        headers={
            "Message-ID": f"<{message.message_id}@{domain}>",
            "Date": format_datetime(message.created_at),
            # No out-of-office replies to a program.
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )
    if content.html:
        mail.attach_alternative(content.html, "text/html")
    return mail


def _by_code(code: int, words: bytes | str) -> Refused | TryLater:
    answer = f"{code} {_text(words)}"
    return Refused(answer) if code >= 500 else TryLater(answer)


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
