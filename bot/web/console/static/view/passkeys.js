// Passkeys of this browser: what to know before making one, and under Team adding and removing them.

import { PasskeyMaker, canUsePasskeys, forgetPasskey } from "../authenticator.js";
import { KeyFile, saltOf } from "../crypto/keyfile.js";
import { passkeysOf } from "../crypto/passkey.js";
import { stretch } from "../crypto/stretch.js";
import { button, fill, h } from "../dom.js";
import { dateOf } from "../shown.js";
import { loadPasskeys, savePasskeys } from "../store.js";
import { ask, attempt, say } from "../ui.js";
import { wordsField } from "./words.js";

const MOST = 4;
const NOON = 43_200; // seconds after the start of a day in UTC: the same date nearly everywhere

/** What a passkey costs, before anybody makes one. */
export function beforeYouChoose() {
  return h("ul",
    h("li", "Who can unlock this device, or can force you to, opens your cases. If that may happen, stay with the words."),
    h("li", "The device lists the passkey as “Fener” with the address of this page. Apple, Google or Microsoft may copy it to your account with them."));
}

/** The passkeys that open the key file `text` in this browser. */
export const passkeysFor = async (text) => passkeysOf(saltOf(text), await loadPasskeys());

/** A section for the team page. */
export function passkeySection(desk) {
  const content = h("div");
  const text = desk.file;
  const again = () => attempt(async () => draw(content, text, await passkeysFor(text), await canUsePasskeys(), again));
  again();
  return h("section.card", h("h2", "Passkeys"), content);
}

function draw(content, text, passkeys, isPossible, again) {
  const mayAdd = isPossible && passkeys.length < MOST;
  fill(content,
    h("p", passkeys.length > 0
      ? "They open your keys in this browser. Your six words open them too, here and elsewhere."
      : "A passkey opens your keys with your finger, your face, a PIN or a security key. Your six words stay valid."),
    passkeys.length > 0 && h("ul.people", passkeys.map((passkey) => h("li",
      h("span", `Made on ${dateOf(passkey.made + NOON)}${placeOf(passkey)}`),
      h("div.actions", button("Remove", () => remove(text, passkey, again), { "aria-label": `Remove the passkey made on ${dateOf(passkey.made + NOON)}` }))))),
    mayAdd && h("div.actions", button("Add a passkey on this device", () => addOne(text, passkeys, again))),
    !isPossible && h("p.help", "This browser cannot make one at this address. Six words do the same."));
}

function placeOf({ transports }) {
  if (transports.includes("internal")) return ", on this device";
  if (transports.includes("hybrid")) return ", on a phone";
  return transports.length > 0 ? ", on a security key" : "";
}

/** The device first, because browsers want a click just before; then the words, which may be tried again. */
async function addOne(text, passkeys, again) {
  const { input, peek } = wordsField("words-for-passkey");
  const bar = h("progress", { max: "1", value: 0, hidden: true, "aria-label": "Checking your words" });
  const maker = new PasskeyMaker(passkeys);
  let made = null;
  let isOver = false;
  let isAdded = false;
  await ask("Add a passkey on this device", [
    beforeYouChoose(),
    h("label", { for: "words-for-passkey" }, "Your six words"),
    h("div.joined", input, peek),
    h("p.help", { id: "words-for-passkey-help" }, "So that nobody adds a passkey while you are away. Keep the paper: the words stay valid."),
    bar,
  ], [
    { label: "Cancel" },
    {
      label: "Make the passkey", kind: "primary",
      work: async () => {
        if (!input.value.trim()) {
          input.focus();
          return false;
        }
        made ??= await maker.make();
        if (isOver) return true;
        bar.hidden = false;
        try {
          const slow = (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; });
          const file = await KeyFile.open(text, input.value, slow, made);
          if (isOver) return true;
          await savePasskeys([...(await passkeysFor(text)).map((each) => each.text), file.passkey]);
        } catch (fault) {
          input.select();
          throw fault;
        } finally {
          bar.hidden = true;
        }
        isAdded = true;
        return true;
      },
    },
  ]);
  isOver = true;
  input.value = "";
  if (!isAdded) {
    maker.forget();
    return;
  }
  say("From now on this passkey opens your keys in this browser.");
  await again();
}

async function remove(text, passkey, again) {
  const box = h("input", { id: "have-paper", type: "checkbox" });
  let isRemoved = false;
  await ask("Remove this passkey?", [
    h("p", "It opens nothing any more. The device may still list it: delete it there too."),
    h("p.check", box, h("label", { for: "have-paper" }, "I have my six words on paper")),
  ], [
    { label: "Cancel" },
    {
      label: "Remove", kind: "primary",
      work: async () => {
        if (!box.checked) {
          box.focus();
          return false;
        }
        const others = (await passkeysFor(text)).filter((each) => each.text !== passkey.text);
        await savePasskeys(others.map((each) => each.text));
        isRemoved = true;
        return true;
      },
    },
  ]);
  if (!isRemoved) return;
  forgetPasskey(passkey);
  say("Removed. Your six words open your keys.");
  await again();
}
