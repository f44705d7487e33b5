"""The secret of an invitation's link: signed, stored as a hash, new each time."""

from datetime import timedelta

import pytest

from accounts.models import Invitation, InvitationState, hash_of_token
from properties.tests.builders import NOW


def test_stored_hash_finds_invitation():
    invitation = Invitation()
    token = invitation.renew_token(NOW)
    assert hash_of_token(token) == invitation.token_hash
    assert token not in str(vars(invitation))
    assert len(token.split(":")[0]) >= 43


def test_foreign_token_has_no_hash():
    token = Invitation().renew_token(NOW)
    assert hash_of_token(token[:-1] + ("a" if token[-1] != "a" else "b")) == ""
    assert hash_of_token("") == ""


def test_new_link_ends_earlier_link():
    invitation = Invitation()
    before = invitation.renew_token(NOW)
    invitation.renew_token(NOW)
    assert hash_of_token(before) != invitation.token_hash


@pytest.mark.parametrize(
    ("fields", "later", "state"),
    [
        ({}, timedelta(days=6, hours=23), InvitationState.OPEN),
        ({}, timedelta(days=7), InvitationState.EXPIRED),
        ({"withdrawn_at": NOW}, timedelta(days=8), InvitationState.WITHDRAWN),
        ({"accepted_at": NOW}, timedelta(days=8), InvitationState.ACCEPTED),
    ],
)
def test_state_depends_on_answer_withdrawal_and_age(fields, later, state):
    invitation = Invitation(**fields)
    invitation.renew_token(NOW)
    assert invitation.state(NOW + later) is state
