// How one is rung when somebody waits and this page is closed: by mail, or by the bot for staff. Neither says more than "The queue".

import { button, field, fill, h } from "../dom.js";
import { ask, attempt, say } from "../ui.js";

const NAMES = { email: "Mail", telegram: "Telegram" };

/** A card with one's own ways; empty where the operator switched none on. */
export function waysSection(desk) {
  const place = h("div");
  const again = () => attempt(async () => draw(place, desk, await desk.server.call("GET", "/ways"), again));
  again();
  return h("section.card", { id: "ways" }, h("h2", "How I am rung"),
    h("p", "This page rings while it is open, also when it is locked."), place);
}

function draw(place, desk, { offered, ways }, again) {
  if (offered.length === 0 && ways.length === 0) {
    fill(place, h("p.help", "The operator has switched on no other way."));
    return;
  }
  fill(place,
    h("p.help", "When it is closed you can be rung elsewhere while you are on duty; leads also off duty, when nobody else comes. What comes says “The queue”: no name, no case, no time. Those who carry it still see that you are rung, and when. Use an address and a device that may be seen with you."),
    ways.length > 0 && h("ul.people", ways.map((way, at) => h("li",
      h("h3", `${NAMES[way.kind] ?? way.kind} ${numberOf(ways, at)}`),
      h("div.actions",
        button("Ring now", () => tryOut(desk, way), { "aria-label": `Ring now: ${NAMES[way.kind] ?? way.kind} ${numberOf(ways, at)}` }),
        button("Take out", () => takeOut(desk, way, again), { kind: "quiet", "aria-label": `Take out: ${NAMES[way.kind] ?? way.kind} ${numberOf(ways, at)}` }))))),
    h("div.actions",
      offered.includes("email") && button("Add a mail address", () => addMail(desk, again)),
      offered.includes("telegram") && button("Add Telegram", () => addTelegram(desk, again))));
}

/** The second mail address is "Mail 2"; what stands in it, nobody reads back. */
const numberOf = (ways, at) => ways.slice(0, at + 1).filter((way) => way.kind === ways[at].kind).length;

const tryOut = (desk, way) => attempt(async () => {
  await desk.server.call("POST", `/ways/${way.id}/ring`);
  say("Rung. If nothing comes within a minute, take it out and add it again.");
});

async function takeOut(desk, way, again) {
  await attempt(async () => {
    await desk.server.call("POST", `/ways/${way.id}/remove`);
    say("Taken out.");
  });
  await again();
}

async function addMail(desk, again) {
  const input = field("input", { id: "way-mail", type: "email", inputmode: "email", maxlength: "254" });
  let done = false;
  await ask("Add a mail address", [
    h("p", "It is kept locked, and nobody reads it here again, not even you. Best one that you use for nothing else."),
    h("label", { for: "way-mail" }, "Mail address"), input,
  ], [
    { label: "Cancel" },
    {
      label: "Add", kind: "primary",
      work: async () => {
        await desk.server.call("POST", "/ways/email", { address: input.value.trim() });
        done = true;
      },
    },
  ]);
  input.value = "";
  if (done) say("Added. Ring it once to see that it works.");
  await again();
}

async function addTelegram(desk, again) {
  let made = null;
  if (!await attempt(async () => { made = await desk.server.call("POST", "/ways/telegram"); })) return;
  await ask("Add Telegram", [
    h("p", "On Telegram write this code to the bot for staff", made.bot ? [", ", h("strong", { translate: "no" }, `@${made.bot}`)] : "", ". It is not the bot that people write to."),
    h("p", h("strong.code", { id: "way-code", translate: "no" }, made.code.match(/.{4}/g).join("-"))),
    h("p.help", `It can be used once, for ${made.minutes} minutes. Give it to nobody.`),
    h("p.help", "Telegram then knows that this account is rung by this bot. Use an account that may be known for that."),
  ], [{ label: "Done", kind: "primary" }]);
  await again();
}
