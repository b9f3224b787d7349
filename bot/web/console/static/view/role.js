// For who works elsewhere, or sees numbers only: what their role does, and nothing that it does not.

import { button, fill, h } from "../dom.js";
import { name, plainName } from "../shown.js";
import { attempt } from "../ui.js";
import { showDirectory } from "./directory.js";
import { showNumbers } from "./numbers.js";
import { passkeySection } from "./passkeys.js";
import { sessionSection } from "./session.js";
import { saveFile } from "./sheet.js";

const WORK = {
  "directory-editor": ["You look after organisations and their services.",
    "What changes every week and what cannot wait is done above; the rest with the files of the folder directory/.",
    ["fener check", "fener directory due", "fener directory match", "fener directory write-back"]],
  "content-admin": ["You look after what Fener says, in every language.",
    "Your work is done with the files of the folders flows/ and translations/, not in this page.",
    ["fener check", "fener test", "fener chat", "fener translations status"]],
  operator: ["You run the server.",
    "Your work is done on its command line, not in this page.",
    ["fener doctor", "fener audit verify", "fener backup", "fener retention report", "fener staff list"]],
};

/** The page of somebody who never receives a case. */
export class RolePage {
  constructor(page, desk, { lock }) {
    this.directory = h("div");
    this.numbers = h("div");
    this.heading = h("h1", { tabindex: "-1" }, `Signed in as ${plainName(desk.role).toLowerCase()}`);
    this.element = h("div.work",
      h("header.bar",
        h("span.brand", h("img", { src: "static/lantern.svg", alt: "", width: "28", height: "28" }), h("span", "Fener")),
        h("div.bar-actions", button("Lock", () => lock(), { kind: "quiet" }))),
      h("main.column", { id: "main", tabindex: "-1" },
        this.heading,
        h("p", name(desk.alias), ". You receive no cases: none is sealed to you, and this page shows none."),
        desk.may.has("directory") && this.directory,
        desk.may.has("audit") && auditSection(desk),
        desk.may.has("counts") && countsSection(desk),
        hasNumbers(desk) && this.numbers,
        WORK[desk.role] && workSection(WORK[desk.role]),
        h("section.card", h("h2", "My keys"),
          h("p.help", "They only sign you in. Keep the file and your six words apart from this computer."),
          h("div.actions", button("Save the key file", () => saveFile(desk.file, desk.alias)))),
        passkeySection(desk),
        sessionSection(desk, lock)));
    this.desk = desk;
    fill(page, this.element);
    if (desk.may.has("directory")) showDirectory(this.directory, desk, { level: 2 });
    if (hasNumbers(desk)) showNumbers(this.numbers, desk, { level: 2 });
    this.heading.focus({ preventScroll: true });
  }

  hear() {}

  end() {
    this.element.replaceChildren();
    this.desk.wipe();
  }
}

const hasNumbers = (desk) => desk.may.has("report") || desk.may.has("network");

function workSection([what, where, commands]) {
  return h("section.card", h("h2", "What you do"), h("p", what), h("p", where),
    h("ul", commands.map((command) => h("li", h("code", command)))));
}

function auditSection(desk) {
  const place = h("div");
  const read = () => attempt(async () => {
    const { whole, events } = await desk.server.call("GET", "/audit");
    fill(place, h("p", h("strong", whole
      ? "Every line follows from the one before, and from what this server remembers."
      : "This audit chain was changed. Tell the operator to run: fener audit verify")),
    table(events), h("p.help", "Within a year. What concerns cases is told in whole tens, so that no queue can be counted."));
  });
  read();
  return h("section.card", h("h2", "Audit of your organisation"), place, h("div.actions", button("Check again", read)));
}

function countsSection(desk) {
  const place = h("div");
  attempt(async () => {
    const { events } = await desk.server.call("GET", "/counts");
    fill(place, table(events), h("p.help", "Within a year, in whole tens. What happened less than ten times is not told."));
  });
  return h("section.card", h("h2", "Counts of your organisation"), place);
}

function table(events) {
  const rows = Object.entries(events);
  if (rows.length === 0) return h("p", "Nothing that can be told yet.");
  return h("table", h("thead", h("tr", h("th", { scope: "col" }, "What happened"), h("th", { scope: "col" }, "How often"))),
    h("tbody", rows.map(([event, count]) => h("tr", h("th", { scope: "row" }, event), h("td", String(count))))));
}
