// Before work: a passkey or six words open the keys of this browser, or a saved key file brings them back.

import { usePasskey } from "../authenticator.js";
import { KeyFile, checkKeyFile } from "../crypto/keyfile.js";
import { stretch } from "../crypto/stretch.js";
import { Desk } from "../desk.js";
import { button, fill, h } from "../dom.js";
import { askToKeep, loadPasskeys, saveKeyFile, savePasskeys } from "../store.js";
import { ask, sentence } from "../ui.js";
import { passkeysFor } from "./passkeys.js";
import { wordsField } from "./words.js";

const LARGEST_FILE = 256 * 1024; // bytes

function frame(page, title, ...content) {
  const heading = h("h1", { tabindex: "-1" }, title);
  fill(page, h("main.narrow", { id: "main", tabindex: "-1" }, h("p.brand", h("img", { src: "static/lantern.svg", alt: "", width: "40", height: "40" }), "Fener"), heading, content));
  scrollTo(0, 0);
}

/** Nothing in this browser yet. */
export function showWelcome(page, { begin }) {
  frame(page, "The caseworkers' console", h("div.card",
    h("p", "To start, open the one-time link that your lead or the operator gave you. In a demo it stands in the terminal that started Fener."),
    h("h2", "You worked here before?"),
    h("p", "With your saved key file and the six words of your recovery sheet you can go on in this browser."),
    h("div.actions", importButton(begin))));
}

/** What opens the keys: a passkey where this browser has one, and always the words; `done(desk)` afterwards. */
export async function showUnlock(page, { text, server, done, begin, reason = "", listens = false }) {
  const passkeys = await passkeysFor(text);
  const isDamaged = passkeys.length === 0 && (await loadPasskeys()).length > 0;
  const controls = [];
  const open = async (trouble, way) => {
    for (const each of controls) each.disabled = true;
    fill(trouble);
    try {
      const desk = await Desk.signIn(server, await way());
      await desk.renewIfDue().catch((fault) => { if (fault.code !== "keyring.refused") throw fault; });
      done(desk);
      return true;
    } catch (fault) {
      fill(trouble, sentence(fault));
      for (const each of controls) each.disabled = false;
      return false;
    }
  };
  const parts = { text, passkeys, open, controls };
  const byPasskey = passkeys.length > 0 && passkeyPart(parts);
  const { form, input } = wordsPart(parts);
  frame(page, "Unlock your keys",
    reason && h("p.notice", { role: "status" }, reason, listens ? " The tab's title still counts what waits, and new cases still ring." : ""),
    isDamaged && h("p.notice", "What this browser kept for your passkey does not fit your keys any more. Type your six words, then add the passkey again under Team."),
    byPasskey?.element,
    form,
    h("details.more",
      h("summary", byPasskey ? "I lost my passkey or my words, or these are not my keys" : "I lost my words, or these are not my keys"),
      byPasskey && h("p", "A lost passkey: type the six words of your recovery sheet, then remove it under Team and add another."),
      h("p", byPasskey ? "Nobody can open keys without the words or the passkey." : "Nobody can open keys without their words.", " Ask your lead for a new link; colleagues can still read the cases."),
      h("p", "To use another caseworker's keys in this browser, bring their key file. Better: a browser profile for each person."),
      h("div.actions", importButton(begin))));
  (byPasskey ? byPasskey.use : input).focus();
}

function passkeyPart({ text, passkeys, open, controls }) {
  const trouble = h("p.trouble", { role: "alert" });
  const use = button("Use your passkey", async () => {
    const isOpen = await open(trouble, async () => {
      const { passkey, secret } = await usePasskey(passkeys);
      return KeyFile.openByPasskey(text, passkey, secret);
    });
    if (!isOpen) use.focus();
  }, { kind: "primary", "aria-describedby": "passkey-help" });
  controls.push(use);
  const element = h("div.card",
    h("p.help", { id: "passkey-help" }, "Your device asks for your finger, your face or its PIN."),
    trouble,
    h("div.actions", use));
  return { element, use };
}

function wordsPart({ text, passkeys, open, controls }) {
  const { input, peek } = wordsField("passphrase");
  const bar = h("progress", { max: "1", value: 0, hidden: true, "aria-label": "Opening your keys" });
  const trouble = h("p.trouble", { role: "alert" });
  const submit = h(passkeys.length > 0 ? "button" : "button.primary", { type: "submit" }, "Unlock");
  controls.push(submit);
  const form = h("form.card",
    h("label", { for: "passphrase" }, passkeys.length > 0 ? "Or your six words" : "Your six words"),
    h("div.joined", input, peek),
    h("p.help", { id: "passphrase-help" }, "From your recovery sheet, with spaces between them."),
    bar, trouble,
    h("div.actions", submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    bar.hidden = false;
    const isOpen = await open(trouble, async () => {
      const slow = (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; });
      const file = await KeyFile.open(text, input.value, slow);
      input.value = "";
      return file;
    });
    bar.hidden = true;
    if (!isOpen) input.select();
  });
  return { form, input };
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
          await savePasskeys((await passkeysFor(text)).map((each) => each.text));
          askToKeep();
          await begin();
          return true;
        },
      },
    ]);
  });
}
