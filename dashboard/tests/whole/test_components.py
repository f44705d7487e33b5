"""The includes that pages are built from: their words, nothing inline, fields tied to help and errors."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from dashboard.frame.context import Banner
from properties.models import Step, StepStatus

NOW = datetime(2026, 11, 24, 23, 40, tzinfo=UTC)
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
STEPS = [
    Step("Planned", StepStatus.DONE, NOW, "stay"),
    Step("Accepted", StepStatus.FAILED),
    Step("On the lock", StepStatus.CURRENT),
    Step("Live", StepStatus.WAITING),
]

NO_WORDS = {"url": "", "detail": "", "chip": None, "reason": ""}


def component(name: str, *values: object, page: dict[str, object] | None = None, **named: object) -> str:
    """What a component's macro makes, on a page with these values in its context."""
    template = engines["jinja2"].env.get_template(f"components/{name}.html")  # type: ignore[attr-defined]
    context = {"now": NOW, "csrf_input": "", **(page or {})}
    return " ".join(str(getattr(template.make_module(context), name)(*values, **named)).split())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.name))
def test_no_template_has_inline_script_or_style(path: Path) -> None:
    """The content security policy would refuse it."""
    source = path.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert "<style" not in source
    assert not re.search(r"\s(style|on[a-z]+)=[\"']", source)


def test_ladder_says_each_step_in_words() -> None:
    html = component("ladder", STEPS, zone="America/Los_Angeles", label="Progress of the code")
    assert 'aria-label="Progress of the code"' in html
    assert "24 Nov, 15:40" in html
    assert 'title="Tue 24 Nov 2026, 15:40 PST"' in html
    for words in ("not proved", "under way", "not yet", 'aria-current="step"', ": failed"):
        assert words in html


@pytest.mark.parametrize(("status", "words"), [(StepStatus.NEVER, "never"), (StepStatus.SKIPPED, "not reached")])
def test_ladder_says_what_never_came(status: StepStatus, words: str) -> None:
    html = component("ladder", [Step("Used", status)])
    assert f": {words}<" in html
    assert f">{words}<" in html
    assert "not yet" not in html


def test_event_is_named_with_its_number_as_title() -> None:
    html = component("ladder", [Step("Live", StepStatus.DONE, NOW, "event d4706bff-bdee-496e-a4a5-3b0b2f5d1c11")])
    assert 'title="event d4706bff-bdee-496e-a4a5-3b0b2f5d1c11">reported by an event<' in html


def test_long_name_is_cut_in_way_up() -> None:
    assert "x" * 47 + "…<" in component("crumbs", "/", "Stays", "/x/", "x" * 200)


def test_door_matrix_has_heads_and_labelled_cells() -> None:
    html = component("door_matrix", [{"door": "Front door", "steps": STEPS, **NO_WORDS}], STEPS, "UTC")
    assert html.count('<th scope="col">') == 1 + len(STEPS)
    assert html.count("data-label=") == len(STEPS)


def test_attention_posts_where_it_changes_something() -> None:
    banner = Banner("bad", "The account dropped.", "", "/connections/1/reconnect/", "Reconnect", "post")
    html = component("attention", **vars(banner))
    assert '<form method="post" action="/connections/1/reconnect/">' in html
    assert "<a " not in html
    assert '<a class="button" href="/x/">' in component("attention", "bad", "x", action_url="/x/")


def test_pagination_keeps_filters() -> None:
    page = Paginator(range(100), 25).page(2)
    request = RequestFactory().get("/locks/", {"q": "front", "page": "2"})
    html = component("pagination", page, "locks", page={"request": request})
    assert "26–50 of 100 locks" in html
    assert "?q=front&amp;page=1" in html
    assert "?q=front&amp;page=3" in html


def test_confirm_can_be_left_without_scripts() -> None:
    html = component("confirm", id="revoke", title="Revoke?", action_url="/r/", action_label="Revoke")
    assert 'id="revoke"' in html
    assert 'href="#" data-close' in html


def test_fields_are_tied_to_their_help_and_their_error() -> None:
    class Form(forms.Form):
        guest = forms.CharField(label="Guest", help_text="As you call them.")
        email = forms.EmailField(label="Email", required=False)
        is_sure = forms.BooleanField(label="Sure", required=False)

    html = Form({"guest": ""}).as_div()
    assert 'aria-describedby="id_guest_helptext id_guest_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_guest_helptext"' in html
    assert 'id="id_guest_error"' in html
    assert '<label for="id_guest">Guest</label>' in html
    assert html.count("optional</span>") == 1
    assert html.index('type="checkbox"') < html.index("Sure")


def test_errors_of_whole_form_are_alert() -> None:
    class Form(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("Check-out is before check-in.")

    assert '<div role="alert"> <ul class="errorlist nonfield"' in " ".join(Form({}).as_div().split())


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_of_last_resort_need_no_request_and_no_database(name: str) -> None:
    html = render_to_string(name)
    assert "<h1>" in html
    assert "css/app" in html


def test_attention_count_is_sentence_for_screen_readers() -> None:
    def shown(count: int) -> str:
        return component("attention_count", page={"frame": SimpleNamespace(attention_count=count)})

    assert "1<span" in shown(1)
    assert " needs attention" in shown(1)
    assert " need attention" in shown(3)
    assert 'data-count="0"' in shown(0)
    assert "attention</span>" not in shown(0)
