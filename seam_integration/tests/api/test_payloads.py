"""Parts of an answer that have another type are unknown."""

import pytest

from seam_integration.api import payloads


@pytest.mark.parametrize(("value", "found"), [(0, 0), (50, 50), (-1, None), (True, None), ("5", None), (2**31, None)])
def test_count(value, found):
    assert payloads.count(value) == found


def test_types_that_are_others_are_empty():
    assert payloads.record("x") == payloads.record(None) == {}
    assert payloads.entries({"a": 1}) == payloads.entries(None) == []
    assert payloads.entries([1, {"a": 1}, None]) == [{"a": 1}]
    assert payloads.counts("x") == []
    assert payloads.counts([4, "5", True, None, 6]) == [4, 6]
    assert (payloads.text(7, 5), payloads.text("longer", 4)) == ("", "long")


def test_nul_is_taken_out_everywhere():
    assert payloads.without_nul({"a\0": ["b\0", 7, {"c": "\0"}], "d": None}) == {"a": ["b", 7, {"c": ""}], "d": None}


@pytest.mark.parametrize("row", [None, [], {}, {"id": 7}, {"id": ""}])
def test_row_without_id(row):
    assert not payloads.has_id(row, "id")
