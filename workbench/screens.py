"""`bin/screens`: pictures of the demo's pages, 1280 and 375 px, light and dark, in docs/screens/."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from workbench.installation import ROOT, Installation

SCREENS = ROOT / "docs" / "screens"
WIDTHS = {1280: 900, 375: 812}
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
# The README shows these; git ignores the rest of the folder.
README_SCREENS = {"light": "README-light.png", "dark": "README-dark.png"}
DEMO = ("demo@example.com", "latchkey-demo")
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Name → address. A pattern in braces stands for the first such link on the page named before it.
PAGES = {
    "today": "/",
    "tomorrow": "/?when=tomorrow",
    "week": "/?when=week",
    "stays": "/stays/",
    "timeline": "/stays/timeline/",
    "stay": "/stays/{stays}",
    "stay-add": "/stays/add/",
    "locks": "/locks/",
    "lock": "/locks/{locks}",
    "codes": "/access-codes/",
    "code": "/access-codes/{access-codes}",
    "code-issue": "/access-codes/issue/",
    "properties": "/properties/",
    "property": "/properties/{properties}",
    "doors": "/doors/suggestions/",
    "connections": "/connections/",
    "staff": "/staff/",
    "staff-add": "/staff/add/",
    "people": "/people/",
    "invite": "/people/invite/",
    "history": "/activity/",
    "history-filtered": "/activity/?about=codes&how=reported&q=anna",
    "search": "/search/?q=anna",
    "account": "/accounts/email/",
    "not-found": "/nowhere/",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/screens", description=__doc__)
    parser.add_argument("--only", default="", help="only pages whose name contains this")
    options = parser.parse_args()
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screens-") as folder:
        latchkey = Installation(Path(folder))
        latchkey.start()
        try:
            with sync_playwright() as playwright:
                program = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=program, args=BROWSER_FLAGS)
                state = _fill(browser, latchkey)
                for shot in _shots(browser, latchkey, state, options.only):
                    os.write(1, f"{shot}\n".encode())
        finally:
            latchkey.stop()


def _fill(browser: Browser, latchkey: Installation) -> dict:  # type: ignore[type-arg]
    """Do what a person does on the first day, then let a day pass."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(latchkey.url)
    page.get_by_label("Email").fill(DEMO[0])
    page.get_by_label("Password").fill(DEMO[1])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Link a Wyze account").first.click()
    page.get_by_label("Email").fill("jane@example.com")
    page.get_by_label("Password").fill("1234")
    page.get_by_label("API Key ID").fill("ABC123ABC")
    page.get_by_label("API Key", exact=True).fill("ABC123ABC")
    page.get_by_role("button", name="Connect").click()
    page.get_by_text("7 locks").wait_for(timeout=30_000)
    page.goto(f"{latchkey.url}/doors/suggestions/")
    page.get_by_role("button", name=re.compile("Accept all")).click()
    for hours in (1, 20, 2):
        page.wait_for_timeout(4_000)
        latchkey.ask_seam("/_sandbox/clock", advance=f"PT{hours}H")
    page.wait_for_timeout(6_000)
    return context.storage_state()  # type: ignore[return-value]


def _shots(browser: Browser, latchkey: Installation, state: dict, only: str) -> Iterator[str]:  # type: ignore[type-arg]
    for theme in THEMES:
        for width, height in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                storage_state=state,  # type: ignore[arg-type]
            )
            page = context.new_page()
            for name, address in PAGES.items():
                if only in name:
                    path = SCREENS / f"{name}-{width}-{theme}.png"
                    page.goto(latchkey.url + _filled(page, latchkey, address))
                    page.screenshot(path=path, full_page=True)
                    yield path.name
                    if name == "today" and width == 1280:
                        page.screenshot(path=SCREENS / README_SCREENS[theme])
            context.close()


def _filled(page: Page, latchkey: Installation, address: str) -> str:
    """Fill the address with the first row of its list."""
    pattern = re.search(r"\{(.+)\}", address)
    if pattern is None:
        return address
    page.goto(f"{latchkey.url}/{pattern[1]}/")
    links = page.locator(f'main a[href^="/{pattern[1]}/"]').all()
    addresses = [link.get_attribute("href") or "" for link in links]
    rows = [href for href in addresses if re.fullmatch(rf"/{pattern[1]}/\d+/", href)]
    return rows[0] if rows else f"/{pattern[1]}/"


if __name__ == "__main__":
    try:
        main()
    except requests.ConnectionError as error:
        raise SystemExit(f"The installation went away: {error}") from error
