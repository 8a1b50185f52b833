"""A headless Chromium for the tests of pages; they are skipped, with the reason, where there is none."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """The path of Chromium: $LOGOTAL_CHROMIUM, or the one on the search path."""
    return os.environ.get("LOGOTAL_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def headless_chromium() -> Iterator[Any]:
    """A playwright browser; skips the calling test where playwright or Chromium is absent."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    if (executable := chromium()) is None:
        pytest.skip("needs Chromium on the search path or in $LOGOTAL_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visit:
    """An open page and what went on in it: errors and requests."""

    def __init__(self, browser: Any, file: Path, **context: Any) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.page.on(
            "console", lambda message: message.type in ("error", "warning") and self.errors.append(message.text)
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.settle()

    def settle(self) -> None:
        """Waits until the next frame is drawn."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def until(self, condition: str, seconds: float = 5) -> None:
        """Waits until a JavaScript expression is true (playwright's own wait needs eval, which our pages forbid)."""
        deadline = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < deadline, f"not within {seconds} s: {condition}"
            self.page.wait_for_timeout(20)

    def text(self, selector: str) -> str:
        """The text of an element, once it is drawn."""
        self.settle()
        return str(self.page.locator(selector).inner_text())

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a selector finds."""
        self.settle()
        return [str(text) for text in self.page.locator(selector).all_text_contents()]
