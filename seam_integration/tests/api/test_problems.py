"""Every problem we know is said in full; every one we do not know speaks with Seam's own words."""

import pytest

from seam_integration.api.problems import WORDS, explain


@pytest.mark.parametrize("code", sorted(WORDS))
def test_each_says_what_happened_what_it_means_and_what_to_do(code):
    said = WORDS[code]
    for sentence in (said.what, said.means, said.todo):
        assert sentence.endswith(".")
        assert sentence[0].isupper()


def test_what_waiting_cannot_mend_is_not_tried_again():
    final = {code for code, said in WORDS.items() if not said.is_retryable}
    assert {"code_constraints_violated", "duplicate_code_on_device", "device_removed"} <= final
    assert not {"failed_to_set_on_device", "hub_disconnected", "account_disconnected"} & final


@pytest.mark.parametrize(
    ("problem", "what"),
    [
        ({"error_code": "moon_is_full", "message": "The moon is full."}, "The moon is full."),
        ({"warning_code": "moon_is_full"}, "Seam reports “moon_is_full”."),
        ({}, "Seam reports “a problem”."),
    ],
)
def test_unknown_one_falls_to_default_and_is_tried_again(problem, what):
    said = explain(problem)
    assert said.what == what
    assert said.is_retryable
