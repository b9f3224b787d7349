// What the keys do, and what stands behind this page.

import { h } from "../dom.js";
import { ask } from "../ui.js";

const SHORTCUTS = [
  ["?", "this list"], ["j  k", "next and previous case"], ["Enter", "open the case"], ["r", "write a reply"],
  ["n", "write a note to colleagues"], ["p", "quick phrases"],
  ["Ctrl + Enter", "send what you wrote"], ["c", "claim the case"],
  ["b", "give the case back"], ["x", "close the case"], ["q", "to the queue"], ["t", "team"], ["o", "directory"], ["u", "numbers, for a lead"], ["d", "duty"],
  ["s", "sound on or off"], ["l", "lock"], ["Esc", "leave a text field or a dialog"],
];

/** The list of shortcuts, with a way to switch single letters off. */
export function showHelp({ areOn, switchKeys }) {
  const box = h("input", { id: "keys-on", type: "checkbox", checked: areOn });
  box.addEventListener("change", () => switchKeys(box.checked));
  return ask("Help", [
    h("h3", "Keyboard"),
    h("dl.keys", SHORTCUTS.map(([keys, does]) => [h("dt", keys.split("  ").map((key) => h("kbd", key))), h("dd", does)])),
    h("p.check", box, h("label", { for: "keys-on" }, "Single letters are shortcuts")),
    h("h3", "What is safe here, and what is not"),
    h("ul",
      h("li", "Cases are opened in this browser. The server keeps them sealed and cannot read them."),
      h("li", "Only your organisation sees them. What you write as a note never leaves your team."),
      h("li", "The messenger (Telegram, WhatsApp) sees what you and the person write to each other while it carries it."),
      h("li", "You see no phone number, and nobody here can look one up. Do not ask for names or numbers without need."),
      h("li", "Ten quiet minutes lock this page. New cases still ring.")),
  ], [{ label: "Close", kind: "primary" }]);
}
