// My keys: the words that prove them, a copy, new words for who lost the paper, and the way to another computer.

import { usePasskey } from "../authenticator.js";
import { KeyFile } from "../crypto/keyfile.js";
import { stretch } from "../crypto/stretch.js";
import { makePassphrase } from "../crypto/words.js";
import { button, fill, h } from "../dom.js";
import { ask, say, sentence } from "../ui.js";
import { passkeysFor } from "./passkeys.js";
import { printSheet, recoverySheet, saveFile } from "./sheet.js";
import { wordsField } from "./words.js";

/** A section for the team page. */
export function myKeys(desk, team, words, again) {
  const section = h("section.card");
  fill(section,
    h("h2", "My keys"),
    !team.isMember && h("p.notice", "No lead has signed you in yet. Call your lead and read them these words. Do not write them."),
    h("p.help", "Words of your key, to compare by voice:"),
    h("ol.words-list", words.map((word) => h("li", word))),
    h("div.actions",
      button("Save the key file", () => saveFile(desk.file, desk.alias)),
      button("Use on another computer", () => elsewhere(desk)),
      button("Make new words", () => newWords(section, desk, team, again))),
    h("p.help", "Keep the file and your six words apart from this computer: together they bring your keys back."));
  return section;
}

function elsewhere(desk) {
  return ask("Use on another computer", [
    h("h3", "You move to another computer"),
    h("ol",
      h("li", "Save the key file here, on a stick. It is locked."),
      h("li", `On the other computer open ${desk.server.address}/console/ and choose “I have a key file”.`),
      h("li", "Type your six words."),
      h("li", "From then on work there only. Keys change every week: the copy that is not used falls behind, and cannot read what came meanwhile.")),
    h("h3", "You work on two computers"),
    h("ol",
      h("li", "Ask your lead for a second link, and open it on the other computer. It makes keys of its own."),
      h("li", "Call your lead and read them the eight words that it shows. They sign it in."),
      h("li", "Here, under Team, choose “Share open cases” beside your other name.")),
    h("p", "When one of the two is lost, the lead takes only that one out."),
  ], [
    { label: "Close" },
    { label: "Save the key file", work: () => saveFile(desk.file, desk.alias) },
  ]);
}

/** Who can still open the keys locks them under new words: first they show that it is them. */
async function newWords(section, desk, team, again) {
  const passkeys = await passkeysFor(desk.file);
  const { input, peek } = wordsField("old-words");
  const bar = h("progress", { max: "1", value: 0, hidden: true, "aria-label": "Checking" });
  const byPasskey = passkeys.length > 0;
  let proof = null;
  await ask("Make new words?", [
    h("p", "For when the paper was lost, or somebody saw it. You get six new words. The old ones open nothing in this browser any more."),
    h("p", "A key file that you saved before still opens with the old words: delete it. If somebody may have both, ask your lead for a new link instead, and to take your old keys out."),
    byPasskey
      ? h("p", "Your device asks for your passkey now.")
      : [h("label", { for: "old-words" }, "Your six words, as they are now"), h("div.joined", input, peek),
        h("p.help", { id: "old-words-help" }, "So that nobody does this while you are away.")],
    bar,
  ], [
    { label: "Cancel" },
    {
      label: "Continue", kind: "primary",
      work: async () => {
        bar.hidden = byPasskey;
        try {
          proof = byPasskey ? await provenByPasskey(desk, passkeys) : await provenByWords(desk, input, bar);
        } finally {
          bar.hidden = true;
        }
        return proof !== null;
      },
    },
  ]);
  input.value = "";
  if (proof !== null) showWords(section, desk, team, { again, passkey: proof.passkey });
}

async function provenByPasskey(desk, passkeys) {
  const { passkey, secret } = await usePasskey(passkeys);
  await KeyFile.openByPasskey(desk.file, passkey, secret);
  return { passkey: { ...passkey, secret } };
}

async function provenByWords(desk, input, bar) {
  if (!input.value.trim()) {
    input.focus();
    return null;
  }
  await KeyFile.open(desk.file, input.value, (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; }));
  return { passkey: null };
}

function showWords(section, desk, team, { again, passkey }) {
  const words = makePassphrase();
  const places = twoPlaces();
  const bar = h("progress", { max: "1", value: 0, "aria-label": "Locking your keys" });
  const trouble = h("p.trouble", { role: "alert" });
  const heading = h("h2", { tabindex: "-1" }, "Write these six words on paper");
  const list = h("ol.words-list", { id: "new-words", translate: "no" }, words.map((word) => h("li", word)));
  const sheet = recoverySheet({ words, alias: desk.alias, organisation: team.keyring?.name ?? desk.organisation, server: desk.server.address });
  const inputs = places.map((place) => wordsField(`new-word-${place}`).input);
  const submit = h("button.primary", { type: "submit", disabled: true }, "Use the new words");
  let fresh = null;
  const form = h("form",
    h("p", "Then type two of them from the paper. Until you do, the old words stay."),
    places.map((place, at) => [h("label", { for: `new-word-${place}` }, `New word ${place + 1}`), inputs[at],
      h("span.help", { id: `new-word-${place}-help` })]),
    bar, trouble,
    h("div.actions", button("Leave it as it was", again), submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (fresh === null || submit.disabled) return;
    const wrong = places.findIndex((place, at) => inputs[at].value.trim().toLowerCase() !== words[place]);
    if (wrong >= 0) {
      fill(trouble, `New word ${places[wrong] + 1} is another one. Look at your paper.`);
      inputs[wrong].focus();
      return;
    }
    submit.disabled = true;
    try {
      await desk.changeWords(fresh);
    } catch (fault) {
      fill(trouble, sentence(fault));
      submit.disabled = false;
      return;
    }
    say(passkey === null
      ? "From now on the new words open your keys. Save the key file again, and destroy the old paper."
      : "From now on the new words open your keys, and this passkey as before. Save the key file again; add other passkeys again.");
    await again();
  });
  fill(section, heading,
    h("p", "Nobody else has them: not us, not the operator."), list,
    h("div.actions", button("Print the recovery sheet", () => printSheet(sheet))), form);
  heading.focus({ preventScroll: true });
  KeyFile.prepare(words.join(" "), (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; }), passkey).then((file) => {
    fresh = file;
    bar.value = 1;
    submit.disabled = false;
  }, (fault) => fill(trouble, sentence(fault)));
}

function twoPlaces() {
  const [first, second] = crypto.getRandomValues(new Uint8Array(2));
  const one = first % 6;
  return [one, (one + 1 + (second % 5)) % 6].sort();
}
