// The team as the keyring proves it: who can receive cases, who is on duty, and who waits for a lead's signature.

import { memberOf } from "../crypto/keyring.js";
import { button, fill, h } from "../dom.js";
import { clockOf, dateOf, name, plainName } from "../shown.js";
import { ask, attempt, say } from "../ui.js";
import { loadSection } from "./care.js";
import { passkeySection } from "./passkeys.js";
import { peopleSection } from "./people.js";
import { sessionSection } from "./session.js";
import { waysSection } from "./ways.js";
import { changesSection, handOver } from "./changes.js";
import { myKeys } from "./mykeys.js";

/** Fill `place` with the team page. */
export async function showTeam(place, desk, { lock }) {
  const heading = h("h1", { tabindex: "-1" }, "Team");
  const content = h("div");
  fill(place, h("div.column", heading, content));
  heading.focus({ preventScroll: true });
  const again = () => attempt(async () => draw(content, desk, await desk.team(), await desk.words(), { again, lock }));
  await again();
}

function draw(content, desk, team, words, { again, lock }) {
  fill(content,
    team.keyring === null ? notPinned(desk, team) : members(desk, team, again),
    team.waiting.length > 0 && waiting(desk, team, again),
    isLead(desk, team) && changesSection(desk, team, again),
    desk.may.has("staff") && peopleSection(desk, again),
    desk.may.has("alarms") && loadSection(desk),
    myKeys(desk, team, words, again),
    passkeySection(desk),
    waysSection(desk),
    sessionSection(desk, lock));
}

function notPinned(desk, team) {
  return h("section.card", h("h2", "Not ready yet"), h("p", team.entries.length === 0
    ? "Your organisation has no keyring yet: its lead enrols first."
    : "The operator has not pinned your organisation's keyring in fener.toml yet. Until then no case can come."));
}

const isLead = (desk, { keyring }) => keyring !== null && memberOf(keyring, desk.kid)?.role === "lead";

function members(desk, team, again) {
  const { keyring } = team;
  return h("section.card",
    h("h2", name(keyring.name)),
    h("p.help", `Keyring version ${keyring.version}, valid until ${dateOf(keyring.expires)}${keyring.demo ? ". This is a demo: its organisation is made up." : ""}`),
    h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Members" }, h("table",
      h("thead", h("tr", h("th", { scope: "col" }, "Work name"), h("th", { scope: "col" }, "Role"), h("th", { scope: "col" }, "On duty"), h("th", { scope: "col" }, "Can receive cases"))),
      h("tbody", keyring.members.map((member) => h("tr",
        h("th", { scope: "row" }, name(member.alias)),
        h("td", plainName(member.role)),
        h("td", awayUntil(team, member) ? `away until ${clockOf(awayUntil(team, member))}` : team.duty.has(member.kid) ? `until ${clockOf(team.duty.get(member.kid))}` : "no"),
        h("td", member.duty ? "yes" : "no, their key ran out")))))),
    h("ul.people", keyring.members.map((member) => {
      const actions = deeds(desk, team, member, again);
      return actions.length > 0 && h("li", h("h3", name(member.alias)), h("div.actions", actions));
    })));
}

const awayUntil = ({ staff, away }, { kid }) => away.get(staff.find((each) => each.kid === kid)?.id);

function deeds(desk, team, member, again) {
  if (!team.isMember || member.kid === desk.kid) return [];
  return [
    member.duty !== null && button("Share open cases", () => share(desk, member), { kind: "quiet", "aria-label": `Share open cases with ${member.alias}` }),
    isLead(desk, team) && button("Take out", () => takeOut(desk, team, member, again), { kind: "quiet", "aria-label": `Take out ${member.alias}` }),
  ].filter(Boolean);
}

async function share(desk, member) {
  let told = null;
  await ask("Share the open cases?", [
    h("p", name(member.alias), " will be able to read every open case that you can read, from its first message. For somebody who lost their keys and enrolled anew, for a newcomer, or for your own other computer."),
    h("p", "You cannot take it back."),
  ], [
    { label: "Cancel" },
    {
      label: "Share", kind: "primary",
      work: async () => {
        told = await desk.share(member);
        return true;
      },
    },
  ]);
  if (told === null) return;
  const done = told.cases === 0 ? "There was nothing to share: they can read what you can." : `Shared: ${told.cases === 1 ? "one case" : `${told.cases} cases`}.`;
  say(told.unreadable > 0 ? `${done} ${told.unreadable} you cannot read yourself: ask a colleague to share too.` : done);
}

async function takeOut(desk, team, member, again) {
  let change = null;
  await ask("Take this colleague out of the keyring?", [
    h("p", name(member.alias), " receives no case from then on, is signed out and cannot sign in. They keep what they have read."),
  ], [
    { label: "Cancel" },
    {
      label: "Take out", kind: "primary",
      work: async () => {
        change = await desk.takeOut(member, team);
        return true;
      },
    },
  ]);
  if (change !== null && await handOver(change, member.alias)) say("They are out of the keyring.");
  await again();
}

function waiting(desk, team, again) {
  const me = team.keyring && memberOf(team.keyring, desk.kid);
  return h("section.card",
    h("h2", "Waiting for a lead's signature"),
    h("p", "Call each of them, on a number that you know, and let them read their eight words to you. Do not write: who can read or change your messages can change the words too. Only when all eight are the same, sign them in."),
    h("ul.people", team.waiting.map((person) => h("li",
      h("h3", name(person.alias), person.kid === desk.kid ? " (you)" : "", h("span.chip", plainName(person.role))),
      h("ol.words-list", person.words.map((word) => h("li", word))),
      me?.role === "lead" && h("div.actions", button("Sign in", () => admit(desk, team, person, again), { "aria-label": `Sign in ${person.alias}` }))))));
}

async function admit(desk, team, person, again) {
  const box = h("input", { id: "compared", type: "checkbox" });
  let change = null;
  await ask("Sign this colleague in?", [
    h("p", "After this, new cases are sealed to ", h("strong", name(person.alias)), " too. You cannot take back what they have read."),
    h("ol.words-list", person.words.map((word) => h("li", word))),
    h("p.check", box, h("label", { for: "compared" }, "We compared the words by voice")),
  ], [
    { label: "Cancel" },
    {
      label: "Sign in", kind: "primary",
      work: async () => {
        if (!box.checked) {
          box.focus();
          return false;
        }
        change = await desk.admit(person, team);
        return true;
      },
    },
  ]);
  if (change === null) return;
  if (await handOver(change, person.alias)) say("Signed. They can receive cases from now on. To let them read those that are open, choose “Share open cases”.");
  await again();
}
