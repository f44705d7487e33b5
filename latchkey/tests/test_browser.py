"""Whole paths of a person: a real browser, real processes, the page's own buttons."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
DEMO = ("demo@example.com", "latchkey-demo")
# The credentials of each account in the sandbox.
SECRETS = {"Password": "1234", "API Key ID": "ABC123ABC", "API Key": "ABC123ABC"}
# The worker needs time for its task, the sandbox some seconds of its clock.
PATIENCE = 20_000
AXE = Axe().axe_script
COLOURS = ["color-contrast"]
# Axe rules that a narrow page, which hides and moves elements, can break.
NARROW = [*COLOURS, "target-size", "link-name", "button-name", "label", "scrollable-region-focusable"]
# How each page is checked: all rules of axe once, then those that size or theme can change.
LOOKS: list[tuple[dict[str, int], str, dict]] = [
    (DESK, "light", {}),
    (DESK, "dark", {"runOnly": COLOURS}),
    (PHONE, "light", {"runOnly": COLOURS}),
    (PHONE, "dark", {"runOnly": NARROW}),
]


@dataclass(frozen=True)
class Place:
    """Everything that `manage.py up` has started."""

    url: str
    sandbox_url: str
    folder: Path

    def sandbox(self, path: str, **body) -> dict:
        """Call the sandbox's controls, as the person at the door."""
        key = (self.folder / "secrets" / "sandbox-api-key").read_text()
        answer = requests.post(
            self.sandbox_url + path, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=10
        )
        answer.raise_for_status()
        return answer.json()

    def opens(self, lock_name: str, pin: str) -> bool:
        device = self.sandbox("/devices/get", name=lock_name)["device"]
        return self.sandbox("/_sandbox/keypad", device_id=device["device_id"], code=pin)["opened"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    port, sandbox_port = free_port(), free_port()
    environment = os.environ | {
        **dict.fromkeys(["DATABASE_URL", "REDIS_URL", "SEAM_API_KEY", "SEAM_ENDPOINT", "HOST", "PUBLIC_URL"], ""),
        **{"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "VAR_DIR": str(folder / "var")},
        # Shorter intervals, otherwise as in production.
        **{"SWEEP_SECONDS": "2", "CATCH_UP_SECONDS": "3", "SYNC_SECONDS": "10", "HEARTBEAT_SECONDS": "2"},
    }
    output = folder / "output"
    with output.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE_DIR, env=environment, stdout=said, stderr=said
        )
    try:
        until = time.monotonic() + 90
        while "Ready: " not in output.read_text():
            is_hopeless = process.poll() is not None or time.monotonic() > until
            assert not is_hopeless, output.read_text()
            time.sleep(0.1)
        yield Place(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}", folder / "var")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    if path is None or path == "none":
        pytest.skip("No Chromium here: CHROMIUM_PATH names none and none is on PATH.")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """Messages of the browser's console; a correct page has none."""
    return []


@pytest.fixture
def visit(browser, place, complaints) -> Iterator:
    """Open a page at a size, with or without scripts; any console message fails the test."""
    opened: list[BrowserContext] = []

    def open_page(viewport: dict[str, int] = DESK, **options) -> Page:
        context = browser.new_context(viewport=viewport, base_url=place.url, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(complaints, page, message.type, message.text))
        page.on("pageerror", lambda error: note(complaints, page, "error", str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not complaints


def note(complaints: list[str], page: Page, kind: str, text: str) -> None:
    # The page itself reports a form with 422 or a missing page with 404.
    is_said_on_the_page = re.search(r"status of (404|422)", text)
    if kind in ("error", "warning") and not is_said_on_the_page:
        complaints.append(f"{page.url}: {text}")


def log_in(page: Page, email: str = DEMO[0], password: str = DEMO[1]) -> None:
    page.goto("/")
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Today")


def start_afresh(page: Page) -> None:
    """Reset everything an earlier test left behind, time included."""
    page.get_by_role("link", name="Start afresh").click()
    page.get_by_role("button", name="Start the demo afresh").click()
    expect(page.locator("body")).to_contain_text("The demo has started afresh.")


def link_account(page: Page, email: str = "jane@example.com") -> None:
    page.goto("/connections/")
    page.get_by_role("button", name="Link a Wyze account").first.click()
    page.get_by_label("Email").fill(email)
    for label, value in SECRETS.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("body")).to_contain_text("jane@example.com is linked.")
    page.goto("/connections/")


def put_locks_on_doors(page: Page) -> None:
    page.goto("/doors/suggestions/")
    page.get_by_role("button", name=re.compile("accept all", re.IGNORECASE)).click()
    expect(page.locator("body")).to_contain_text("locks are on doors now")


def reload_until(page: Page, words: str, part: Locator | None = None) -> None:
    """Reload until it shows; some parts would come by themselves, but later."""
    part = part or page.locator("body")
    until = time.monotonic() + PATIENCE / 1000
    while words not in part.inner_text() and time.monotonic() < until:
        page.wait_for_timeout(300)
        page.reload()
    expect(part).to_contain_text(words)


def choose_lock(page: Page, name: str) -> None:
    chooser = page.get_by_label("Lock", exact=True)
    chooser.select_option(chooser.locator("option", has_text=name).get_attribute("value"))


def advance(page: Page, button: str = "+1 h") -> None:
    name = {"+1 h": "Move the sandbox one hour ahead", "+1 day": "Move the sandbox one day ahead"}[button]
    page.get_by_role("button", name=name).click()
    expect(page.locator("body")).to_contain_text("later now.")


def sandbox_now(page: Page) -> datetime:
    return datetime.fromisoformat(page.locator(".clock-bar time").get_attribute("datetime"))


def shown_pin(page: Page) -> str:
    words = page.locator("#pin .pin:not(.masked)").get_attribute("aria-label")
    return "".join(re.findall(r"\d", words))


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_guest_code_from_log_in_to_removal(place, visit, viewport):
    page = visit(viewport)
    log_in(page)
    start_afresh(page)

    # Link an account, at first with a wrong password.
    page.get_by_role("button", name="Link a Wyze account").first.click()
    page.get_by_label("Email").fill("jane@example.com")
    for label, value in (SECRETS | {"Password": "wrong"}).items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("alert")).to_contain_text("Wyze did not accept these details.")
    for label, value in SECRETS.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("body")).to_contain_text("jane@example.com is linked.")

    # The locks appear by themselves, with state and battery.
    page.goto("/connections/")
    expect(page.locator("#connections-list")).to_contain_text("7 locks", timeout=PATIENCE)
    page.goto("/locks/")
    row = page.get_by_role("row").filter(has_text="Lake House Front Door")
    expect(row).to_contain_text("85%")
    expect(row).to_contain_text(re.compile("Locked|Unlocked"))
    expect(row).to_contain_text("Online")
    put_locks_on_doors(page)

    # Unlock a door and see it confirmed.
    page.goto("/locks/")
    page.get_by_role("link", name="Lake House Front Door").click()
    page.get_by_role("link", name="Unlock").click()
    page.get_by_role("button", name="Unlock now").click()
    steps = page.locator("#lock-state .ladder li")
    expect(steps.last).to_have_class(re.compile("done"), timeout=PATIENCE)
    expect(steps.last).to_contain_text("Confirmed by the lock")
    expect(page.locator("#lock-state header")).to_contain_text("Unlocked")

    # Issue a code, from in one and a half hours to in five.
    zone, now = ZoneInfo("America/Los_Angeles"), sandbox_now(page)
    page.goto("/access-codes/issue/")
    page.get_by_label("Who is it for").fill("Ben Ito")
    choose_lock(page, "Lake House Front Door")
    page.get_by_label("From").fill(f"{(now + timedelta(minutes=90)).astimezone(zone):%Y-%m-%dT%H:%M}")
    page.get_by_label("Until").fill(f"{(now + timedelta(hours=5)).astimezone(zone):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Issue code").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Code for Ben Ito")
    state = page.locator("#code-state header .chip")
    page.get_by_role("button", name="Reveal").click()
    pin = shown_pin(page)
    assert not place.opens("Lake House Front Door", pin)

    # Time passes: on the lock, then live, and it opens the door.
    advance(page)
    expect(state).to_have_text("On the lock", timeout=PATIENCE)
    assert not place.opens("Lake House Front Door", pin)
    advance(page)
    expect(state).to_have_text("Live", timeout=PATIENCE)
    assert place.opens("Lake House Front Door", pin)

    # The window is over: gone, and the door stays shut.
    for _ in range(4):
        advance(page)
    reload_until(page, "Removed", state)
    assert not place.opens("Lake House Front Door", pin)


def test_code_is_issued_seen_and_revoked_without_scripts(place, visit):
    page = visit(PHONE, java_script_enabled=False)
    log_in(page)
    page.goto("/#afresh")
    page.get_by_role("button", name="Start the demo afresh").click()
    link_account(page)
    reload_until(page, "7 locks")
    page.goto("/access-codes/issue/")
    page.get_by_label("Who is it for").fill("Ben Ito")
    choose_lock(page, "Lake House Front Door")
    page.get_by_label("PIN").fill("48291736")
    page.get_by_role("button", name="Issue code").click()
    expect(page.locator("body")).to_contain_text("Code for Ben Ito is being put on Lake House Front Door.")
    page.get_by_role("button", name="Reveal").click()
    assert shown_pin(page) == "48291736"
    page.get_by_role("link", name="Hide it").click()
    expect(page.locator("#pin")).not_to_contain_text("4829")
    page.get_by_role("link", name="Revoke").click()
    page.get_by_label("Why").fill("Not needed")
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("body")).to_contain_text("Code for Ben Ito is revoked.")


def test_morning_check_and_lockout_at_night(place, visit):
    """In the morning: who arrives, can they get in, what to do. At night: open a door in three taps."""
    page = visit(DESK)
    log_in(page)
    start_afresh(page)
    link_account(page)
    reload_until(page, "7 locks")
    put_locks_on_doors(page)
    # Her codes come onto both doors before the day passes.
    page.goto("/stays/")
    chips = page.get_by_role("row").filter(has_text="Anna Schmidt").get_by_text("On the lock")
    for _ in range(60):
        if chips.count() == 2:
            break
        page.wait_for_timeout(500)
        page.reload()
    advance(page, "+1 day")
    page.goto("/")
    arrival = page.get_by_role("row").filter(has_text="Anna Schmidt").first
    expect(arrival).to_contain_text("At risk", timeout=PATIENCE)
    expect(arrival).to_contain_text("The battery of Lake House Back Door is critical")
    expect(page).to_have_title(re.compile(r"^\(\d+\) Today"))
    arrival.get_by_role("link", name="See the battery").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lake House Back Door")

    # She has come, it is night, and she stands outside: three taps on a phone.
    page = visit(PHONE)
    log_in(page)
    advance(page, "+1 day")
    page.goto("/")
    taps = [
        page.get_by_role("link", name="Anna Schmidt").first,
        page.get_by_role("link", name="Unlock Front Door"),
        page.get_by_role("button", name="Unlock now"),
    ]
    for tap in taps:
        tap.click()
    expect(page.locator("#lock-state .ladder li").last).to_contain_text("Confirmed by the lock", timeout=PATIENCE)
    assert len(taps) <= 3


# --- Accessibility of every page ------------------------------------------------------------------------------


def test_every_page_is_accessible_at_each_size_and_theme(place, visit):
    """Axe finds nothing, no phone page scrolls sideways, and the console is silent."""
    page = visit(DESK)
    found: list[str] = []
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"):
        page.goto(path)
        found += wrong_with(page)
    page.goto("/accounts/login/")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_label("Email").or_(page.get_by_label("E-mail")).first.fill("nobody@example.com")
    page.get_by_role("button", name="Log in", exact=True).click()
    found += wrong_with(page)

    log_in(page)
    start_afresh(page)
    found += wrong_with(page)
    link_account(page)
    expect(page.locator("#connections-list")).to_contain_text("7 locks", timeout=PATIENCE)
    put_locks_on_doors(page)
    seen = walk(page, found)
    assert seen >= {"overview", "locks", "lock", "lock-unlock", "access-codes", "access-code", "access-code-issue"}
    assert seen >= {"access-code-revoke", "connections", "connection-unlink", "stays", "stay", "stay-edit", "activity"}

    for path in ("/access-codes/issue/", "/stays/add/", "/properties/add/"):
        page.goto(path)
        page.locator("main form.form").evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
        expect(page.locator('main [aria-invalid="true"]').first).to_be_visible()
        found += wrong_with(page)

    # A guest with as long a name as the form takes, which breaks nowhere by itself.
    page.goto("/stays/add/")
    page.get_by_label("Unit", exact=True).select_option(index=1)
    page.get_by_label("Guest", exact=True).fill("W" * 200)
    page.get_by_label("Check-in date").fill("2030-01-01")
    page.get_by_label("Check-out date").fill("2030-01-03")
    page.get_by_role("button", name="Save the stay").click()
    expect(page.locator("h1")).to_contain_text("WWW")
    found += wrong_with(page)
    for path in (page.url + "edit/", "/stays/", "/access-codes/", "/activity/", "/search/?q=www"):
        page.goto(path)
        found += wrong_with(page)

    # With an account that dropped, each page says so.
    (account,) = place.sandbox("/connected_accounts/list")["connected_accounts"]
    place.sandbox("/connected_accounts/simulate/disconnect", connected_account_id=account["connected_account_id"])
    page.goto("/connections/")
    page.get_by_role("button", name="Read jane@example.com now").click()
    reload_until(page, "jane@example.com is disconnected")
    for path in ("/", "/connections/", "/locks/?show=attention"):
        page.goto(path)
        found += wrong_with(page)
    assert not found, "\n".join(found)


def walk(page: Page, found: list[str]) -> set[str]:
    """Follow the links from the first page to one page of each kind."""
    seen: set[str] = set()
    waiting = ["/", "/properties/"]
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if name is None or name in seen:
            continue
        seen.add(name)
        if looks_like_another(name, seen):
            continue
        page.goto(path)
        found += wrong_with(page)
        waiting += page.locator("a[href]").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    return seen


def looks_like_another(name: str, seen: set[str]) -> bool:
    """Whether it differs from a known page only in its words, as forms of places do."""
    kind = name.rpartition("-")[2]
    is_place = name.startswith(("property-", "unit-", "door-"))
    return is_place and any(other != name and other.endswith(f"-{kind}") for other in seen)


def name_of(address: str) -> str | None:
    """Return the name of one of our pages; None for a download or another site."""
    parts = urlsplit(address)
    if parts.netloc or not parts.path.startswith("/") or parts.path.startswith("/admin/"):
        return None
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        return None
    return None if name == "account_logout" or name.endswith("-export") else name


def wrong_with(page: Page) -> list[str]:
    found = []
    page.evaluate(AXE)
    for viewport, scheme, rules in LOOKS:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found += [f"{page.url} {viewport['width']} {scheme}: {violation}" for violation in violations(page, rules)]
    excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if excess > 0:
        found.append(f"{page.url}: {excess} pixels too wide for a phone")
    return found


def violations(page: Page, rules: dict) -> list[str]:
    # Axe need not fetch our own style sheets again.
    answer = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], "preload": False, **rules})
    return [
        f"{violation['id']}: {node['target']} {node['html'][:150]} {node.get('failureSummary', '')[:300]}"
        for violation in answer["violations"]
        for node in violation["nodes"][:3]
    ]
