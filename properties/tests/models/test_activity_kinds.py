"""Every kind of entry that we write ourselves is found under a subject."""

import pytest

from properties.models import Activity, ActivityKind


@pytest.mark.parametrize("kind", ActivityKind)
def test_each_kind_has_subject(kind):
    assert Activity(kind=kind).subject is not None


def test_unknown_kind_has_none():
    assert Activity(kind="thermostat.moved").subject is None
