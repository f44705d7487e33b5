"""What is kept out of every log: the secret parts of addresses."""

import logging
import re

# Addresses whose last part lets in whoever has it: invitations, confirmations, new passwords.
SECRET_PATHS = re.compile(r"(/(?:invitations|confirm-email|reset/key)/)[^/\s\"'?]+")


def without_secrets(text: str) -> str:
    return SECRET_PATHS.sub(r"\1…", text)


class HideSecrets(logging.Filter):
    """Rewrites a record before it is written; it drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if (shown := without_secrets(said)) != said:
            record.msg, record.args = shown, ()
        return True
