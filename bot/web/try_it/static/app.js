// The page: one conversation from opening to closing. Nothing outlives it here; leaving ends it on the server.

import { Api, Refused, randomNumber } from "./api.js";
import { Chat } from "./chat.js";
import { byId, element } from "./dom.js";
import { Kept } from "./kept.js";
import { preferred, say, speak } from "./words.js";

const NEUTRAL = "clock.html";
const PAUSE = 2000; // milliseconds before asking a server again that did not answer
const TWICE = 800; // milliseconds between two Escapes that mean: leave

const api = new Api();
const chat = new Chat((label, payload, english) => send({ tapped: payload }, label, true, english));
const kept = new Kept();
const field = byId("words");
let last = 0; // number of the newest message that came by itself
let left = false;
let sending = Promise.resolve(); // messages go out one after the other
let knocking = null;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function trouble(sentence) {
  byId("trouble").hidden = sentence === "";
  byId("trouble").textContent = sentence;
}

// --- entering --------------------------------------------------------------------------------------------

// One knock at a time; whoever needs the page to be known waits for the same one.
function enter() {
  knocking ??= knock().finally(() => { knocking = null; });
  return knocking;
}

async function knock() {
  while (!left) {
    try {
      const about = await api.enter();
      last = 0;
      trouble("");
      return about;
    } catch (fault) {
      if (left) break;
      trouble(say(fault instanceof Refused && fault.status === 429 ? "busy" : "away"));
      await pause(PAUSE);
    }
  }
  return null;
}

async function listen() {
  while (!left) {
    try {
      const { news } = await api.news(last);
      trouble("");
      for (const { number, said } of news) {
        if (number <= last) continue;
        last = number;
        chat.theirs(said);
        kept.arrived();
      }
    } catch (fault) {
      if (left) return;
      if (fault instanceof Refused && fault.status === 409) await enter();
      else trouble(say("away"));
      await pause(PAUSE);
    }
  }
}

// --- saying ----------------------------------------------------------------------------------------------

function send(what, shown, tapped = false, english = "") {
  const message = { message_id: randomNumber(), ...what };
  const mark = chat.mine(shown, tapped, english);
  const attempt = () => {
    sending = sending.then(() => deliver(message, mark, attempt));
  };
  attempt();
}

async function deliver(message, mark, again) {
  if (left) return;
  byId("writing").hidden = false;
  try {
    const answer = await said(message);
    mark.ok();
    if (answer.said) chat.theirs(answer.said);
    if (answer.kept?.did.includes("erased")) chat.forgetEarlier();
    kept.turn(answer.kept, answer.failed);
    trouble("");
  } catch (fault) {
    if (left) return;
    mark.failed(again); // the same message number: if it did arrive, it has no second effect
    trouble(say(fault instanceof Refused && fault.status === 429 ? "busy" : "away"));
  } finally {
    byId("writing").hidden = true;
  }
}

async function said(message) {
  try {
    return await api.say(message);
  } catch (fault) {
    if (!(fault instanceof Refused) || fault.status !== 409) throw fault;
    await enter();
    return api.say(message);
  }
}

function compose(event) {
  event.preventDefault();
  const text = field.value.trim();
  if (text === "") return;
  field.value = "";
  grow();
  send({ text }, text);
  field.focus();
}

function grow() {
  field.rows = Math.min(4, field.value.split("\n").length);
}

// --- leaving ---------------------------------------------------------------------------------------------

function empty() {
  left = true;
  api.leave();
  chat.wipe();
  field.value = "";
  document.body.replaceChildren();
}

function exit(event) {
  event?.preventDefault();
  if (!left) empty();
  location.replace(NEUTRAL); // in the place of this page: "back" does not lead here
}

let escaped = -Infinity;

function onKey(event) {
  if (event.key !== "Escape") return;
  if (event.timeStamp - escaped < TWICE) exit(event);
  escaped = event.timeStamp;
}

// --- from here -------------------------------------------------------------------------------------------

byId("exit").addEventListener("click", exit);
document.addEventListener("keydown", onKey);
addEventListener("pagehide", () => { if (!left) empty(); });
addEventListener("pageshow", (event) => { if (event.persisted) location.replace(NEUTRAL); });
byId("compose").addEventListener("submit", compose);
byId("hi").addEventListener("click", () => { send({ text: "hi" }, "hi"); field.focus(); });
field.addEventListener("input", grow);
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) compose(event);
});
for (const radio of document.querySelectorAll("input[name=look]")) {
  radio.addEventListener("change", () => chat.look(radio.value));
  if (radio.value === "whatsapp") radio.checked = true; // browsers restore forms
}

// The languages of the page itself; the conversation has its own.
async function offerLanguages(languages) {
  const tongue = byId("tongue");
  for (const { code, name } of languages) {
    tongue.append(element("option", { value: code, lang: code, text: name }));
  }
  tongue.value = preferred(languages);
  tongue.addEventListener("change", async () => {
    await speak(tongue.value);
    kept.show();
  });
  await speak(tongue.value);
}

await speak("en");
const about = await enter();
if (about !== null) {
  await offerLanguages(about.languages);
  kept.begin(about);
  byId(about.demo ? "demo" : "real").hidden = false;
  byId("other-how").hidden = !about.demo;
  document.body.dataset.ready = "yes";
  listen();
}
