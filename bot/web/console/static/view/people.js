// For a lead: who is enrolled besides the keyring's members, a link for somebody new, and an end for who goes.

import { button, fill, h } from "../dom.js";
import { name, plainName } from "../shown.js";
import { ask, say } from "../ui.js";

const ROLES = ["caseworker", "focal-point", "lead", "auditor", "aggregate-only", "directory-editor", "content-admin", "operator"];

/** A card, filled when the server answered. */
export function peopleSection(desk, again) {
  const list = h("ul.people");
  const section = h("section.card", h("h2", "People"),
    h("p.help", "Everybody who can sign in. Removing somebody ends their sessions, and nothing is sealed to them from then on; sign them out of the keyring too, with ", h("code", "fener case remove"), "."),
    list, h("div.actions", button("Invite somebody", () => invite(desk))));
  desk.server.call("GET", "/staff").then((people) => {
    fill(list, people.map((person) => h("li",
      h("h3", name(person.alias), person.id === desk.id ? " (you)" : "", h("span.chip", plainName(person.role))),
      person.id !== desk.id && h("div.actions", button("Remove", () => remove(desk, person, again), { kind: "quiet", "aria-label": `Remove ${person.alias}` })))));
  }).catch(() => section.remove());
  return section;
}

function invite(desk) {
  const choice = h("select", { id: "role" }, ROLES.map((role) => h("option", { value: role }, plainName(role))));
  const place = h("div");
  return ask("Invite somebody", [
    h("label", { for: "role" }, "Role"), choice,
    h("p.help", "The link works once, for 30 minutes. Give it over a channel that is safe. It makes nobody a recipient: you compare words and sign."),
    place,
  ], [
    { label: "Done" },
    {
      label: "Make a link", kind: "primary",
      work: async () => {
        const { token } = await desk.server.call("POST", "/staff/invite", { role: choice.value });
        fill(place, h("label", { for: "link" }, "Link"),
          h("textarea", { id: "link", readonly: true, rows: "3", spellcheck: "false" }, `${desk.server.address}/console/#enrol=${token}`));
        return false;
      },
    },
  ]);
}

function remove(desk, person, again) {
  return ask("Remove this person?", [
    h("p", name(person.alias), " is signed out everywhere, and no case is sealed to them any more. They keep what they have read."),
  ], [
    { label: "Cancel" },
    {
      label: "Remove", kind: "primary",
      work: async () => {
        await desk.server.call("POST", `/staff/${person.id}/remove`);
        say("Removed.");
        await again();
      },
    },
  ]);
}
