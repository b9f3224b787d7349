// Where the page begins: an enrolment link, locked keys, or nothing yet. And where it ends: lock, idle, page left.

import { wake } from "./chime.js";
import { missing } from "./crypto/keys.js";
import { fill, h } from "./dom.js";
import { Server } from "./server.js";
import { loadKeyFile } from "./store.js";
import { closeDialogs, hush, warn } from "./ui.js";
import { showEnrolment } from "./view/enrol.js";
import { showUnlock, showWelcome } from "./view/unlock.js";
import { RolePage } from "./view/role.js";
import { Work } from "./view/work.js";
import { Watch } from "./watch.js";

const IDLE = 10 * 60_000; // milliseconds until the page locks itself

const page = document.getElementById("page");
let work = null;
let watch = null;
let server = new Server();
let lastTouched = Date.now();

/** The token of an enrolment link, which leaves the address at once. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("enrol") ?? "";
  if (location.hash.startsWith("#enrol=")) history.replaceState(null, "", location.pathname);
  return token;
}

async function begin() {
  const token = takeToken();
  const lacks = await missing();
  if (lacks.length > 0) return showUnsupported(lacks);
  const text = await loadKeyFile();
  if (token) return showEnrolment(page, { token, server, hasKeys: text !== undefined, done: enter });
  if (text !== undefined) return showUnlock(page, { text, server, done: enter, begin });
  return showWelcome(page, { begin });
}

function showUnsupported(lacks) {
  fill(page, h("main.narrow", { id: "main", tabindex: "-1" },
    h("h1", "This browser cannot keep your keys safely"),
    h("div.card",
      h("p", `It lacks ${lacks.join(", ")}.`),
      h("p", "Use Chrome or Edge 137, Firefox 130 or Safari 17, or a newer one, and open the link again there. Your link is not used up."),
      h("p", "On the command line, ", h("code", "fener case"), " does the same work."))));
}

/** To work: keys are open. */
function enter(desk, news = null) {
  lastTouched = Date.now();
  hush();
  watch?.stop();
  watch = null;
  if (!desk.may.has("cases")) {
    work = new RolePage(page, desk, { lock });
    return;
  }
  watch = new Watch(desk.server, hear);
  work = new Work(page, desk, watch, { lock, news });
  watch.start();
}

function hear(told) {
  if (told.fault?.status === 401) lock("Your session is over: nothing rings until you unlock.", { listens: false });
  else work?.hear(told);
}

/** Forget every key and word; keep listening, so that a new case still rings. */
async function lock(reason = "Locked.", { listens = watch !== null } = {}) {
  if (work === null && listens) return;
  if (!listens) {
    watch?.stop();
    watch = null;
  }
  closeDialogs();
  hush();
  work?.end();
  work = null;
  await showUnlock(page, { text: await loadKeyFile(), server: new Server(), done: unlocked, begin, reason, listens });
}

function unlocked(desk) {
  server.call("POST", "/logout").catch(() => {});
  server = desk.server;
  enter(desk);
}

function touched() {
  lastTouched = Date.now();
  wake();
}

for (const event of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(event, touched, { passive: true });

function lockWhenIdle() {
  if (work !== null && Date.now() - lastTouched >= IDLE) lock("Locked after ten quiet minutes.");
}
setInterval(lockWhenIdle, 5_000);
document.addEventListener("visibilitychange", lockWhenIdle);

addEventListener("pagehide", () => {
  watch?.stop();
  work?.end();
  work = null;
  fill(page);
  hush();
  if (server.isSignedIn) server.leave();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
addEventListener("unhandledrejection", ({ reason }) => warn(reason));

begin().catch(warn);
