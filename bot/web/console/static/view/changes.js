// Where two leads sign: the first one's change is handed over as a file, and the second one sees all that it does.

import { button, fill, h } from "../dom.js";
import { name, plainName } from "../shown.js";
import { DeskError } from "../server.js";
import { ask, say } from "../ui.js";
import { saveChange } from "./sheet.js";

const LARGEST_FILE = 32 * 1024; // bytes

/** Whether a change is in force. One that a second lead has to sign is offered for saving. */
export async function handOver(change, alias) {
  if (change === "") return true;
  await ask("A second lead has to sign", [
    h("p", "Your organisation has two leads, so nothing has changed yet. Save this change and give the file to the other lead. It holds no secret. They open it under Team, and see there what it does."),
  ], [
    { label: "Close" },
    { label: "Save the change", kind: "primary", work: () => saveChange(change, alias) },
  ]);
  return false;
}

/** For a lead: a change that another lead began. */
export function changesSection(desk, team, again) {
  return h("section.card", h("h2", "Sign a change of another lead"),
    h("p.help", "Where there are two leads, both sign who comes and who goes. The first one gives you a file."),
    h("div.actions", button("Open the file of a change", () => choose(desk, team, again))));
}

function choose(desk, team, again) {
  const input = h("input", { id: "change", type: "file", accept: ".json,application/json" });
  const place = h("div");
  let text = null;
  const box = h("input", { id: "change-compared", type: "checkbox" });
  return ask("Sign a change of another lead", [
    h("label", { for: "change" }, "The file of the change"), input, place,
  ], [
    { label: "Cancel" },
    {
      label: "Continue", kind: "primary",
      work: async () => {
        if (text === null) {
          const [file] = input.files;
          if (!file || file.size > LARGEST_FILE) return false;
          const read = (await file.text()).trim();
          fill(place, told(await desk.readChange(read, team), team, box));
          text = read;
          return false;
        }
        if (!box.checked) {
          box.focus();
          return false;
        }
        if (await desk.cosign(text, team) !== "") throw new DeskError("keyring.signature", "The other lead has to sign this one, not you again.");
        say("Signed by both leads, and in force.");
        await again();
        return true;
      },
    },
  ]);
}

function told(change, { keyring }, box) {
  const words = h("ol.words-list", change.words.map((word) => h("li", word)));
  const check = (label) => h("p.check", box, h("label", { for: "change-compared" }, label));
  const by = h("p", h("strong", name(change.by)), " began this change:");
  switch (change.kind) {
    case "add":
      return [by, h("p", "Sign in ", h("strong", name(change.alias)), `, ${plainName(change.role).toLowerCase()}. From then on cases are sealed to them.`),
        h("p", "Call them yourself, on a number that you know, and let them read their eight words to you. Do not write, and do not take the words from the other lead."),
        words, check("They read these words to me, and I sign")];
    case "remove":
      return [by, h("p", "Take out ", h("strong", name(change.alias)), `, ${plainName(change.role).toLowerCase()}. From then on no case is sealed to them.`), check("I sign")];
    case "rename":
      return [by, h("p", "Change the name that people see in the consent from ", h("strong", name(keyring.name)), " to ", h("strong", name(change.name)), "."), check("I sign")];
    case "server":
      return [by, h("p", "Believe another server from then on, and this one no more. Let the operator read you its eight words by voice."), words, check("The words are the same, and I sign")];
    default:
      return [by, h("p", "The keyring lives 90 days longer. Nothing else changes."), check("I sign")];
  }
}
