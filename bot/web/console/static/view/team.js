// The team as the keyring proves it: who can receive cases, who is on duty, and who waits for a lead's signature.

import { memberOf } from "../crypto/keyring.js";
import { button, fill, h } from "../dom.js";
import { clockOf, dateOf, name, plainName } from "../shown.js";
import { ask, attempt, say } from "../ui.js";
import { passkeySection } from "./passkeys.js";
import { peopleSection } from "./people.js";
import { sessionSection } from "./session.js";
import { saveFile } from "./sheet.js";

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
    team.keyring === null ? notPinned(desk, team) : members(team),
    team.waiting.length > 0 && waiting(desk, team, again),
    desk.may.has("staff") && peopleSection(desk, again),
    mine(desk, team, words),
    passkeySection(desk),
    sessionSection(desk, lock));
}

function notPinned(desk, team) {
  return h("section.card", h("h2", "Not ready yet"), h("p", team.entries.length === 0
    ? "Your organisation has no keyring yet: its lead enrols first."
    : "The operator has not pinned your organisation's keyring in fener.toml yet. Until then no case can come."));
}

function members(team) {
  const { keyring } = team;
  return h("section.card",
    h("h2", name(keyring.name)),
    h("p.help", `Keyring version ${keyring.version}, valid until ${dateOf(keyring.expires)}${keyring.demo ? ". This is a demo: its organisation is made up." : ""}`),
    h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Members" }, h("table",
      h("thead", h("tr", h("th", { scope: "col" }, "Work name"), h("th", { scope: "col" }, "Role"), h("th", { scope: "col" }, "On duty"), h("th", { scope: "col" }, "Can receive cases"))),
      h("tbody", keyring.members.map((member) => h("tr",
        h("th", { scope: "row" }, name(member.alias)),
        h("td", plainName(member.role)),
        h("td", team.duty.has(member.kid) ? `until ${clockOf(team.duty.get(member.kid))}` : "no"),
        h("td", member.duty ? "yes" : "no, their key ran out")))))));
}

function waiting(desk, team, again) {
  const me = team.keyring && memberOf(team.keyring, desk.kid);
  return h("section.card",
    h("h2", "Waiting for a lead's signature"),
    h("p", "Call each of them and compare the eight words by voice. Only when all are the same, sign them in."),
    h("ul.people", team.waiting.map((person) => h("li",
      h("h3", name(person.alias), person.kid === desk.kid ? " (you)" : "", h("span.chip", plainName(person.role))),
      h("ol.words-list", person.words.map((word) => h("li", word))),
      me?.role === "lead" && h("div.actions", button("Sign in", () => admit(desk, team, person, again), { "aria-label": `Sign in ${person.alias}` }))))));
}

async function admit(desk, team, person, again) {
  const box = h("input", { id: "compared", type: "checkbox" });
  let signed = false;
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
        await desk.admit(person, team);
        signed = true;
        return true;
      },
    },
  ]);
  if (!signed) return;
  say("Signed. They can receive cases from now on.");
  await again();
}

function mine(desk, team, words) {
  return h("section.card",
    h("h2", "My keys"),
    !team.isMember && h("p.notice", "No lead has signed you in yet. Call your lead and read them these words."),
    h("p.help", "Words of your key, to compare by voice:"),
    h("ol.words-list", words.map((word) => h("li", word))),
    h("div.actions", button("Save the key file", () => saveFile(desk.file, desk.alias))),
    h("p.help", "Keep the file and your six words apart from this computer: together they bring your keys back."));
}
