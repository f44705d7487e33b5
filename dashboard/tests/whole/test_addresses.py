"""Addresses of rows are those that Django makes."""

import pytest
from django.urls import reverse

from dashboard.addresses import address_of


@pytest.mark.parametrize("name", ["lock", "stay", "access-code", "property"])
@pytest.mark.parametrize("pk", [0, 7, 100])
def test_address_is_one_that_django_makes(name, pk):
    assert address_of(name, pk) == reverse(name, args=[pk])
