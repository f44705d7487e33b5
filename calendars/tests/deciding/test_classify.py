"""What events of each channel mean: tables of what channels write, with the outcome and its reason."""

import json
import os
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calendars.deciding.channels import Channel, normal, recognize
from calendars.deciding.classify import ChannelRules, Occupancy, classify
from calendars.reading.envelope import ReadLimits
from calendars.reading.events import read
from calendars.reasons import Why
from calendars.tests.samples import airbnb_link, calendar, event

DENVER = ZoneInfo("America/Denver")
TODAY = date(2031, 3, 4)
SHARED_FEEDS = os.environ.get("SHARED_FEEDS", "")
A, V, B = Channel.AIRBNB, Channel.VRBO, Channel.BOOKING


def meaning(channel, others=(), rules=None, **fields):
    (found,) = read(calendar(event(**fields)), DENVER).events
    return classify(found, ChannelRules(channel, **(rules or {})), TODAY, others)


@pytest.mark.parametrize(
    ("channel", "summary", "outcome", "why"),
    [
        (A, "Reserved", "unclear", Why.NO_LINK),
        (A, "Airbnb (Not available)", "block", Why.BLOCK),
        (A, "Airbnb (Nicht verfügbar)", "block", Why.BLOCK),
        (A, "Unavailable", "block", Why.BLOCK),
        (A, "Sarah", "unclear", Why.NOT_RECOGNIZED),
        (V, "Reserved - Robin", "stay", Why.RESERVED),
        (V, "Réservée", "stay", Why.RESERVED),
        (V, "RÉSERVÉE – Zoé", "stay", Why.RESERVED),
        (V, "Reservation", "stay", Why.RESERVED),
        (V, "Provisoire - Zoé", "unclear", Why.TENTATIVE),
        (V, "Blocked", "block", Why.BLOCK),
        (V, "Indisponible", "block", Why.BLOCK),
        (V, "Sarah J.", "unclear", Why.NOT_RECOGNIZED),
        (V, "Varattumaton", "unclear", Why.NOT_RECOGNIZED),
        (B, "CLOSED - Not available", "unclear", Why.CLOSED_OR_BOOKED),
        (B, "CLOSED – Not available", "unclear", Why.CLOSED_OR_BOOKED),
        (B, "Anything", "unclear", Why.NOT_RECOGNIZED),
        (Channel.EXPEDIA, "Reserved on Expedia", "stay", Why.RESERVED),
        (Channel.EXPEDIA, "Unavailable on Expedia", "block", Why.BLOCK),
        (Channel.GUESTY, "Reservation HMABC-1", "stay", Why.RESERVED),
        (Channel.GUESTY, "blocked BY guesty", "unclear", Why.BLOCKED_OR_BOOKED),
        (Channel.GUESTY, "HM-Jordan-Loft-2", "unclear", Why.NOT_RECOGNIZED),
        (Channel.SMOOBU, "Booking - Robin", "stay", Why.RESERVED),
        (Channel.LODGIFY, "Closed Period", "block", Why.BLOCK),
        (Channel.HOSTAWAY, "Nico (homeaway) - by Hostaway", "stay", Why.RESERVED),
        (Channel.TRIPADVISOR, "Tripadvisor Rentals: Robin", "stay", Why.RESERVED),
        (Channel.CUSTOM, "Reserved", "unclear", Why.NOT_RECOGNIZED),
        (Channel.GOOGLE, "Busy", "unclear", Why.BUSY_ONLY),
        (Channel.CUSTOM, "", "unclear", Why.NOT_RECOGNIZED),
    ],
)
def test_summary(channel, summary, outcome, why):
    found = meaning(channel, summary=summary)
    assert (found.outcome, found.reason.why) == (outcome, why)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"start": ""}, "error"),
        ({"extra": "RRULE:FREQ=WEEKLY"}, "rrule"),
        ({"extra": "STATUS:Cancelled"}, "cancel"),
        ({"extra": "STATUS:TENTATIVE"}, "unclear"),
        ({"start": "20310201", "end": "20310303"}, "past"),
        ({"description": "Booking ID : AB-4711"}, "stay"),
        ({"uid": "", "summary": "Zzz"}, "unclear"),
    ],
)
def test_any_channel(channel, fields, outcome):
    assert meaning(channel, **({"summary": "Zzz"} | fields)).outcome == outcome


def test_check_out_today_is_not_past():
    assert meaning(V, start="20310301", end="20310304").outcome == "stay"


@pytest.mark.parametrize(
    "description",
    [
        airbnb_link("HMEXAMPL01"),
        "https://www.airbnb.co.uk/reservation/itinerary?code=HMEXAMPL01",
        '<a href="https://airbnb.com/hosting/reservations/details/HMEXAMPL01">link</a>',
    ],
)
def test_airbnb_code_comes_from_link(description):
    found = meaning(A, summary="Airbnb (Not available)", end="20311107", description=description)
    assert (found.outcome, found.told.code) == ("stay", "HMEXAMPL01")


@pytest.mark.parametrize(
    "description", ["RESERVATIO is confirmed", "Confirmation: https://airbnb.com/reservation/ABC123", "code=HMEXAMPL01"]
)
def test_capital_words_are_no_airbnb_code(description):
    assert meaning(A, description=description).told.code == ""


@pytest.mark.parametrize(
    ("channel", "start", "end", "summary", "outcome"),
    [
        (A, "20310831", "20320304", "Airbnb (Not available)", "edge"),
        (A, "20310304", "20320304", "Airbnb (Not available)", "edge"),
        (A, "20310302", "20320303", "Airbnb (Not available)", "edge"),
        (A, "20320303", "20320304", "Airbnb (Not available)", "edge"),
        (A, "20310501", "20310901", "Airbnb (Not available)", "edge"),
        (A, "20310501", "20310503", "Airbnb (Not available)", "block"),
        (B, "20311001", "20320301", "CLOSED - Not available", "edge"),
        (V, "20310401", "20310901", "Reserved - Robin", "stay"),
        (V, "20310401", "20310901", "Robin", "unclear"),
        (Channel.CUSTOM, "20310401", "20310901", "Robin", "edge"),
        (Channel.CUSTOM, "20310401", "20310901", "Reserved for Robin", "unclear"),
    ],
)
def test_edge_of_booking_window(channel, start, end, summary, outcome):
    assert meaning(channel, start=start, end=end, summary=summary).outcome == outcome


@pytest.mark.parametrize(
    ("nights", "outcome", "why"),
    [(14, "stay", Why.SHORT_CLOSURE), (15, "block", Why.LONG_CLOSURE)],
)
def test_closures_by_rule(nights, outcome, why):
    end = f"202103{1 + nights:02}".replace("2021", "2031")
    found = meaning(B, rules={"closures_up_to": 14}, start="20310301", end=end, summary="CLOSED - Not available")
    assert (found.outcome, found.reason.why) == (outcome, why)


@pytest.mark.parametrize("tag", ["an", "bw", "bd", "b", "a"])
def test_guesty_rule_is_ignored(tag):
    assert meaning(Channel.GUESTY, uid=f"6412ab_{tag}_2031", summary="Blocked By Guesty").outcome == "block"


def test_vrbo_block_in_unknown_language():
    uid = "03072031-0307-2031-0310-203103102031"
    found = meaning(V, uid=uid, summary="Ikke ledig i dag")
    assert (found.outcome, found.reason.why) == ("block", Why.BLOCK_BY_ID)
    assert meaning(V, uid=uid, start="20310308", summary="Ikke ledig i dag").outcome == "unclear"


@pytest.mark.parametrize(
    ("summary", "start", "outcome"),
    [
        ("Check-in Robin", "DTSTART:20310307T150000", "extra"),
        ("Check-out: Robin", "DTSTART:20310307T150000", "extra"),
        ("Reserved, check-in late", "DTSTART:20310307T150000", "stay"),
        ("Check-in Robin", "20310307", "unclear"),
    ],
)
def test_short_marks_of_systems_are_extras(summary, start, outcome):
    assert meaning(Channel.SMOOBU, summary=summary, start=start, end="").outcome == outcome


@pytest.mark.parametrize(
    ("words", "summary", "outcome"),
    [
        (("Guest",), "GUEST: Ann", "stay"),
        (("séjour",), "Mon sejour", "stay"),
        (("Guest",), "Guesthouse cleaning", "unclear"),
        (("", "  "), "Anything", "unclear"),
        (("a+",), "a+ b", "stay"),
    ],
)
def test_own_words(words, summary, outcome):
    assert meaning(Channel.CUSTOM, rules={"stay_words": words}, summary=summary).outcome == outcome


def other(**fields):
    values = {"starts_on": date(2031, 3, 7), "ends_on": date(2031, 3, 10), "source": "Airbnb"}
    return Occupancy(**(values | fields))


@pytest.mark.parametrize(
    ("channel", "fields", "known", "rules", "outcome"),
    [
        (B, {"summary": "CLOSED - Not available"}, other(), {}, "echo"),
        (B, {"summary": "CLOSED - Not available"}, other(), {"closures_up_to": 14}, "echo"),
        (B, {"summary": "CLOSED - Not available"}, other(), {"mirrors_others": False}, "unclear"),
        (B, {"summary": "CLOSED - Not available"}, other(ends_on=date(2031, 3, 11)), {}, "unclear"),
        (A, {"summary": "Airbnb (Not available)"}, other(source="Vrbo"), {}, "echo"),
        (V, {"summary": "Reserved - Robin"}, other(), {}, "stay"),
        (V, {"summary": "Reserved", "uid": "7"}, other(uids=frozenset({"7"})), {}, "echo"),
        (Channel.GUESTY, {"description": "Confirmation: HM1"}, other(code="HM1", ends_on=date(2031, 4, 1)), {}, "echo"),
        (
            A,
            {"summary": "Airbnb (Not available)"},
            other(linked_unit="House", ends_on=date(2031, 3, 8)),
            {},
            "occupied",
        ),
        (V, {"summary": "Reserved - Robin"}, other(linked_unit="House"), {}, "stay"),
    ],
)
def test_nights_known_from_elsewhere(channel, fields, known, rules, outcome):
    assert meaning(channel, [known], rules, **fields).outcome == outcome


def test_ambiguous_ids_are_asked_about():
    found = read(calendar(event("a"), event("a", start="20310308")), DENVER).events
    meanings = [classify(one, ChannelRules(V), TODAY) for one in found]
    assert [(one.outcome, one.reason.why) for one in meanings] == [("unclear", Why.SAME_ID_TWICE)] * 2


@pytest.mark.parametrize(
    ("channel", "summary", "description", "guest", "party", "code"),
    [
        (V, "Reserved - Robin", "", "Robin", None, ""),
        (V, "Réservée – Ann & Bo", "", "Ann & Bo", None, ""),
        (V, "Reserved", "", "", None, ""),
        (Channel.HOSTAWAY, "Nico Example (homeaway) - by Hostaway", "", "Nico Example", None, ""),
        (Channel.EXPEDIA, "Reserved on Expedia", "Reserved by Ann Lee", "Ann Lee", None, ""),
        (Channel.PMS, "Reservation - Sam", "Booking ID: 4711\\nAdults: 2\\nChildren: 1", "Sam", 3, "4711"),
        (Channel.CUSTOM, "x", "Guest Name : Bo\\nBuchungsnummer: X-99\\nGäste : 4", "Bo", 4, "X-99"),
        (Channel.CUSTOM, "x", "<p>Guest: Bo</p><p>Number of guests: 3</p>", "Bo", 3, ""),
        (Channel.GUESTY, "Reservation VRB-HA-XXXXXX-YYYYY", "Email: a@example.test", "", None, "VRB-HA-XXXXXX-YYYYY"),
    ],
)
def test_what_texts_tell(channel, summary, description, guest, party, code):
    told = meaning(channel, summary=summary, description=description).told
    assert (told.guest, told.party, told.code) == (guest, party, code)


def test_channel_that_system_names():
    assert meaning(Channel.HOSTAWAY, summary="Nico (homeaway) - by Hostaway").told.channel is V
    assert meaning(V, uid="vrbo-RES-12345-67890-1@vrbo.com").told.hint == "RES-12345-67890"


@pytest.mark.parametrize("given", ["CLOSED – Not  available", "closed - not available"])
def test_normal_form(given):
    assert normal(given) == "closed - not available"


@pytest.mark.parametrize(
    ("address", "producer", "channel"),
    [
        ("https://www.airbnb.co.uk/calendar/ical/1234567890123456789.ics?t=x", "", A),
        ("https://ical.booking.com/v1/export?t=x", "-//Airbnb Inc//", B),
        ("https://example.org/a.ics", "-//HomeAway.com, Inc.//EN", V),
        ("https://example.org/airbnb.ics", "", None),
    ],
)
def test_channel_is_recognized(address, producer, channel):
    assert recognize(address, producer) is channel


def shared_samples():
    if not SHARED_FEEDS:
        return [pytest.param(None, marks=pytest.mark.skip(reason="SHARED_FEEDS does not say where samples are"))]
    cases = json.loads(Path(SHARED_FEEDS, "expected.json").read_text())
    return [pytest.param(case, id=case["name"]) for case in cases]


# What two samples say as written, and what they are with the corrections that hold.
AMENDED = {"15-hostaway-by": "stay", "19-vrbo-xwr-zone": "stay", "27-stray-line-no-uid": "unclear"}
AMENDED["34-exchange-no-uid"] = "unclear"


@pytest.mark.parametrize("case", shared_samples())
def test_shared_sample_means_what_is_right(case):
    name, *word = case["channel"].partition(" (word")
    body = Path(SHARED_FEEDS, f"{case['name']}.ics").read_bytes()
    found = read(body, ZoneInfo(case["zone"]), ReadLimits(most_bytes=5_000_000))
    rules = ChannelRules(Channel(name), stay_words=(word[1].strip(' "()'),) if word[0] else ())
    outcomes = sorted(classify(one, rules, date.fromisoformat(case["now"])).outcome.value for one in found.events)
    wanted = sorted(AMENDED.get(case["name"], one["outcome"]) for one in case["events"])
    if wanted != ["count"]:
        # A conflict is seen only beside the other stay.
        assert outcomes == ["stay" if one == "conflict" else one for one in wanted]
