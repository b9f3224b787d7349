"""Words of others on the page: right to left, on a small telephone, and words that want to be code."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.console.conftest import Desks
from tests.browser.console.test_work import hand_over
from tests.doubles.twilio import TwilioDouble
from tests.e2e.installation import on_whatsapp

pytestmark = pytest.mark.browser

ARABIC = "أنا خائف، لا أستطيع العودة إلى المنزل"
CORPUS = (
    "<script>fired()</script><img src=x onerror=fired()><svg/onload=fired()>",
    "\"><iframe srcdoc='<script>parent.fired()</script>'></iframe><a href=javascript:fired()>come</a>",
    "javascript:fired() data:text/html,<script>fired()</script> {{constructor.constructor('fired()')()}} ${fired()} <%= fired() %>",
    "<style>@import 'http://127.0.0.1:9/x'</style><link rel=stylesheet href=//127.0.0.1:9/x><base href=//127.0.0.1:9/>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=fired()> </textarea><details open ontoggle=fired()>",
    "abc\u202edcba\u202c \u200bzero\ufeffwidth \u2066x\u2069 \u00adsoft",
)


async def test_words_that_want_to_be_code_are_shown_as_words_and_do_nothing(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        page = ana.page
        fired: list[str] = []
        asked: list[str] = []
        await page.expose_function("fired", lambda: fired.append("script"))
        page.on("dialog", lambda dialog: fired.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        await ana.enrol(fener.invitation())
        await ana.start()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam, CORPUS[0])
        for each in CORPUS[1:]:
            await sam.say(each)
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.open(designation)
        await expect(page.locator(".log .words")).to_have_count(len(CORPUS))
        said = await ana.said()
        assert said[: len(CORPUS) - 1] == list(CORPUS[:-1])
        assert "abcRLOdcbaPDF ZWSPzeroBOMwidth LRIxPDI SHYsoft" in said[-1]
        for tag in ("script", "img", "svg", "iframe", "a", "style", "form", "math", "details"):
            assert await page.locator(f".log {tag}").count() == 0
        await ana.page.locator(".log .words").first.click()
        await ana.picture("code-as-words")
        assert not fired
        assert {url.split("/console/")[0] for url in asked if url.startswith("http")} == {
            f"http://localhost:{fener.port}"
        }


async def test_right_to_left_words_keep_their_direction_on_a_small_telephone_and_in_the_dark(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new(width=360, height=740)
        page = ana.page
        await ana.enrol(fener.invitation(), pictures=True)
        await ana.picture("enrol-4-ready")
        await ana.start()
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam, ARABIC)
        await sam.say("latin words afterwards (with brackets)")
        await expect(ana.in_queue(designation)).to_be_visible(timeout=15_000)
        await ana.look("queue-360")
        await ana.open(designation)
        first, second = page.locator(".log .words").first, page.locator(".log .words").nth(1)
        assert await first.inner_text() == ARABIC
        assert await first.evaluate("(words) => getComputedStyle(words).direction") == "rtl"
        assert await second.evaluate("(words) => getComputedStyle(words).direction") == "ltr"
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(width) == 0
        await ana.look("case-360", full=True)
        await page.emulate_media(color_scheme="dark")
        await ana.look("case-360-dark", full=True)
        await page.set_viewport_size({"width": 1280, "height": 800})
        await ana.picture("case-rtl-dark")
        await page.get_by_role("button", name="Help").click()
        await ana.look("help-dark")
        await page.keyboard.press("Escape")
        await page.set_viewport_size({"width": 360, "height": 740})
        await page.get_by_role("button", name="On duty until").click()
        await ana.picture("duty-360")
        await page.get_by_role("button", name="Go off duty").click()
        await expect(page.get_by_role("button", name="Off duty")).to_be_visible()
