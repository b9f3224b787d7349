// Saying things to the caseworker: a line of news, a line of trouble, a question in a dialog.

import { Refused } from "./crypto/wire.js";
import { button, fill, h } from "./dom.js";
import { DeskError } from "./server.js";

const TOLD_FOR = 6_000; // milliseconds
let fading = 0;

function tell(text, kind) {
  const [news, alarm] = [document.getElementById("news"), document.getElementById("alarm")];
  clearTimeout(fading);
  const place = kind === "trouble" ? alarm : news;
  fill(place === news ? alarm : news);
  fill(place, h("span", text), button("Dismiss", () => fill(place), { kind: "quiet" }));
  if (kind !== "trouble") fading = setTimeout(() => fill(news), TOLD_FOR);
}

/** Good news or plain news; goes by itself. */
export const say = (text) => tell(text, "news");

/** What went wrong and what to do; stays until dismissed. */
export const warn = (fault) => tell(sentence(fault), "trouble");

export function hush() {
  for (const id of ["news", "alarm"]) fill(document.getElementById(id));
}

const SENTENCES = {
  "keyfile.passphrase": "These words do not open the keys. Check each of the six words and their order.",
  "keyfile.format": "This is not a key file of Fener.",
  "keyring.format": "This is no change of a keyring. Open the file that the other lead saved.",
  "keyring.chain": "This change does not fit the keyring as it is now. Let the other lead make it again.",
  "keyring.signature": "No lead of your organisation signed this. Do not sign it.",
  "keyfile.kind": "This key file belongs to a server, not to a caseworker.",
  "passkey.unused": "No passkey was used: the question was cancelled, took too long, or the passkey is not on this device. Try again, or use your six words.",
  "passkey.wrong": "This passkey does not open the keys in this browser. Type your six words; then remove the passkey under Team and add it again.",
  "passkey.there": "This device has a passkey for these keys already.",
  "passkey.prf": "This passkey cannot lock keys: this device or browser lacks what is needed for that (PRF). Nothing is lost, and six words do the same.",
  "passkey.device": "Passkeys do not work here: the device has no finger, face or PIN set up, or this address does not allow them. Six words do the same.",
  "padding.too-long": "This text is too long: send it in two parts.",
};

/** A fault in one plain sentence. */
export function sentence(fault) {
  if (typeof fault === "string") return fault;
  if (fault instanceof DeskError) return fault.message;
  if (fault instanceof Refused) return SENTENCES[fault.code] ?? `Something does not verify (${fault.code}). Tell the operator.`;
  return "Something went wrong in this page. Reload it; nothing that was sent is lost.";
}

/** Do it, and say in words when it fails; whether it worked. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (fault) {
    warn(fault);
    return false;
  }
}

/** Close a dialog and take what was written in it out of the page at once, not when its event comes round. */
function end(dialog) {
  dialog.close();
  dialog.remove();
}

/**
 * Ask in a dialog. `body` are nodes; `actions` are `{label, kind, work}`; `work` may return false to keep it open.
 * Resolves when the dialog closed.
 */
export function ask(title, body, actions) {
  const heading = h("h2", { id: "dialog-title" }, title);
  const trouble = h("p.trouble", { role: "alert" });
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, heading, body, trouble);
  const row = h("div.actions");
  for (const { label, kind, work } of actions) {
    const act = async () => {
      fill(trouble);
      try {
        if ((await work?.()) !== false) end(dialog);
      } catch (fault) {
        fill(trouble, sentence(fault));
      }
    };
    row.append(button(label, act, { kind }));
  }
  dialog.append(row);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    dialog.showModal();
  });
}

/** Close any dialog, for a lock. */
export const closeDialogs = () => document.querySelectorAll("dialog").forEach(end);
