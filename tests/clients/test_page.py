"""The page of the emulator in headless Chromium: `make test-browser`."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from earthengine_emulator import Emulator

from .conftest import PROJECT

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is missing: `apt-get install chromium`, or put google-chrome on the PATH."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shown(emulator: Emulator) -> Emulator:
    """Some operations, in several states."""
    grid: dict[str, Any] = {
        "functionInvocationValue": {
            "functionName": "Image.load",
            "arguments": {"id": {"constantValue": "grid"}},
        }
    }
    missing: dict[str, Any] = {
        "functionInvocationValue": {
            "functionName": "Image.load",
            "arguments": {"id": {"constantValue": "no<b>"}},
        }
    }
    with httpx.Client(base_url=f"{emulator.base_url}/v1") as client:

        def start(description: str, graph: dict[str, Any], **options: Any) -> str:
            files = {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "shown", **options}}
            body = {"expression": {"values": {"0": graph}, "result": "0"}, "description": description}
            reply = client.post(f"/projects/{PROJECT}/image:export", json=body | {"fileExportOptions": files})
            assert reply.status_code == 200, reply.text
            return str(reply.json()["name"])

        names = [start("seen", grid), start(HOSTILE, missing, filenamePrefix="hostile")]
        while not all(client.get(f"/{name}").json().get("done") for name in names):
            time.sleep(0.02)
        emulator.script(run_seconds=1e6)
        start("stuck", grid)
    return emulator


@pytest.fixture(params=[(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")], ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, shown: Emulator) -> Iterator[Page]:
    width, scheme = request.param
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(shown.base_url)
    page.wait_for_selector("article")
    yield page
    page.close()
    assert not wrong


def card(page: Page, title: str) -> Any:
    return page.locator("article").filter(has=page.locator("h2", has_text=title))


def test_it_shows_each_operation(page: Page, shown: Emulator) -> None:
    seen = card(page, "seen")
    assert seen.locator(".state").inner_text() == "SUCCEEDED"
    assert seen.locator("a").get_attribute("href") == "/shown/seen.tif"
    image = seen.locator(".picture img")
    image.scroll_into_view_if_needed()
    page.wait_for_function("(image) => image.complete && image.naturalWidth > 0", arg=image.element_handle())
    stuck = card(page, "stuck")
    assert stuck.locator(".state").inner_text() in ("PENDING", "RUNNING")
    failed = card(page, "<img src=x")
    assert failed.locator("h2").inner_text() == HOSTILE
    assert "'no<b>' not found" in failed.locator(".error").inner_text()
    assert page.title() == "Earth Engine emulator"
    seen.locator("summary").click()
    page.wait_for_function(
        "(pre) => pre.textContent.includes('Image.load')", arg=seen.locator("pre").element_handle()
    )


def test_it_fits_and_can_be_read(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize) >= 14")
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    light, dark = (sum(int(part) for part in colour[4:-1].split(",")) for colour in (ground, ink))
    assert abs(light - dark) > 450


def test_it_refreshes_by_itself_and_asks_nobody_else(browser: Browser, shown: Emulator) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(shown.base_url)
    page.wait_for_selector("article")
    before = page.locator("article").count()
    body = {
        "expression": {"values": {"0": {"constantValue": 1}}, "result": "0"},
        "description": "came later",
        "fileExportOptions": {"fileFormat": "GEO_TIFF", "cloudStorageDestination": {"bucket": "shown"}},
    }
    httpx.post(f"{shown.base_url}/v1/projects/{PROJECT}/image:export", json=body)
    page.wait_for_selector("h2:has-text('came later')")
    assert page.locator("article").count() == before + 1
    assert all(url.startswith((shown.base_url, "data:")) for url in asked)
    page.close()


def test_nothing_yet_and_nobody_there(browser: Browser) -> None:
    page = browser.new_page()
    with Emulator() as emulator:
        page.goto(emulator.base_url)
        page.wait_for_selector("#none:visible")
        assert emulator.host in page.locator("#how").inner_text()
    page.wait_for_selector("#lost:visible")
    page.close()


def test_the_picture_in_the_docs_is_small() -> None:
    picture = Path(__file__).resolve().parents[2] / "docs" / "images" / "emulator.png"
    assert 0 < picture.stat().st_size < 200_000
