"""Channels and the words that their calendars use: data, so that a new word is a new line."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from urllib.parse import urlsplit

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _


class Channel(StrEnum):
    """Who publishes a calendar. The value is what rows keep."""

    AIRBNB = "airbnb"
    VRBO = "vrbo"
    BOOKING = "booking"
    EXPEDIA = "expedia"
    TRIPADVISOR = "tripadvisor"
    GUESTY = "guesty"
    HOSTAWAY = "hostaway"
    SMOOBU = "smoobu"
    LODGIFY = "lodgify"
    PMS = "pms"
    GOOGLE = "google"
    CUSTOM = "custom"

    @property
    def label(self) -> str:
        return gettext(LABELS[self])


LABELS = {
    Channel.AIRBNB: "Airbnb",
    Channel.VRBO: "Vrbo",
    Channel.BOOKING: "Booking.com",
    Channel.EXPEDIA: "Expedia",
    Channel.TRIPADVISOR: "Tripadvisor",
    Channel.GUESTY: "Guesty",
    Channel.HOSTAWAY: "Hostaway",
    Channel.SMOOBU: "Smoobu",
    Channel.LODGIFY: "Lodgify",
    Channel.PMS: _("Property management system"),
    Channel.GOOGLE: "Google Calendar",
    Channel.CUSTOM: _("Other calendar"),
}
# Systems that pass on bookings of several channels.
SYSTEMS = {
    Channel.GUESTY,
    Channel.HOSTAWAY,
    Channel.SMOOBU,
    Channel.LODGIFY,
    Channel.TRIPADVISOR,
    Channel.PMS,
}
# Calendars of people, not of a channel: they hold more than bookings, so they may be larger.
LARGE = {Channel.GOOGLE, Channel.CUSTOM}

# Part of a host's name or of PRODID → the channel. The first that fits counts.
MARKS: list[tuple[str, Channel]] = [
    ("airbnb", Channel.AIRBNB),
    ("vrbo", Channel.VRBO),
    ("homeaway", Channel.VRBO),
    ("abritel", Channel.VRBO),
    ("fewo-direkt", Channel.VRBO),
    ("booking.com", Channel.BOOKING),
    ("expedia", Channel.EXPEDIA),
    ("tripadvisor", Channel.TRIPADVISOR),
    ("guesty", Channel.GUESTY),
    ("hostaway", Channel.HOSTAWAY),
    ("smoobu", Channel.SMOOBU),
    ("lodgify", Channel.LODGIFY),
    ("google", Channel.GOOGLE),
]
# How a system names, in brackets, where a booking came from.
PASSED_ON = {
    "airbnb": Channel.AIRBNB,
    "vrbo": Channel.VRBO,
    "homeaway": Channel.VRBO,
    "booking.com": Channel.BOOKING,
    "bookingcom": Channel.BOOKING,
    "expedia": Channel.EXPEDIA,
    "tripadvisor": Channel.TRIPADVISOR,
}

# Words in their normal form (`normal`): lower case, no accents, plain dashes and blanks.
RESERVED = (
    "reserved|reservation|booked|booking|reserve|reservee|reserves|reservees|reserviert|reservierung|gebucht|buchung"
    "|reservado|reservada|reserva|reservacion|prenotato|prenotata|prenotazione|riservato|gereserveerd|reservering"
    "|geboekt|boeking|bokad|bokning|reserveret|reservert|varattu|varaus|zarezerwowane|rezerwacja|rezervace|rezervirano"
    "|rezervacija|foglalt|foglalas|rezervat|rezervare|rezerve|забронировано|бронирование|заброньовано|予約済み|予約|已预订"
)
TENTATIVE = (
    "tentative|provisional|inquiry|enquiry|pending|request|provisoire|demande|vorlaufig|anfrage|provisional|consulta"
    "|provvisorio|provvisoria|richiesta|voorlopig|aanvraag|preliminar|forfragan|wstepna|zapytanie"
)
BLOCKED = (
    "blocked|block|unavailable|not available|closed|closed period|indisponible|non disponible|ferme|bloque|bloquee"
    "|gesperrt|blockiert|nicht verfugbar|geschlossen|no disponible|bloqueado|bloqueada|cerrado|nao disponivel|fechado"
    "|non disponibile|bloccato|chiuso|niet beschikbaar|geblokkeerd|gesloten|ej tillganglig|sparrad|ikke tilgaengelig"
    "|ikke tilgjengelig|ei kaytettavissa|niedostepne|zablokowane|nedostupne|nedostupno|nem elerheto|indisponibil"
    "|musait degil|недоступно|заблокировано|предоставление недоступно|予約不可|不可用"
)
BUSY = "busy|free|belegt|besetzt|occupe|ocupado|occupato|bezet|frei|libre|libero"
# At the start of the summary of the short extras that some systems add to a stay.
EXTRA = r"check[- ]?(?:in|out)\b"

STARTS_RESERVED = re.compile(rf"(?:{RESERVED})\b")
HAS_RESERVED = re.compile(rf"\b(?:{RESERVED})\b")
STARTS_TENTATIVE = re.compile(rf"(?:{TENTATIVE})\b")
STARTS_BLOCKED = re.compile(rf"(?:{BLOCKED})\b")
IS_BUSY = re.compile(rf"(?:{BUSY})")
STARTS_EXTRA = re.compile(EXTRA)
# "Airbnb (Not available)", in whatever language: the channel's own name and brackets.
AIRBNB_BLOCK = re.compile(r"airbnb \(.+\)")
AIRBNB_BLOCK_UID = re.compile(r"(?:7f662ec65913|6fec1092d3fa)-")
# Only from the link itself: ten capital letters stand in many texts.
AIRBNB_LINK = re.compile(r"airbnb\.[a-z.]{2,12}/\S{0,200}?(?:/details/|[?&]code=)([A-Z][A-Z0-9]{9})(?![A-Z0-9])")
VRBO_CODE_IN_UID = re.compile(r"\bRES-[0-9A-Z-]{4,40}(?=-\d+@)")
# 02292020-0229-2020-0305-202003052020: nothing but the event's own dates.
DATES_AS_UID = re.compile(r"(\d{2})(\d{2})(\d{4})-\1\2-\3-(\d{2})(\d{2})-(\d{4})\4\5\6")
# <listing>_an_…: why Guesty blocked it. Advance notice, booking window, close date, pauses before and after.
GUESTY_RULE = re.compile(r"_(?:an|bw|bd|b|a)_")
HOSTAWAY_STAY = re.compile(r"(?P<name>.*?)\s*(?:\((?P<channel>[^()]+)\))?\s*-\s*by hostaway", re.IGNORECASE)
TRIPADVISOR_STAY = re.compile(r"tripadvisor\b[^:]*:\s*(?P<name>.+)", re.IGNORECASE)
CODE_IN_SUMMARY = re.compile(r"^\S+\s+([A-Z0-9]+(?:-[A-Z0-9]+)+|(?=[A-Z0-9]*\d)[A-Z0-9]{6,})$")
NAME_IN_SUMMARY = re.compile(r"^[^-:(]{2,30}?\s*(?:-|:)\s+(?P<name>[^:]{1,120})$")

# Labels in descriptions, per language; blanks before the colon are allowed.
_LABELLED = r"^[ \t]*(?:{})[ \t]*:[ \t]*"
CODE_LABEL = re.compile(
    _LABELLED.format(
        r"(?:booking|reservation|confirmation)(?: ?(?:id|no\.?|nr\.?|number|code|#))?|reservation ?id|buchungsnummer"
        r"|buchungs-?id|reservierungsnummer|bestatigungs-?code|numero de reservation|code de confirmation"
        r"|numero de reserva|codigo de (?:reserva|confirmacion)|numero di prenotazione|codice (?:di )?prenotazione"
        r"|reserveringsnummer|boekingsnummer|numer rezerwacji"
    )
    + r"(?=\S*\d)([a-z0-9][a-z0-9._-]{2,39})[ \t]*$",
    re.MULTILINE,
)
NAME_LABEL = re.compile(
    _LABELLED.format(r"(?:guest )?name|guest|booker|reserved by|gast(?:name)?|nom|nombre|nome|voyageur|ospite|huesped")
    + r"(\S[^\n]{0,119})$",
    re.MULTILINE | re.IGNORECASE,
)
RESERVED_BY = re.compile(r"reserved by[ \t]+(\S[^\n]{0,119})$", re.MULTILINE | re.IGNORECASE)
_COUNT = r"[ \t]*(\d{1,2})\b"
PARTY_LABEL = re.compile(
    _LABELLED.format(
        r"(?:number of )?(?:guests|people|persons)|guest count|party size|gaste|personen|voyageurs|personnes|huespedes"
        r"|personas|ospiti|persone|gasten"
    )
    + _COUNT,
    re.MULTILINE,
)
ADULTS_LABEL = re.compile(
    _LABELLED.format(r"(?:# of )?adults?|erwachsene|adultes?|adultos?|adulti|volwassenen") + _COUNT, re.MULTILINE
)
CHILDREN_LABEL = re.compile(
    _LABELLED.format(r"(?:# of )?(?:children|kids)|kinder|enfants?|ninos?|bambini|kinderen|criancas") + _COUNT,
    re.MULTILINE,
)

DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")


def normal(text: str) -> str:
    """For matching: lower case, no accents, plain dashes and single blanks; line breaks stay."""
    plain = unicodedata.normalize("NFKD", text.translate(DASHES).casefold())
    if not plain.isascii():
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "\n".join(" ".join(line.split()) for line in plain.split("\n"))


def recognize(address: str, producer: str = "") -> Channel | None:
    """The channel that an address or the calendar's PRODID speaks of; None when neither does."""
    for text in (urlsplit(address).hostname or "", producer.lower()):
        for mark, channel in MARKS:
            if mark in text:
                return channel
    return None
