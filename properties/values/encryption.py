"""Secrets at rest: encrypts with rotating keys, and hashes with a key where equality must be seen."""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(plain: str) -> str:
    """Ciphertext (urlsafe text) under the newest of PIN_KEYS."""
    return _fernet(tuple(settings.PIN_KEYS)).encrypt(plain.encode()).decode()


def decrypt(cipher: str) -> str:
    """Plain text; raises cryptography.fernet.InvalidToken when no key of PIN_KEYS fits."""
    return _fernet(tuple(settings.PIN_KEYS)).decrypt(cipher.encode()).decode()


def keyed_hash(plain: str) -> str:
    """Equal for equal secrets and useless without the key: a PIN has only a million values.

    The key is the oldest of PIN_KEYS, so that adding a newer key does not change the hashes already stored.
    """
    key: str = settings.PIN_KEYS[-1]
    return hmac.new(key.encode(), b"latchkey.pin:" + plain.encode(), hashlib.sha256).hexdigest()
