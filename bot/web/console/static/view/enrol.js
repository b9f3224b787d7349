// The first day: a work name, keys made in this browser, a passkey for who wants one, six words on paper, and to work.

import { PasskeyMaker, canUsePasskeys } from "../authenticator.js";
import { KeyFile } from "../crypto/keyfile.js";
import { stretch } from "../crypto/stretch.js";
import { makePassphrase } from "../crypto/words.js";
import { askInvitation, enrol } from "../desk.js";
import { button, field, fill, h } from "../dom.js";
import { name, plainName } from "../shown.js";
import { savePasskeys } from "../store.js";
import { sentence, warn } from "../ui.js";
import { beforeYouChoose } from "./passkeys.js";
import { printSheet, recoverySheet, saveFile } from "./sheet.js";

const STEPS = ["Your work name", "Your six words", "Check the words"];
const STEPS_WITH_PASSKEY = ["Your work name", "Your passkey", "Your six words", "Check the words"];

/** Lead through enrolment; `done(desk, news)` when the caseworker can work. */
export async function showEnrolment(page, { token, server, hasKeys, done }) {
  let invited;
  try {
    invited = await askInvitation(server, token);
  } catch (fault) {
    step(page, null, "This link does not work", h("div.card", h("p", sentence(fault)),
      h("p", "A link works once, and for 30 minutes. Ask your lead or the operator for a new one.")));
    return;
  }
  const words = makePassphrase();
  const given = { token, server, words, invited, alias: "", file: null, wantsPasskey: false, passkey: null, done };
  askName(page, given, { hasKeys, offersPasskey: await canUsePasskeys() });
}

function step(page, steps, title, ...content) {
  const heading = h("h1", { tabindex: "-1" }, title);
  fill(page, h("main.narrow", { id: "main", tabindex: "-1" },
    steps && h("ol.steps", { "aria-label": "Steps" }, steps.all.map((each, at) =>
      h("li", { "aria-current": at + 1 === steps.number ? "step" : null }, each))),
    heading, content));
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** All steps of the way that was chosen, and which of them this one is. */
function at({ wantsPasskey }, title) {
  const all = wantsPasskey ? STEPS_WITH_PASSKEY : STEPS;
  return { all, number: all.indexOf(title) + 1 };
}

function askName(page, given, { hasKeys, offersPasskey }) {
  const { invited } = given;
  const input = field("input", { id: "alias", maxlength: "40", required: true, "aria-describedby": "alias-help" });
  const trouble = h("p.trouble", { role: "alert" });
  const form = h("form.card",
    h("p", "You are invited as ", h("strong", plainName(invited.role).toLowerCase()), " of ", h("strong", name(invited.organisation_name)), "."),
    hasKeys && h("p.notice", "This browser already holds the keys of a caseworker. Going on replaces them: if they are still needed, stop here and use another browser profile."),
    h("label", { for: "alias" }, "Your work name"), input,
    h("p.help", { id: "alias-help" }, "As colleagues see it, and as you may sign what you write. It need not be your real name."),
    offersPasskey && waysToOpen(),
    trouble,
    h("div.actions", h("button.primary", { type: "submit" }, "Continue")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const alias = input.value.trim();
    if (!alias || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(alias)) {
      fill(trouble, "Choose a name of 1 to 40 letters.");
      input.focus();
      return;
    }
    given.alias = alias;
    given.wantsPasskey = form.querySelector("#by-passkey")?.checked === true;
    if (given.wantsPasskey) askPasskey(page, given);
    else showWords(page, given);
  });
  step(page, at(given, "Your work name"), "Welcome to Fener", form);
  input.focus();
}

function waysToOpen() {
  const way = (id, title, help, checked) => h("p.check",
    h("input", { id, type: "radio", name: "way", value: id, checked, "aria-describedby": `${id}-help` }),
    h("span", h("label", { for: id }, title), h("span.help", { id: `${id}-help` }, help)));
  return h("fieldset",
    h("legend", "How will you open your keys each day?"),
    way("by-words", "Six words from paper", "Works in every browser. The device does not know them.", true),
    way("by-passkey", "A passkey: finger, face, PIN or security key", "Quick, in this browser only. Six words on paper stay your way back.", false));
}

function askPasskey(page, given) {
  const maker = new PasskeyMaker();
  const trouble = h("p.trouble", { role: "alert" });
  const make = button("Make the passkey", async () => {
    fill(trouble);
    try {
      const passkey = await maker.make();
      if (!given.wantsPasskey) return maker.forget();
      given.passkey = passkey;
    } catch (fault) {
      return fill(trouble, sentence(fault));
    }
    return showWords(page, given);
  }, { kind: "primary" });
  const withWords = button("Go on with six words", () => {
    maker.forget();
    given.wantsPasskey = false;
    showWords(page, given);
  });
  step(page, at(given, "Your passkey"), "Make your passkey", h("div.card",
    h("p", "Your device asks for your finger, your face or its PIN, and computes from it what locks your keys. The server learns nothing of it."),
    beforeYouChoose(),
    trouble,
    h("div.actions", make, withWords)));
  make.focus();
}

function showWords(page, given) {
  const { words, alias, invited, server, passkey } = given;
  const bar = h("progress", { max: "1", value: 0, "aria-label": "Locking your keys" });
  const state = h("p.help", { role: "status" }, "Your keys are being locked with these words ...");
  const next = h("button.primary", { type: "button", disabled: true }, "I have written them down");
  next.addEventListener("click", () => checkWords(page, given));
  const sheet = recoverySheet({ words, alias, organisation: invited.organisation_name, server: server.address });
  step(page, at(given, "Your six words"), "Write these six words on paper",
    h("div.card",
      passkey && h("p", h("strong", "The passkey is made."), " It cannot be copied onto paper. When it is lost, these words open your keys; when this device is lost, these words and the key file that you save at the end."),
      h("p", passkey ? "" : "They open your keys, every time you start. ", "Nobody else has them: not us, not the operator."),
      h("ol.words-list", { id: "words", translate: "no" }, words.map((word) => h("li", word))),
      h("div.actions", button("Print the recovery sheet", () => printSheet(sheet)), next),
      bar, state),
    sheet);
  const notes = { server: server.address, organisation: invited.organisation, alias, root: "" };
  const slow = (passphrase, salt) => stretch(passphrase, salt, (share) => { bar.value = share; });
  KeyFile.make(words.join(" "), notes, slow, passkey).then((file) => {
    given.file = file;
    next.disabled = false;
    bar.value = 1;
    fill(state, "Your keys are made and locked, in this browser only.");
  }, (fault) => fill(state, sentence(fault)));
}

function checkWords(page, given) {
  const places = twoPlaces();
  const inputs = places.map((place) => field("input", { id: `word-${place}`, required: true }));
  const trouble = h("p.trouble", { role: "alert" });
  const submit = h("button.primary", { type: "submit" }, "Start");
  const form = h("form.card",
    h("p", "So that you are sure your paper is right, type two of the words from it."),
    places.map((place, at) => [h("label", { for: `word-${place}` }, `Word ${place + 1}`), inputs[at]]),
    trouble,
    h("div.actions", button("Show the words again", () => showWords(page, { ...given, file: null })), submit));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = places.findIndex((place, at) => inputs[at].value.trim().toLowerCase() !== given.words[place]);
    if (wrong >= 0) {
      fill(trouble, `Word ${places[wrong] + 1} is another one. Look at your paper, or show the words again.`);
      inputs[wrong].focus();
      return;
    }
    submit.disabled = true;
    fill(trouble);
    try {
      const enrolled = await enrol(given.server, given.file, given);
      await savePasskeys(given.passkey ? [given.file.passkey] : []).catch(warn);
      finish(page, given, enrolled);
    } catch (fault) {
      fill(trouble, sentence(fault));
      submit.disabled = false;
    }
  });
  step(page, at(given, "Check the words"), "Check your paper", form);
  inputs[0].focus();
}

function twoPlaces() {
  const [first, second] = crypto.getRandomValues(new Uint8Array(2));
  const one = first % 6;
  const other = (one + 1 + (second % 5)) % 6;
  return [one, other].sort();
}

async function finish(page, { alias, words, invited, server, done }, { desk, standing, root }) {
  const sheet = recoverySheet({ words, alias, organisation: invited.organisation_name, server: server.address });
  const keep = h("div.card",
    h("h2", "Keep a copy of your keys"),
    h("p", "Save the key file on a stick or in a safe place. It is locked: without your six words it opens nothing."),
    h("div.actions", button("Save the key file", () => saveFile(desk.file, alias)), button("Print the recovery sheet", () => printSheet(sheet))));
  const start = button("Start working", () => done(desk), { kind: "primary" });
  if (standing === "member") {
    step(page, null, "You are ready", h("div.card",
      h("p", "You are in the keyring of ", h("strong", name(invited.organisation_name)), " and on duty for 8 hours."),
      h("div.actions", start)), keep, sheet);
    start.focus();
    return;
  }
  if (standing === "found-keyring") {
    step(page, null, "You founded your organisation's keyring", h("div.card",
      h("p", "Now the operator pins it. Send these two lines, and read the first eight characters to each other by voice:"),
      h("pre", { tabindex: "0" }, `[keyrings]\n${desk.organisation} = "${root}"`),
      h("p", "They go into fener.toml. After the server was started again, go on duty in the console."),
      h("div.actions", start)), keep, sheet);
    return;
  }
  if (standing === "no-recipient") {
    step(page, null, "You are enrolled", h("div.card",
      h("p", "Your role receives no cases: your keys only sign you in."),
      h("div.actions", start)), keep, sheet);
    start.focus();
    return;
  }
  const mine = await desk.words();
  step(page, null, "Now call your lead", h("div.card",
    h("p", "Call them, and read them these eight words. When they see the same, they sign you in. Do not write the words: who can change a message can change them too."),
    h("ol.words-list", mine.map((word) => h("li", word))),
    h("p", "Until then no case can come to you."),
    h("div.actions", start)), keep, sheet);
}
