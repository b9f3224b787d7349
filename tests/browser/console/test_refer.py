"""Proposing a second organisation in the page: who, with which words, and what the person and both teams then see."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.cli.referring import LABELS
from tests.browser.console.caseworker import Caseworker
from tests.browser.console.conftest import Desks
from tests.browser.console.test_team import invite
from tests.browser.console.test_work import WORDS, hand_over, number_of
from tests.doubles.twilio import TwilioDouble
from tests.doubles.twilio_people import WhatsAppPerson
from tests.e2e.installation import Installation, on_whatsapp

pytestmark = pytest.mark.browser

WHEELS = "rs-demo-wheels"
NOTE = "Needs a doctor this week"
STATIC = Path(__file__).resolve().parents[3] / "bot" / "web" / "console" / "static"


def test_the_page_and_the_command_line_call_each_field_what_the_person_reads() -> None:
    page = (STATIC / "view" / "refer.js").read_text("utf-8")
    sentences = (STATIC.parents[3] / "translations" / "ui.pot").read_text("utf-8")

    for name, label in LABELS.items():
        assert f'  {name}: "{label}",' in page
        assert f'msgctxt "engine/referral.field.{name}"\nmsgid "{label}"' in sentences


RULES = """async () => {
  const at = (name) => import(`/console/static/${name}.js`);
  const [{ mayDecline, mayRefer, offered }, { namesIn, personalIn }] = await Promise.all([at("view/refer"), at("view/personal")]);
  const later = Date.now() / 1000 + 60;
  const of = (row = {}, rest = {}) => ({
    row: { mine: true, status: "claimed", queue: "legal", reachable_until: later, ...row }, reachableUntil: later,
    team: { complaints: ["complaints"] }, summary: { shared: [] }, ...rest,
  });
  const by = { summary: { shared: [{ slot: "from" }] } };
  const told = (opened) => [mayRefer(opened), mayDecline(opened)];
  const { CaseView } = await at("view/case");
  const rules = { organisations: { "rs-demo-wheels": "Wheels Demo Team" }, channels: [], live_minutes: 10, at_most_days: 1, after_close_days: 1 };
  const view = new CaseView({ playbooks: async () => [], referrals: async () => ({ referrals: [] }), emergency: async () => null, may: new Set() }, {
    rules: () => rules, names: () => new Map(), away: () => new Map(), failed: (fault) => { throw fault; },
  });
  const summary = {
    designation: "Calm Otter", urgency: "normal", language: "en", crisis: [], interpreter: [], shared: [], consent: "", note: "", wishes: [],
    opened: 0, country: "", area: "", excluded: ["rs-demo-wheels", "rs-gone"],
  };
  const row = { id: "a", need: "", urgency: "normal", opened_hour: 1, channel: null, messages: 0, replies: 1, muted_until: null };
  view.show({ ...of(row), row: { ...of(row).row }, summary, lines: [], readers: { names: [], others: 0 }, team: { complaints: [], keyring: null, isMember: true } }, { isNew: true });
  const facts = [...view.element.querySelectorAll("dt")].find((each) => each.textContent === "Not to be passed to");
  const buttons = [...view.element.querySelectorAll(".case-head button")].map((each) => each.textContent);
  return {
    excluded: [...facts.nextElementSibling.querySelectorAll("li")].map((each) => each.textContent),
    buttons: ["Refer ...", "Decline ..."].map((each) => buttons.includes(each)),
    mine: told(of()),
    waiting: told(of({ mine: false, status: "waiting" })),
    somebodys: told(of({ mine: false })),
    complaint: told(of({ queue: "complaints" })),
    erased: told(of({ reachable_until: null })),
    away: told(of({}, { reachableUntil: later - 120 })),
    referred: told(of({}, by)),
    offered: offered(" one\\n- Age:\\t17 \\u202eback\\u0000 \\u2028"),
    halves: offered("half \\ud83d").isWellFormed(),
    personal: personalIn("Call 060/123-45-67 or ۰۶۰۱۲۳۴۵۶۷, a.b@example.org, @sam_1, t.me/sam, P1234567, in 72 hours on 2 June"),
    names: namesIn("Amir and Sara want a bed. Hello.", ["Hello. My name is amir", "I am here with Sara"]),
  };
}"""


async def test_what_may_be_asked_about_a_case_and_which_words_are_warned_of(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        page = (await desks.new()).page
        await page.goto(f"http://localhost:{fener.port}/console/")
        found = await page.evaluate(RULES)

    refer_and_decline = {
        name: value for name, value in found.items() if isinstance(value, list) and len(value) == 2
    }
    assert refer_and_decline == {
        "mine": [True, True],
        "waiting": [False, True],
        "somebodys": [False, False],
        "complaint": [False, True],
        "erased": [False, False],
        "away": [False, False],
        "referred": [True, False],
        "names": ["Amir", "Sara"],
        "excluded": ["Wheels Demo Team", "rs-gone"],
        "buttons": [True, True],
    }
    assert (found["offered"], found["halves"]) == ("one - Age: 17 back", True)
    assert sorted(found["personal"]) == sorted(
        ["060/123-45-67", "۰۶۰۱۲۳۴۵۶۷", "a.b@example.org", "@sam_1", "t.me/sam,", "P1234567"]
    )


FITS = """() => [document.documentElement, document.querySelector("dialog"), document.querySelector("dialog .notice")]
  .map((each) => each.scrollWidth <= each.clientWidth && each.getBoundingClientRect().right <= 360)"""


async def who_somebody_is_goes_only_where_it_was_allowed(page: Page) -> None:
    """Of who somebody is nothing is in the list for an organisation that is not of their community, unless it must."""
    preview = page.get_by_role("region", name="What would leave")
    await page.get_by_role("checkbox", name="About who you are").check()
    await page.get_by_role("textbox", name="About who you are").fill("a trans woman")
    await expect(preview).not_to_contain_text("trans")
    await page.get_by_role("button", name="Ask the person").click()
    allow = page.get_by_role("checkbox", name="This is not an LGBTIQ+ organisation.")
    await expect(allow).to_be_focused()
    await allow.check()
    await expect(preview).to_contain_text("About who you are: a trans woman")
    await allow.uncheck()
    await expect(preview).not_to_contain_text("trans")
    await page.get_by_role("checkbox", name="About who you are").uncheck()


async def personal_words_are_warned_of(ana: Caseworker) -> None:
    """A number in the note, and the person's own words; the warning goes when they do."""
    page = ana.page
    warning = page.get_by_role("status").filter(has_text="Leave out what the other team does not need.")
    note = page.get_by_role("textbox", name="Note from the helper")
    await expect(warning).to_be_hidden()
    await note.fill(f"{NOTE}\ncall 060 123 45 67")
    await expect(page.get_by_role("region", name="What would leave")).to_contain_text(
        f"{NOTE} call 060 123 45 67"
    )
    await expect(warning).to_contain_text("Look again: this may show who they are: 060 123 45 67.")
    for name, width in (("refer-warning-1280", 1280), ("refer-warning-360", 360)):
        await page.set_viewport_size({"width": width, "height": 800})
        await warning.scroll_into_view_if_needed()
        await ana.picture(name)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await note.fill(NOTE)
    await expect(warning).to_be_hidden()
    await page.get_by_role("checkbox", name="Your words").check()
    await expect(page.get_by_role("textbox", name="Your words")).to_have_value(WORDS)
    await expect(warning).to_contain_text("leave as they are written here")
    await page.get_by_role("checkbox", name="Your words").uncheck()
    await expect(warning).to_be_hidden()


async def a_printed_playbook_has_nothing_of_the_case_on_it(ana: Caseworker, designation: str) -> None:
    """What a printer would get is the page alone; afterwards it is gone again."""
    page = ana.page
    await page.evaluate("print = () => {}")
    await page.get_by_role("button", name="Print this page").first.click()
    await page.emulate_media(media="print")
    await expect(page.locator(".sheet")).to_contain_text("Papers and asylum")
    await expect(page.locator(".sheet")).to_be_visible()
    await expect(page.get_by_text(designation).first).to_be_hidden()
    await expect(page.get_by_text(WORDS).first).to_be_hidden()
    await ana.picture("playbook-printed")
    await page.emulate_media(media="screen")
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(page.locator(".sheet")).to_have_count(0)


async def a_page_drawn_anew_asks_nothing_again(page: Page, asked: list[str]) -> None:
    """A note of one's own draws the case anew; how its referrals stand is known already."""
    before = len(asked)
    await page.get_by_role("button", name="Note to colleagues").click()
    await page.get_by_label("Note to colleagues: the").fill("Asked Wheels")
    await page.get_by_role("button", name="Keep note").click()
    await expect(page.locator(".message.note")).to_contain_text("Asked Wheels")
    assert len(asked) == before  # the page was drawn anew, and nothing of it was asked again


async def answer_and_decline(fener: Installation, sam: WhatsAppPerson) -> None:
    """The person says yes to the words, and the second team, which got them alone, has no room."""
    await sam.say("hello")
    await sam.say(number_of("Read", sam.heard[-1]))
    assert NOTE in sam.heard[-1]
    await sam.say(number_of("Yes, send this", sam.heard[-1]))
    [case] = await fener.cases("rosa")
    opened = await fener.case("open", case["designation"], home="rosa")
    assert NOTE in opened
    assert "Lantern Demo Centre" in opened
    assert WORDS not in opened
    await fener.case("send-back", case["designation"], "--reason", "full", home="rosa")
    await sam.say("hello again")
    await sam.say(number_of("Read", sam.heard[-1]))
    assert "They have no room at the moment." in sam.heard[-1]


async def test_a_caseworker_proposes_another_organisation_and_only_the_ticked_words_reach_it(
    twilio: TwilioDouble, desks: Desks, tmp_path: Path
) -> None:
    async with on_whatsapp(twilio, tmp_path) as fener:
        ana = await desks.new()
        await ana.enrol(fener.invitation())
        await ana.start()
        page = ana.page
        asked: list[str] = []
        page.on(
            "request",
            lambda request: asked.extend([request.url] if request.url.endswith("/referrals") else []),
        )
        link = await invite(fener, WHEELS, "lead")
        await fener.case("enrol", "--invite", link, "--alias", "Rosa", home="rosa")
        sam = twilio.person("+381601234567")
        designation = await hand_over(sam)
        await expect(ana.in_queue(designation)).to_be_visible()
        await ana.open(designation)
        await a_printed_playbook_has_nothing_of_the_case_on_it(ana, designation)
        await page.get_by_role("button", name="Claim").click()
        await page.get_by_role("button", name="Refer ...").click()

        preview = page.get_by_role("region", name="What would leave")
        await expect(page.get_by_label("Which organisation")).to_contain_text("Wheels")
        await page.get_by_label("About what").select_option("health")
        await expect(preview).to_contain_text("Topic: Health")
        await expect(preview).not_to_contain_text(WORDS)
        await page.get_by_role("checkbox", name="Note from the helper").check()
        await page.get_by_role("textbox", name="Note from the helper").fill(NOTE)
        await expect(preview).to_contain_text(f"Note from the helper: {NOTE}")
        await who_somebody_is_goes_only_where_it_was_allowed(page)
        await personal_words_are_warned_of(ana)
        await ana.look("refer-1280")
        await page.set_viewport_size({"width": 360, "height": 740})
        await ana.look("refer-360")
        assert await page.evaluate(FITS) == [True, True, True]
        await page.set_viewport_size({"width": 1280, "height": 800})
        await page.get_by_role("button", name="Ask the person").click()
        await expect(page.get_by_text("Nothing leaves before they say yes.")).to_be_visible()
        others = page.locator("details", has_text="Other organisations")
        await expect(others).to_contain_text("The person is asked")
        assert f"Note from the helper: {NOTE}" in (await ana.said())[-1]
        await a_page_drawn_anew_asks_nothing_again(page, asked)
        assert await fener.cases("rosa") == []

        await answer_and_decline(fener, sam)
        await expect(others).to_contain_text("Not taken, no room at the moment")
        await ana.look("refer-declined")
