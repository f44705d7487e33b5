"""Second factors: secrets are encrypted, and an organization can demand one of roles."""

from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.apps import apps
from django.urls import reverse

from accounts.models import Organization, Role
from dashboard.entrance import mfa_adapter
from dashboard.tests.cast import client_as, client_of
from dashboard.tests.pages import words
from properties.models import Activity

DEMAND, HOME, INDEX = reverse("second-factor"), reverse("overview"), reverse("mfa_index")
encryption = import_module("dashboard.migrations.0002_encrypt_second_factors")

pytestmark = pytest.mark.django_db


@pytest.fixture
def demanded(organization) -> Organization:
    organization.second_factor_roles = [Role.READ_ONLY.value]
    organization.save(update_fields=["second_factor_roles"])
    return organization


def test_secrets_are_not_kept_in_clear(owner):
    secret = generate_totp_secret()
    app = TOTP.activate(owner, secret)
    RecoveryCodes.activate(owner)
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert kept.count("gAAAA") == 2
    assert mfa_adapter.MfaAdapter().decrypt(app.instance.data["secret"]) == secret


def test_code_of_app_fits_encrypted_secret(owner, now):
    secret = generate_totp_secret()
    app = TOTP.activate(owner, secret)
    code = format_hotp_value(hotp_value(secret, int(now.timestamp()) // 30))
    assert app.validate_code(code)
    assert not app.validate_code("000000")


def test_secret_of_earlier_version_is_encrypted(owner):
    row = Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    assert mfa_adapter.MfaAdapter().decrypt(row.data["secret"]) == "JBSWY3DPEHPK3PXP"
    for _ in range(2):
        encryption.encrypt_secrets(apps, None)
        row.refresh_from_db()
        assert row.data["secret"].startswith("gAAAA")
        assert mfa_adapter.MfaAdapter().decrypt(row.data["secret"]) == "JBSWY3DPEHPK3PXP"


def test_demanded_role_gets_nowhere_without_it(demanded, colleague_client):
    answer = colleague_client.get(HOME, follow=True)
    assert answer.redirect_chain[-1][0] == INDEX
    assert "Your organization asks for two-factor login. Set it up to go on." in words(answer)
    assert colleague_client.get(reverse("locks")).status_code == 302


def test_demanded_role_with_it_goes_on(demanded, colleague):
    TOTP.activate(colleague, generate_totp_secret())
    assert client_of(colleague).get(HOME).status_code == 200


def test_other_roles_are_not_asked(demanded, owner_client):
    assert owner_client.get(HOME).status_code == 200


def test_last_demanded_factor_stays(demanded, colleague, owner):
    adapter = mfa_adapter.MfaAdapter()
    for person, may in ((colleague, False), (owner, True)):
        assert adapter.can_delete_authenticator(TOTP.activate(person, generate_totp_secret()).instance) is may
    Authenticator.objects.create(user=colleague, type=Authenticator.Type.WEBAUTHN, data={})
    assert adapter.can_delete_authenticator(Authenticator.objects.get(user=colleague, type="totp"))


def test_owner_demands_it(owner_client, organization):
    page = owner_client.post(DEMAND, {"roles": ["owner", "manager"]}, follow=True)
    organization.refresh_from_db()
    assert organization.second_factor_roles == ["owner", "manager"]
    assert Activity.objects.get().text == "Two-factor login demanded of: Owner, Manager"
    assert page.redirect_chain[-1][0] == INDEX


def test_owner_takes_demand_back(owner_client, demanded):
    owner_client.post(DEMAND, {})
    demanded.refresh_from_db()
    assert demanded.second_factor_roles == []


def test_who_manages_people_without_owning_demands_nothing(organization):
    client = client_as(organization, Role.MANAGER, granted=["manage_people"])
    assert client.post(DEMAND, {"roles": ["owner"]}).status_code == 403
    assert (
        "Two-factor login"
        not in words(client.get(reverse("people"))).partition("What each role")[0].partition("Invitations that wait")[2]
    )


def test_demand_of_stranger_changes_own_only(stranger_client, organization):
    stranger_client.post(DEMAND, {"roles": ["owner"]})
    organization.refresh_from_db()
    assert organization.second_factor_roles == []


def test_get_demands_nothing(owner_client):
    assert owner_client.get(DEMAND).status_code == 405
