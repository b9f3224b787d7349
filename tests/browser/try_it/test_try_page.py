"""The try page in Chromium: what a newcomer, a person in a hurry and an attacker meet."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.try_it.open_page import OpenPage
from tests.e2e.installation import Installation
from tests.web.try_person import TryPerson

pytestmark = pytest.mark.browser

CENTRE = "Lantern Demo Centre"
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    '"><svg/onload=alert(3)>',
    "javascript:alert(4)",
    "<iframe srcdoc='<script>parent.alert(5)</script>'></iframe>",
    "{{constructor.constructor('alert(6)')()}} ${alert(7)}",
    "<a href='javascript:alert(8)'>bed tonight</a>",
    "</textarea></li><style>*{display:none}</style><base href=//evil.example>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(9)&gt;'>",
    "\u202ealert\u202c <details open ontoggle=alert(10)>",
    "<link rel=stylesheet href=//evil.example/x.css><img src=//evil.example/pixel>",
]


async def test_a_newcomer_reaches_a_human_and_reads_what_was_kept(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await expect(sam.page.get_by_text("Its organisations are made up")).to_be_visible()
    assert "Nothing." in await sam.lines("disk")
    await sam.page.get_by_role("button", name="Say hi").click()
    await sam.page.locator("#log .theirs").first.wait_for()
    assert "Nothing was written to disk." in await sam.lines("last")

    designation = await sam.hand_over("I slept at the station again")
    assert f"One case, sealed to {CENTRE}" in await sam.lines("disk")
    assert "The way back to this page, sealed, for 10 minutes" in await sam.lines("memory")
    await sam.shoot("case-1280")

    await fener.case("reply", designation, "Hello, I am Ana. Are you safe now?")
    await expect(sam.page.locator("#log .theirs").last).to_contain_text("I am Ana")
    assert f"An answer from {CENTRE} came by itself" in await sam.lines("last")
    await sam.shoot("answer-1280")

    await sam.say("erase")
    await sam.page.get_by_label("Your message").fill("Yes")
    await sam.page.keyboard.press("Enter")
    await expect(sam.page.locator("#last")).to_contain_text("Everything that led to you was destroyed.")
    assert "Nothing on disk leads from it to you" in await sam.lines("disk")  # a caseworker had answered
    assert await sam.page.locator("#log > div").count() == 1
    assert sam.wrong == []


async def test_taking_everything_back_before_anybody_looked_leaves_nothing_of_the_case(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.hand_over("I slept at the station again")
    await sam.say("erase")
    await sam.page.get_by_label("Your message").fill("Yes")
    await sam.page.keyboard.press("Enter")

    await expect(sam.page.locator("#last")).to_contain_text("Your case was deleted from disk.")
    assert "Nothing of your case." in await sam.lines("disk")
    assert await fener.cases() == []


async def test_as_telegram_shows_it_there_are_buttons_and_as_whatsapp_numbers(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    shown = await sam.say("hi")
    assert "1 English" in shown
    assert await sam.page.locator("#log button").count() == 0

    await sam.look("Telegram")
    await expect(sam.page.get_by_role("button", name="1 English")).to_be_visible()
    assert "Is now a good time?" in await sam.tap("1 English")
    await sam.shoot("telegram-1280")
    assert "What do you need now?" in await sam.say("1")  # what is typed always works

    await sam.look("WhatsApp")
    assert await sam.page.locator("#log button").count() == 0
    assert "1 Stay safe" in await sam.page.locator("#log .theirs").last.inner_text()
    assert sam.wrong == []


async def test_leaving_empties_the_page_shows_a_clock_and_ends_the_conversation(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.say("hi")
    await sam.say("1")
    [number] = sam.ids

    await sam.page.get_by_role("link", name="Leave now").click()
    await sam.page.wait_for_url("**/try/clock.html")

    assert await sam.page.title() == "Clock"
    assert re.fullmatch(r"\d\d:\d\d", await sam.page.locator("#time").inner_text())
    await sam.page.go_back()
    assert "/try/" not in sam.page.url.removesuffix("/try/clock.html")
    async with TryPerson(fener.url) as other:
        other.id = number

        async def gone() -> bool:
            return (await other.call("wait"))[0] == 409

        await fener.until(gone, "the server forgot the page")
        await other.call("enter")
        assert "1 English" in await other.say("hi")  # a beginning, not where the conversation stood


async def test_two_escapes_leave_and_one_does_not(chromium: Browser, fener: Installation) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.page.keyboard.press("Escape")
    await sam.page.wait_for_timeout(900)
    await expect(sam.page.get_by_label("Your message")).to_be_visible()

    await sam.page.keyboard.press("Escape")
    await sam.page.keyboard.press("Escape")

    await sam.page.wait_for_url("**/try/clock.html")


async def test_a_reload_starts_anew_and_the_browser_keeps_nothing(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.say("hi")
    kept = (
        "[localStorage.length, sessionStorage.length, document.cookie, location.href, document.title].join()"
    )
    assert await sam.page.evaluate(kept) == f"0,0,,{fener.url}/try/,Fener"
    assert await sam.context.cookies() == []

    await sam.page.reload()
    await sam.page.locator("body[data-ready=yes]").wait_for()

    assert await sam.page.locator("#log > div").count() == 0
    assert len(sam.ids) == 2  # a new number: nobody can tell that it is the same person


async def test_what_a_person_types_is_text_whatever_it_looks_like(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    for attack in ATTACKS:
        await sam.say(attack)
        assert await sam.page.locator("#log .mine .bubble").last.text_content() == attack
    await sam.look("Telegram")

    assert await sam.page.locator("#log script, #log img, #log iframe, #log a, #log style").count() == 0
    assert sam.wrong == []


async def test_what_a_caseworker_sends_is_text_whatever_it_looks_like(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    designation = await sam.hand_over("<img src=x onerror=alert(0)>")
    before = await sam.page.locator("#log .theirs").count()

    await fener.case("reply", designation, "-", stdin="\n\n".join(ATTACKS))

    newest = sam.page.locator("#log .theirs").nth(before)
    await newest.wait_for()
    shown = await newest.text_content() or ""
    assert [attack for attack in ATTACKS if attack not in shown] == []
    assert await sam.page.locator("#log script, #log img, #log iframe, #log a, #log style").count() == 0
    assert sam.wrong == []


async def test_the_page_refuses_markup_even_from_its_own_scripts(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)

    with pytest.raises(Exception, match="TrustedHTML"):
        await sam.page.evaluate("document.getElementById('log').innerHTML = '<b>no</b>'")
    assert await sam.page.locator("#log b").count() == 0


async def test_an_arabic_conversation_reads_from_right_to_left(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url, width=360, height=740)
    await sam.say("hi")
    await sam.say("العربية")
    newest = sam.page.locator("#log .theirs").last

    assert await newest.locator(".words").get_attribute("lang") == "ar"
    assert await sam.page.locator("#log").get_attribute("dir") == "rtl"
    box = await newest.locator(".bubble").first.bounding_box()
    log = await sam.page.locator("#log").bounding_box()
    assert box is not None
    assert log is not None
    assert box["x"] + box["width"] > log["x"] + log["width"] * 0.9  # what Fener says starts at the right
    await sam.shoot("arabic-360")
    english = newest.locator(".english")
    await expect(english).to_be_hidden()
    await newest.get_by_text("For you, in English. Not sent.").click()
    await expect(english).to_contain_text("1 Yes")
    await sam.look("Telegram")
    await sam.shoot("arabic-telegram-360")


async def test_beside_each_message_in_another_language_stands_the_same_in_english_where_there_is_room(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.say("hi")
    await sam.say("العربية")
    await sam.look("Telegram")
    await sam.page.locator("#log .theirs").last.locator(".keyboard button").first.click()
    await expect(sam.page.locator("#log .theirs")).to_have_count(3)

    for row in await sam.page.locator("#log > div").filter(has=sam.page.locator(".beside")).all():
        theirs = await row.locator(".words").bounding_box()
        english = await row.locator(".beside").bounding_box()
        assert theirs is not None
        assert english is not None
        assert abs(theirs["y"] - english["y"]) < 8
        assert english["x"] >= theirs["x"] + theirs["width"]
    assert await sam.page.locator("#log .mine .english").last.inner_text() == "1 Yes"
    assert "What do you need now?" in await sam.page.locator("#log .theirs .english").last.inner_text()
    await sam.shoot("arabic-beside-1280")
    assert await serious(sam) == []


async def test_the_page_speaks_the_language_that_its_visitor_chooses_and_the_conversation_goes_on(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.say("hi")
    await expect(sam.page.locator("#draft")).to_be_hidden()

    for language, heading in (("fr", "Ce qui est gardé"), ("ar", "ما الذي يُحفظ")):
        await sam.page.locator("#tongue").select_option(language)
        await expect(sam.page.locator("#kept-title")).to_have_text(heading)
        await expect(sam.page.locator("#draft")).to_be_visible()
        assert "disk" not in await sam.lines("last")
        assert "hi" in await sam.page.locator("#log .mine").inner_text()
        await sam.shoot(f"page-{language}-1280")

    assert await sam.page.locator("html").get_attribute("dir") == "rtl"
    for empty in await sam.page.locator("[data-say]").all():
        assert await empty.text_content()
    assert await serious(sam) == []


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)], ids=["360-light", "1280-dark"])
async def test_it_fits_a_phone_and_a_desk_in_light_and_dark_and_helps_who_cannot_see(
    chromium: Browser, fener: Installation, width: int, dark: bool
) -> None:
    sam = await OpenPage.of(chromium, fener.url, width=width, height=740, dark=dark)
    name = f"{width}-{'dark' if dark else 'light'}"
    await sam.shoot(f"start-{name}")
    await sam.hand_over("I slept at the station again")
    await sam.look("Telegram")
    await sam.shoot(f"page-{name}", whole=True)

    assert await sam.page.evaluate("document.documentElement.scrollWidth") <= width
    for control in ("#words", "#send", "#exit", ".keyboard button"):
        box = await sam.page.locator(control).last.bounding_box()
        assert box is not None
        assert box["height"] >= 40
    assert await serious(sam) == []


async def serious(sam: OpenPage) -> list[str]:
    """What axe-core finds serious or critical. The debugger's side door lets it in past the page's policy."""
    devtools = await sam.context.new_cdp_session(sam.page)
    await devtools.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    told = await devtools.send(
        "Runtime.evaluate",
        {
            "expression": "axe.run().then(found => JSON.stringify(found.violations.map("
            "each => [each.impact, each.id, each.nodes.map(node => node.html).join(' ')].join(' '))))",
            "awaitPromise": True,
        },
    )
    assert "value" in told["result"], told
    lines = re.findall(r'"((?:[^"\\]|\\.)*)"', told["result"]["value"])
    return [line for line in lines if line.startswith(("serious", "critical"))]


async def test_everything_can_be_done_with_the_keyboard(chromium: Browser, fener: Installation) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.say("hi")
    await sam.page.get_by_label("as WhatsApp").focus()
    await sam.page.keyboard.press("ArrowRight")
    await expect(sam.page.get_by_label("as Telegram")).to_be_checked()
    await sam.page.keyboard.press("Tab")  # the messages, to scroll them
    await sam.page.keyboard.press("Tab")
    await expect(sam.page.get_by_role("button", name="1 English")).to_be_focused()
    await sam.page.keyboard.press("Enter")
    await expect(sam.page.locator("#log .theirs").nth(1)).to_contain_text("Is now a good time?")

    log = sam.page.get_by_role("log", name="Messages")
    await expect(log).to_have_attribute("aria-live", "polite")
    assert sam.wrong == []


async def test_a_message_that_did_not_arrive_can_be_sent_again_and_counts_once(
    chromium: Browser, fener: Installation
) -> None:
    sam = await OpenPage.of(chromium, fener.url)
    await sam.page.route("**/try/api/say", lambda route: route.abort())
    await sam.page.get_by_label("Your message").fill("hi")
    await sam.page.keyboard.press("Enter")
    await expect(sam.page.get_by_text("This was not sent.")).to_be_visible()

    await sam.page.unroute("**/try/api/say")
    await sam.page.get_by_role("button", name="Send again").click()

    await expect(sam.page.locator("#log .theirs").first).to_contain_text("English")
    await expect(sam.page.get_by_text("This was not sent.")).to_have_count(0)
    assert await sam.page.locator("#log .mine").count() == 1


async def test_without_scripts_the_way_out_is_still_there(chromium: Browser, fener: Installation) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{fener.url}/try/")
    await page.get_by_role("link", name="Leave now").click()

    assert page.url.endswith("/try/clock.html")
