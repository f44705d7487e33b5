"""The PIN of a row: kept encrypted, and as a keyed hash to find it by."""

from django.db import models

from properties.values.encryption import decrypt, encrypt, keyed_hash


class HeldPin(models.Model):
    """The two columns of a row that holds a PIN."""

    pin_encrypted = models.TextField()
    pin_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    @property
    def pin(self) -> str:
        """The PIN in plain digits. Decrypted at each call and kept nowhere."""
        return decrypt(self.pin_encrypted)

    def set_pin(self, pin: str) -> None:
        """Set the PIN of a row that is not saved yet."""
        self.pin_encrypted = encrypt(pin)
        self.pin_hash = keyed_hash(pin)
