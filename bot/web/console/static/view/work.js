// The page of a working day: bar, queue, case, team; what the keyboard does; what happens when news comes.

import { soundIsOn, switchSound } from "../chime.js";
import { button, fill, h } from "../dom.js";
import { clockOf, name } from "../shown.js";
import { ask, attempt, hush, say, warn } from "../ui.js";
import { askPause } from "./care.js";
import { CaseView } from "./case.js";
import { Hurtful } from "../hurtful.js";
import { showDirectory } from "./directory.js";
import { showHelp } from "./help.js";
import { showNumbers } from "./numbers.js";
import { networkPossible } from "./possible.js";
import { queueList } from "./queue.js";
import { showTeam } from "./team.js";

const READ_AGAIN = 60_000; // milliseconds between readings that nothing asked for: each is in the audit
const HOURS = [2, 4, 8, 12];
const WATCHED = ["messages", "replies", "notes", "status", "claimed_by", "reachable_until", "epoch", "urgency", "muted_until", "emergency"];
const AUDIT = {
  unvouched: "The server no longer stands by the audit of your organisation. Tell your lead and the operator.",
  cut: "The end of your organisation's audit is missing since you last signed in. Tell your lead and the operator.",
  rewritten: "Your organisation's audit was made anew since you last signed in. Tell your lead and the operator.",
};

const MANY = { "case.read": "opened", "case.exported": "saved" };

export class Work {
  #desk;
  #watch;
  #lock;
  #rows = [];
  #team = null;
  #hurtful = null; // words that begin out of sight
  #rules = null; // what holds on this server for every case
  #drafts = new Map(); // case -> what was written there and not sent, while the page is open
  #view = null; // the case on the screen
  #current = null; // its id
  #reading = false;
  #keysOn = true;
  #over = false;
  #offline = false;
  #readAt = 0;
  #wasHeavy = false; // a case that was needed now has just been closed: a pause is offered
  #onSight = () => this.#seeAgain();
  #onKey = (event) => this.#key(event);

  constructor(page, desk, watch, { lock }) {
    this.#desk = desk;
    this.#watch = watch;
    this.#lock = lock;
    this.list = h("div.list");
    this.stage = h("div.stage");
    this.duty = button("Duty ...", () => this.#askDuty(), { kind: "duty" });
    this.organisation = h("span.organisation");
    this.sound = button("", () => this.#turnSound(), { kind: "quiet sound" });
    this.banner = h("div.banner", { role: "status" });
    this.element = h("div.work",
      h("header.bar",
        h("span.brand", h("img", { src: "static/lantern.svg", alt: "", width: "28", height: "28" }), h("span", "Fener"), this.organisation),
        h("div.bar-actions", this.duty, this.sound,
          button("Directory", () => this.#showDirectory(), { kind: "quiet", "aria-keyshortcuts": "o" }),
          desk.may.has("report") && button("Numbers", () => this.#showNumbers(), { kind: "quiet", "aria-keyshortcuts": "u" }),
          button("Team", () => this.#showTeam(), { kind: "quiet", "aria-keyshortcuts": "t" }),
          button("Help", () => this.#help(), { kind: "quiet", "aria-keyshortcuts": "?" }),
          button("Lock", () => this.#lock(), { kind: "quiet", "aria-keyshortcuts": "l" }))),
      this.banner,
      h("main", { id: "main", tabindex: "-1" },
        h("section.queue", { "aria-labelledby": "queue-title" }, h("h2", { id: "queue-title", tabindex: "-1" }, "Queue"), this.list),
        this.stage));
    this.#nothingOpen();
    this.#drawSound();
    fill(page, this.element);
    addEventListener("keydown", this.#onKey);
    document.addEventListener("visibilitychange", this.#onSight);
    document.getElementById("queue-title").focus({ preventScroll: true });
    attempt(() => this.#readTeam());
    desk.onKeyringChange = () => say("The keyring of your organisation changed. Look at Team: do you know everybody there?");
    this.teamTimer = setInterval(() => this.#readTeam().catch(() => {}), 60_000);
  }

  /** Forget everything that was opened. */
  end() {
    this.#over = true;
    clearInterval(this.teamTimer);
    removeEventListener("keydown", this.#onKey);
    document.removeEventListener("visibilitychange", this.#onSight);
    this.#view?.wipe();
    this.#view = null;
    this.#current = null;
    this.#rows = [];
    this.#drafts.clear();
    this.element.replaceChildren();
    this.#desk.wipe();
  }

  /** What the watch saw. */
  hear({ rows, isNews, fault }) {
    if (this.#over) return;
    if (fault) {
      if (fault.code === "keyring.member") {
        if (!this.#offline) attempt(() => this.#readTeam()); // the banner says what is missing
      } else if (!this.#offline) warn(fault);
      this.#offline = true;
      return;
    }
    if (this.#offline) hush();
    this.#offline = false;
    const before = this.#rows.find((row) => row.id === this.#current);
    this.#rows = rows;
    const now = rows.find((row) => row.id === this.#current);
    if (now && document.visibilityState === "visible") this.#watch.seen(now);
    this.#drawQueue();
    if (isNews && rows.some((row) => row.id !== this.#current && this.#watch.fresh(row) > 0)) say("Something new in the queue.");
    if (!this.#current) return;
    if (!now) this.#gone();
    else if (this.#view && (!before || WATCHED.some((field) => before[field] !== now[field]))) this.#readAgain();
    else this.#view?.tellChannel(now);
  }

  // --- queue and case -----------------------------------------------------------------------------------

  #names() {
    const names = new Map();
    for (const each of this.#team?.staff ?? []) {
      const member = this.#team.keyring?.members.find((one) => one.kid === each.kid);
      if (member) names.set(each.id, member.alias);
    }
    return names;
  }

  #away() {
    return this.#team?.away ?? new Map();
  }

  #drawQueue() {
    const focused = document.activeElement?.dataset?.case;
    const context = { open: (id) => this.#open(id), current: this.#current, watch: this.#watch, names: this.#names(), away: this.#away() };
    const fresh = queueList(this.#rows, context);
    if (fresh.isEqualNode(this.list.firstElementChild)) return;
    fill(this.list, fresh);
    if (focused) this.list.querySelector(`[data-case="${CSS.escape(focused)}"]`)?.focus();
  }

  #nothingOpen() {
    this.element.classList.remove("has-case");
    this.possible = h("div");
    fill(this.stage, h("div.quiet-stage", h("img", { src: "static/lantern.svg", alt: "", width: "72", height: "72" }),
      h("p", "Choose a case from the queue."), h("p.help", "Press ", h("kbd", "?"), " for the keyboard."),
      h("section.card", { "aria-labelledby": "possible-title", hidden: true }, h("h2", { id: "possible-title" }, "What is possible here"), this.possible)));
    this.#drawPossible();
  }

  #drawPossible() {
    if (this.#team === null || this.#rules === null) return;
    fill(this.possible, networkPossible(this.#team, this.#rules, this.#desk.kid));
    this.possible.parentElement.hidden = false;
  }

  /** Leave the case on the screen; what was written there and not sent comes back with it. */
  #leave() {
    const drafts = this.#view?.composer.drafts;
    if (drafts?.reply.trim() || drafts?.note.trim()) this.#drafts.set(this.#current, drafts);
    else this.#drafts.delete(this.#current);
    if (this.#current !== null) this.#desk.leave(this.#current);
    this.#view?.wipe();
    this.#view = null;
    this.#current = null;
  }

  async #open(id) {
    if (this.#reading) return;
    this.#reading = true;
    this.element.classList.add("is-reading");
    try {
      const [opened] = await Promise.all([this.#desk.open(id), this.#rules === null && this.#readRules(), this.#hurtful === null && this.#readHurtful()]);
      if (this.#over) return;
      this.#leave();
      this.#view = new CaseView(this.#desk, {
        changed: () => this.#readAgain(), back: () => this.#toQueue(), names: () => this.#names(), failed: warn,
        hurts: (text) => this.#hurtful.hurts(text), away: () => this.#away(), pause: () => this.#askPause(),
        rules: () => this.#rules, settle: () => this.#settle(),
        left: async () => {
          this.#view?.composer.wipe();
          say("You stepped back. The case waits for a colleague.");
          this.#toQueue();
          await this.#watch.look();
        },
        closed: async (row) => {
          this.#wasHeavy = row.urgency === "now";
          this.#view?.composer.wipe();
          say("Closed.");
          this.#toQueue();
          await this.#watch.look();
        },
      });
      this.#current = id;
      this.#readAt = Date.now();
      this.#team = opened.team;
      this.#watch.seen(opened.row);
      fill(this.stage, this.#view.element);
      this.element.classList.add("has-case");
      this.#view.show(opened, { isNew: true });
      if (this.#drafts.has(id)) this.#view.composer.restore(this.#drafts.get(id));
      this.#drawQueue();
      hush();
      this.#view.heading.focus({ preventScroll: true });
    } catch (fault) {
      if (!this.#over) warn(fault);
    } finally {
      this.#reading = false;
      this.element.classList.remove("is-reading");
    }
  }

  /** The open case once more: somebody wrote, or we did. */
  async #readAgain() {
    const id = this.#current;
    if (id === null) return;
    try {
      const opened = await this.#desk.open(id);
      if (this.#over || this.#current !== id || this.#view === null) return;
      this.#readAt = Date.now();
      this.#rows = this.#rows.map((row) => (row.id === id ? opened.row : row));
      this.#watch.seen(opened.row);
      this.#view.show(opened);
      this.#drawQueue();
    } catch (fault) {
      if (this.#over) return;
      if (fault.code === "case.unknown") this.#gone();
      else {
        warn(fault);
        if (["case.gap", "case.tampered", "keyring.refused"].includes(fault.code)) this.#toQueue();
      }
    }
  }

  /** While the page was out of sight nothing was read: look when it comes back. */
  #seeAgain() {
    if (document.visibilityState === "visible" && Date.now() - this.#readAt > READ_AGAIN) this.#readAgain();
  }

  /** A colleague closed the case, or the person erased it. What one was writing is shown once more, and nothing else. */
  #gone() {
    const { reply, note } = this.#view?.composer.drafts ?? { reply: "", note: "" };
    const unsent = [reply.trim(), note.trim()].filter(Boolean);
    this.#view?.composer.wipe();
    this.#toQueue();
    if (unsent.length === 0) {
      say("The case that you had open was closed or erased.");
      return;
    }
    ask("The case that you had open was closed or erased", [
      h("p", "What you were writing was not sent. It is shown here once, so that you can copy it."),
      unsent.map((words, at) => h("textarea", { readonly: true, rows: "4", dir: "auto", "aria-label": at > 0 || !reply.trim() ? "Your note" : "Your reply" }, words)),
    ], [{ label: "Let it go", kind: "primary" }]).then(() => this.#settle());
  }

  #toQueue() {
    this.#leave();
    this.#nothingOpen();
    this.#drawQueue();
    document.getElementById("queue-title").focus({ preventScroll: true });
  }

  /** After a dialog whose case is gone: what had the focus before is no more. */
  #settle() {
    if (!this.#over && this.#wasHeavy) {
      this.#wasHeavy = false;
      this.#askPause("That case was needed now. A pause?");
    }
    if (!this.#over && document.activeElement === document.body) document.getElementById("queue-title").focus({ preventScroll: true });
  }

  #showTeam() {
    return showTeam(this.#clearStage(), this.#desk, { lock: this.#lock });
  }

  #showNumbers() {
    return showNumbers(this.#clearStage(), this.#desk);
  }

  #showDirectory() {
    return showDirectory(this.#clearStage(), this.#desk);
  }

  /** Room for something that is no case, with the way back to the queue. */
  #clearStage() {
    this.#leave();
    this.element.classList.add("has-case");
    this.#drawQueue();
    const place = h("div");
    fill(this.stage, button("← Queue", () => this.#toQueue(), { kind: "quiet back" }), place);
    return place;
  }

  // --- duty, team, sound -----------------------------------------------------------------------------------

  async #readTeam() {
    const [team, alarms] = await Promise.all([this.#desk.team(), this.#desk.alarms(), this.#readRules()]);
    if (this.#over) return;
    this.#team = team;
    this.#drawDuty();
    this.#drawPossible();
    this.#drawQueue();
    fill(this.organisation, team.keyring ? name(team.keyring.name) : this.#desk.organisation);
    fill(this.banner, !team.isMember && h("p", team.keyring === null && team.entries.length > 0
      ? "The operator has not pinned your keyring yet: no case can come until then. "
      : "No lead has signed you in yet: no case can come to you until then. ",
    button("Show my words", () => this.#showTeam(), { kind: "quiet" })), team.audit && h("p", AUDIT[team.audit]), this.#alarmsOf(alarms));
  }

  /** Who opened or saved unusually many cases: each once, with the most of these days. The server tells leads only. */
  #alarmsOf(alarms) {
    const names = this.#names();
    const most = new Map();
    for (const each of alarms) {
      const key = `${each.event} ${each.who}`;
      if (!(most.get(key)?.cases >= each.cases)) most.set(key, each);
    }
    return [...most.values()].map(({ who, event, cases }) => h("p",
      names.has(who) ? name(names.get(who)) : "Somebody who left", ` ${MANY[event]} ${cases} cases within two hours. Talk to them.`));
  }

  async #readRules() {
    this.#rules = await this.#desk.rules();
  }

  async #readHurtful() {
    this.#hurtful = new Hurtful(await this.#desk.abuse());
  }

  #drawDuty() {
    const back = this.#away().get(this.#desk.id);
    this.#watch.quietUntil = (back ?? 0) * 1000;
    const until = !back && this.#team?.duty.get(this.#desk.kid);
    this.duty.classList.toggle("is-on", Boolean(until));
    fill(this.duty, h("span.lamp", { "aria-hidden": "true" }), h("span", back ? `Away until ${clockOf(back)}` : until ? ["On duty", h("span.until", ` until ${clockOf(until)}`)] : "Off duty"));
    this.duty.setAttribute("aria-keyshortcuts", "d");
  }

  #askDuty() {
    const isOn = this.#team?.duty.has(this.#desk.kid);
    const go = async (hours) => {
      if (hours > 0) await this.#desk.goOnDuty(hours);
      else await this.#desk.goOffDuty();
      await this.#readTeam();
      say(hours > 0 ? `You are on duty for ${hours} hours.` : "You are off duty.");
    };
    const isAway = this.#away().has(this.#desk.id);
    return ask("Duty", [
      h("p", "New cases are sealed to those on duty. It ends by itself."),
    ], [
      isAway ? { label: "End the pause", kind: "primary", work: () => this.#endPause() }
        : { label: "Pause ...", work: () => { setTimeout(() => this.#askPause()); } },
      ...HOURS.map((hours) => ({ label: `${hours} hours`, kind: hours === 8 && !isOn ? "primary" : "", work: () => go(hours) })),
      ...(isOn ? [{ label: "Go off duty", work: () => go(0) }] : []),
      { label: "Cancel", kind: "quiet" },
    ]);
  }

  #askPause(title = "Take a pause?") {
    return askPause(this.#desk, this.#rows, title, async (until) => {
      this.#toQueue();
      await Promise.all([this.#readTeam(), this.#watch.look()]);
      say(`You are away until ${clockOf(until)}. Nothing rings until then.`);
    }).then(() => this.#settle());
  }

  async #endPause() {
    await this.#desk.endPause();
    await this.#readTeam();
    say("You are back.");
  }

  #turnSound() {
    switchSound(!soundIsOn());
    this.#drawSound();
  }

  #drawSound() {
    const isOn = soundIsOn();
    this.sound.setAttribute("aria-pressed", String(isOn));
    this.sound.setAttribute("aria-keyshortcuts", "s");
    fill(this.sound, isOn ? "Sound on" : "Sound off");
  }

  #help() {
    return showHelp({ areOn: this.#keysOn, switchKeys: (on) => { this.#keysOn = on; } });
  }

  // --- keyboard ------------------------------------------------------------------------------------------

  #key(event) {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches?.("input, textarea, select");
    if (event.key === "Escape" && isTyping) {
      event.target.blur();
      this.#view?.heading.focus();
      return;
    }
    if (isTyping || !this.#keysOn) return;
    const view = this.#view;
    const does = {
      "?": () => this.#help(),
      j: () => this.#step(1),
      k: () => this.#step(-1),
      q: () => this.#toQueue(),
      t: () => this.#showTeam(),
      o: () => this.#showDirectory(),
      u: () => this.#desk.may.has("report") && this.#showNumbers(),
      d: () => this.#askDuty(),
      s: () => this.#turnSound(),
      l: () => this.#lock(),
      r: view && (() => view.composer.to("reply")),
      n: view && (() => view.composer.to("note")),
      p: view && (() => view.composer.phrases.open()),
      c: view && (() => view.claim()),
      b: view && (() => view.giveBack()),
      x: view && (() => view.close()),
    }[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  }

  #step(by) {
    const cases = [...this.list.querySelectorAll("button.case")];
    const at = cases.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : cases.length - 1) : (at + by + cases.length) % cases.length;
    cases[next]?.focus();
  }
}
