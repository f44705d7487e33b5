"""What one sees of a name, what it is found by, and what it is sorted by."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.values.names import (
    clean_name,
    digits,
    guest_search_form,
    has_all,
    plain,
    search_form,
    search_words,
    sort_key,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Anna   Schmidt ", "Anna Schmidt"),
        ("Anna\n\tSchmidt\0", "Anna Schmidt"),
        ("A\u0301rpa\u0301d", "Árpád"),
        # Zero-width space, byte order mark, soft hyphen, word joiner, Hangul filler, braille blank.
        ("\u200b\ufeff\u00ad\u2060\u3164\u2800", ""),
        ("\ufe0f\u0301", ""),
        # Marks that turn the direction of what follows.
        ("\u202eAnna\u202c", "Anna"),
        ("\u2066\u200fمحمد\u200e\u2069", "محمد"),
        # Joiners stay where they join: a family, Persian; not alone.
        ("👩\u200d👧 Villa", "👩\u200d👧 Villa"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200d \u200c", ""),
        ("", ""),
    ],
)
def test_name_is_what_one_sees(typed, kept):
    assert clean_name(typed) == kept


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(typed):
    assert clean_name(clean_name(typed)) == clean_name(typed)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("arpad", "Ärpád"),
        ("ÄRPÁD", "Ärpád"),
        (unicodedata.normalize("NFD", "Ärpád"), "Ärpád"),
        ("ärpád", unicodedata.normalize("NFD", "Ärpád")),
        ("жанна", "ЖАННА"),
        ("zhanna", "Жанна"),
        ("ost", "Øst"),
        ("ØST", "Øst"),
        ("strasse", "Lange Straße"),
        ("lodz", "Łódź"),
        ("李", "李小龙"),
        ("😀", "Villa 😀"),
        ("a\u200brpad", "Ärpád"),
        ("full", "ｆｕｌｌ"),
        ("%", "100 % Wool"),
    ],
)
def test_word_is_found(query, name):
    assert has_all(search_words(query, 6), search_form(name))


@pytest.mark.parametrize(("query", "name"), [("arpad", "Arpat"), ("ost 2", "Øst 1"), ("%", "Wool"), ("_", "Wool")])
def test_other_word_is_not_found(query, name):
    assert not has_all(search_words(query, 6), search_form(name))


@pytest.mark.parametrize(
    "query", ["+49 170 123-4567", "0170 1234567", "004917 0", "(170)", "4567", "١٧٠", "anna 170", "0170/123.45"]
)
def test_phone_is_found_by_its_digits(query):
    assert has_all(search_words(query, 6), guest_search_form("Anna", "", "+49 (170) 1234-567"))


def test_digits_of_name_are_not_hidden_by_phone_rule():
    assert has_all(search_words("room 10", 6), search_form("Room 10"))
    assert not has_all(search_words("room 10", 6), search_form("Room 1"))


@pytest.mark.parametrize(
    "sorted_names",
    [
        ["Room 2", "room 4", "Room 10"],
        ["Ela", "Élan", "Elb"],
        ["A 1 b", "A 1 c", "A 02", "a 3"],
        ["1", "02", "10"],
        ["Øst 1", "Ost 2"],
        ["", "A"],
    ],
)
def test_names_sort_as_people_count(sorted_names):
    assert sorted(reversed(sorted_names), key=sort_key) == sorted_names


@given(st.text(max_size=40))
def test_forms_are_same_on_each_database(name):
    # Only what every collation sorts alike, and no database folds case in another way.
    assert plain(name).isascii() or plain(name) == unicodedata.normalize("NFKC", name).casefold()
    assert plain(name) == plain(name).casefold()


def test_digits_of_any_script():
    assert digits("+٤٩ 170-12") == "4917012"
