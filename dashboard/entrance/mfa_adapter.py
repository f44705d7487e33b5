"""Second factors: their secrets are encrypted at rest, and where they are demanded the last one stays."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken

from accounts.models import User
from properties.values.encryption import decrypt, encrypt

# Recovery codes are of no use without one of these.
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return decrypt(encrypted_text)
        except InvalidToken:
            # Kept in clear by a version before 0.3, if its migration has not run yet.
            return encrypted_text

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user: User = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not must_have_second_factor(user) or authenticator.type not in FACTORS or bool(others.exists())


def must_have_second_factor(user: User) -> bool:
    """Whether the organization demands one of this person's role."""
    membership = user.current_membership
    return membership is not None and membership.role in membership.organization.second_factor_roles


def lacks_second_factor(user: User) -> bool:
    """Demanded, and not set up."""
    return must_have_second_factor(user) and not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()
