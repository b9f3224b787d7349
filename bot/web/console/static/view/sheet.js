// The recovery sheet: on paper only, so it is shown when the page is printed and never on the screen.

import { dateOf, name } from "../shown.js";
import { h } from "../dom.js";

/** The sheet as it is printed. */
export function recoverySheet({ words, alias, organisation, server }) {
  return h("section.sheet", { "aria-hidden": "true" },
    h("h1", "Fener: recovery sheet"),
    h("p", "Keep this paper in a safe place, apart from the key file: who holds both can read your cases."),
    h("dl",
      h("dt", "Work name"), h("dd", name(alias)),
      h("dt", "Organisation"), h("dd", name(organisation)),
      h("dt", "Console"), h("dd", `${server}/console/`),
      h("dt", "Made on"), h("dd", dateOf(Date.now() / 1000))),
    h("h2", "Your six words"),
    h("ol.words-list", words.map((word) => h("li", word))),
    h("p", "They open your keys, also when a passkey was lost or does not work."),
    h("h2", "When you lost your browser or your computer"),
    h("ol",
      h("li", "Take the key file that you saved (its name begins with “fener-keys”)."),
      h("li", "Open the console in a new browser and choose “I have a key file”."),
      h("li", "Type these six words in this order.")),
    h("p", "Paper lost, and the keys still open? Make new words under Team, “My keys”."),
    h("p", "Without file and words nobody can open your keys, also not the operator. Then ask your lead for a new link; colleagues can still read the cases."));
}

/** Print this and nothing else. What does not stand in the page already is in it only while it is printed. */
export function printSheet(sheet) {
  if (!sheet.isConnected) {
    document.getElementById("page").append(sheet);
    addEventListener("afterprint", () => sheet.remove(), { once: true });
  }
  print();
}

/** Offer the locked key file for saving. */
export function saveFile(text, alias) {
  saveAs(text, `fener-keys-${plainOf(alias)}.json`);
}

/** Offer a change of the keyring that a second lead has to sign. */
export const saveChange = (text, alias) => saveAs(text, `keyring-change-${plainOf(alias)}.json`);

function plainOf(alias) {
  return alias.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").toLowerCase() || "caseworker";
}

/** Offer a file for saving. */
export function saveAs(text, download) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  h("a", { href: url, download }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
