"""The pages in a real browser: they fit the window, load what they name, and raise no error in the console.

JEKAFO_SCREENSHOTS=folder keeps the pictures for people to look at.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, Request, sync_playwright
from visitors import PASSWORD, Reader

from store.people import Role

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIGN_IN = {"en": "Sign in", "fr": "Se connecter"}
HIDDEN = {"en": "Not published: fewer people", "fr": "Non publié : moins de personnes"}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def address(reader: Reader) -> Iterator[str]:
    """The address of a real server of the small survey."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(reader.app, port=port, log_level="warning", access_log=False))
    thread = Thread(target=server.run)
    thread.start()
    patience = monotonic() + 20
    while not server.started and monotonic() < patience:
        sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("JEKAFO_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Window:
    """A browser window that remembers everything that went wrong in it."""

    def __init__(self, browser: Browser, *, width: int, language: str) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("requestfailed", self._note_failure)

    def _note_failure(self, request: Request) -> None:
        # Whoever leaves a page breaks off what it was still loading.
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"{request.url} failed: {request.failure}")

    def _note_message(self, message: Any) -> None:
        # The page that asks to sign in is answered with 401, which Chromium writes to the console.
        if message.type in ("error", "warning") and "401" not in message.text:
            self.troubles.append(message.text)

    def sign_in(self, address: str, name: str, language: str) -> None:
        self.page.goto(f"{address}/forms/voices")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.get_by_role("button", name=SIGN_IN[language]).click()

    def scroll_through(self) -> None:
        """Bring every chart into view, for they load late, and wait until each has been drawn."""
        for image in self.page.locator("figure img").all():
            image.scroll_into_view_if_needed()
        # Playwright's own waiting evaluates texts as scripts, which the pages' policy refuses.
        patience = monotonic() + 20
        loaded = "[...document.images].every(image => image.complete && image.naturalWidth > 0)"
        while not self.page.evaluate(loaded):
            assert monotonic() < patience, "a chart did not load"
            self.page.wait_for_timeout(50)
        self.page.evaluate("scrollTo(0, 0)")

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        pixels: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return pixels


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("width", [1280, 800, 360])
def test_a_lead_signs_in_and_reads_tables_and_charts_that_fit_the_window(
    browser: Browser, address: str, reader: Reader, pictures: Path, width: int, language: str
) -> None:
    window = Window(browser, width=width, language=language)
    page = window.page
    page.goto(f"{address}/sign-in")
    page.screenshot(path=pictures / f"sign-in-{width}-{language}.png")
    assert window.overflow() == 0

    window.sign_in(address, reader.people.of(Role.LEAD).name, language)
    page.wait_for_url("**/forms/voices")
    window.scroll_through()

    page.screenshot(path=pictures / f"lead-{width}-{language}.png", full_page=True)
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("table").count() == page.locator("figure img").count() == 5
    assert page.get_by_text(HIDDEN[language]).count() == 5
    assert window.overflow() == 0
    page.goto(address)
    page.screenshot(path=pictures / f"home-{width}-{language}.png")
    assert window.overflow() == 0
    assert window.troubles == []
    window.context.close()


def test_an_analyst_picks_a_crossed_table_and_another_language_without_scripts(
    browser: Browser, address: str, reader: Reader, pictures: Path
) -> None:
    window = Window(browser, width=1280, language="en")
    page = window.page
    window.sign_in(address, reader.people.of(Role.ANALYST).name, "en")

    page.select_option("#table", "area_id*sex")
    page.select_option("#round", "r1")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Français").click()
    window.scroll_through()

    page.screenshot(path=pictures / "analyst-crossed-fr.png", full_page=True)
    assert page.locator("select#table").input_value() == "area_id*sex"
    assert page.locator("tbody tr").count() == 1 + 5 * 2
    assert "Font confiance à la gendarmerie" in page.locator("section.indicator h2").inner_text()
    assert window.overflow() == 0
    assert window.troubles == []
    window.context.close()


def test_a_page_is_read_with_the_keyboard_from_the_skip_link_on(browser: Browser, address: str, reader: Reader) -> None:
    window = Window(browser, width=1280, language="en")
    page = window.page
    window.sign_in(address, reader.people.of(Role.LEAD).name, "en")
    page.wait_for_url("**/forms/voices")

    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    window.context.close()


def test_the_printed_page_keeps_the_tables_and_leaves_the_controls_out(
    browser: Browser, address: str, reader: Reader, pictures: Path
) -> None:
    window = Window(browser, width=800, language="fr")
    page = window.page
    window.sign_in(address, reader.people.of(Role.LEAD).name, "fr")
    page.wait_for_url("**/forms/voices")
    window.scroll_through()
    page.emulate_media(media="print")

    page.pdf(path=pictures / "lead-fr.pdf", format="A4")
    page.screenshot(path=pictures / "lead-print-fr.png", full_page=True)

    assert page.locator("table").first.is_visible()
    assert not page.locator(".picker").is_visible()
    assert not page.get_by_role("button", name="Se déconnecter").is_visible()
    window.context.close()
