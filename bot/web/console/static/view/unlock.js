// Before work: six words open the keys of this browser, or a saved key file brings them back.

import { KeyFile, checkKeyFile } from "../crypto/keyfile.js";
import { stretch } from "../crypto/stretch.js";
import { Desk } from "../desk.js";
import { button, field, fill, h } from "../dom.js";
import { askToKeep, saveKeyFile } from "../store.js";
import { ask, sentence } from "../ui.js";

const LARGEST_FILE = 256 * 1024; // bytes

function frame(page, title, ...content) {
  const heading = h("h1", { tabindex: "-1" }, title);
  fill(page, h("main.narrow", { id: "main", tabindex: "-1" }, h("p.brand", h("img", { src: "static/lantern.svg", alt: "", width: "40", height: "40" }), "Fener"), heading, content));
  scrollTo(0, 0);
}

/** Nothing in this browser yet. */
export function showWelcome(page, { begin }) {
  frame(page, "The caseworkers' console", h("div.card",
    h("p", "To start, open the one-time link that your lead or the operator gave you."),
    h("h2", "You worked here before?"),
    h("p", "With your saved key file and the six words of your recovery sheet you can go on in this browser."),
    h("div.actions", importButton(begin))));
}

/** The words that open the keys; `done(desk)` afterwards. */
export function showUnlock(page, { text, server, done, begin, reason = "", listens = false }) {
  const input = field("input", { id: "passphrase", type: "password", required: true, "aria-describedby": "passphrase-help" });
  const peek = button("Show", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    fill(peek, hidden ? "Hide" : "Show");
    peek.setAttribute("aria-pressed", String(hidden));
  }, { kind: "quiet", "aria-pressed": "false", "aria-label": "Show the words" });
  const bar = h("progress", { max: "1", value: 0, hidden: true, "aria-label": "Opening your keys" });
  const trouble = h("p.trouble", { role: "alert" });
  const submit = h("button.primary", { type: "submit" }, "Unlock");
  const form = h("form.card",
    reason && h("p.notice", { role: "status" }, reason, listens ? " The tab's title still counts what waits, and new cases still ring." : ""),
    h("label", { for: "passphrase" }, "Your six words"),
    h("div.joined", input, peek),
    h("p.help", { id: "passphrase-help" }, "From your recovery sheet, with spaces between them."),
    bar, trouble,
    h("div.actions", submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    submit.disabled = true;
    bar.hidden = false;
    fill(trouble);
    try {
      const slow = (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; });
      const file = await KeyFile.open(text, input.value, slow);
      input.value = "";
      const desk = await Desk.signIn(server, file);
      await desk.renewIfDue().catch((fault) => { if (fault.code !== "keyring.refused") throw fault; });
      done(desk);
    } catch (fault) {
      fill(trouble, sentence(fault));
      submit.disabled = false;
      bar.hidden = true;
      input.select();
    }
  });
  frame(page, "Unlock your keys", form, h("details.more",
    h("summary", "I lost my words, or these are not my keys"),
    h("p", "Nobody can open keys without their words. Ask your lead for a new link; colleagues can still read the cases."),
    h("p", "To use another caseworker's keys in this browser, bring their key file. Better: a browser profile for each person."),
    h("div.actions", importButton(begin))));
  input.focus();
}

/** A button that reads a saved key file into this browser. */
function importButton(begin) {
  return button("I have a key file", async () => {
    const input = h("input", { id: "file", type: "file", accept: ".json,.keys,application/json" });
    await ask("Bring back your keys", [
      h("p", "Choose the file whose name begins with “fener-keys”. It stays locked until you type your words."),
      h("label", { for: "file" }, "Key file"), input,
    ], [
      { label: "Cancel" },
      {
        label: "Use this file", kind: "primary",
        work: async () => {
          const [file] = input.files;
          if (!file || file.size > LARGEST_FILE) return false;
          const text = (await file.text()).trim();
          checkKeyFile(text);
          await saveKeyFile(text);
          askToKeep();
          await begin();
          return true;
        },
      },
    ]);
  });
}
