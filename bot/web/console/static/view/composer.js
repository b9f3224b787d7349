// Where a caseworker writes: a reply to the person, or a note that stays in the team.

import { button, field, fill, h } from "../dom.js";
import { Asking, hints } from "./asking.js";
import { Phrases } from "./phrases.js";
import { shown } from "../shown.js";

export class Composer {
  #mode = "reply";
  #drafts = { reply: "", note: "" };
  #inserted = []; // phrases in another language that the reply holds
  #asking = new Asking();
  #held = new Set(); // what the case already answers
  #asked = []; // kinds of things that the reply asks for, and should not
  #minded = new Set(); // those of them that the caseworker was told of and wants to send
  #load;
  #send;
  #reply;
  #note;

  /** `send(mode, text)` resolves to whether it went; `phrases(language)` to quick phrases; `asks()` to words that ask for too much. */
  constructor(send, phrases, asks) {
    this.#send = send;
    this.#load = asks;
    this.area = field("textarea", { id: "write", rows: "3", dir: "auto", maxlength: "8000", "aria-describedby": "write-live write-meaning write-hint write-help" });
    this.label = h("label", { for: "write" });
    this.help = h("p.help", { id: "write-help" });
    this.live = h("p.live", { id: "write-live", role: "status" });
    this.long = h("p.help", { role: "status" });
    this.meaning = h("div.meaning", { id: "write-meaning", hidden: true });
    this.hint = h("div.hint", { id: "write-hint", role: "status" });
    this.blocked = h("p.notice", { hidden: true });
    this.phrases = new Phrases(phrases, (phrase) => this.#insert(phrase));
    this.#reply = button("To the person", () => this.to("reply"), { kind: "tab", "aria-pressed": "true" });
    this.#note = button("Note to colleagues", () => this.to("note"), { kind: "tab", "aria-pressed": "false" });
    this.sendButton = button("Send", () => this.send(), { kind: "primary" });
    this.element = h("section.composer", { "aria-label": "Write" },
      h("div.tabs", { role: "group", "aria-label": "To whom" }, this.#reply, this.#note),
      this.blocked, this.label, this.live, this.area, this.meaning, this.hint, this.long,
      h("div.actions", this.phrases.element, this.help, this.sendButton));
    this.area.addEventListener("input", () => this.#typed());
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.sendButton.click();
      }
    });
  }

  /** What may be written now, and to whom: `reason` says why a reply may not. */
  update({ language, words, held, reason }) {
    this.reason = reason;
    this.#held = held;
    this.phrases.serve(language, words);
    this.#draw();
    void this.#learn();
  }

  /** Fetch once what to look for; without it replies go out as they are, and the next case tries again. */
  async #learn() {
    const load = this.#load;
    this.#load = null;
    if (load === null) return;
    try {
      this.#asking.learn(await load());
      this.#typed();
    } catch {
      this.#load = load;
    }
  }

  /** Whether a reply goes out at once, in one sentence, and how long one message may be on the way there. */
  tell({ text, isLive, longest }) {
    if (this.live.textContent !== text) fill(this.live, text);
    this.live.classList.toggle("is-live", isLive);
    this.longest = longest;
    this.#typed();
  }

  /** Turn to a reply or a note; what was written for the other is kept. */
  to(mode, { focus = true } = {}) {
    this.#drafts[this.#mode] = this.area.value;
    this.#mode = mode;
    this.area.value = this.#drafts[mode];
    this.#draw();
    if (focus) this.area.focus();
  }

  /** What is written and not sent. */
  get drafts() {
    return { ...this.#drafts, [this.#mode]: this.area.value };
  }

  /** Put back what was written here before. */
  restore(drafts) {
    this.#drafts = { ...drafts };
    if (!drafts.reply.trim() && drafts.note.trim()) this.#mode = "note";
    this.area.value = this.#drafts[this.#mode];
    this.#draw();
  }

  wipe() {
    this.area.value = "";
    this.#drafts = { reply: "", note: "" };
    this.#inserted = [];
    this.#minded.clear();
    fill(this.meaning);
    fill(this.hint);
  }

  get #isBlocked() {
    return this.#mode === "reply" && Boolean(this.reason);
  }

  /** Whether the reply asks for something that the caseworker was not yet told of. */
  get #isToMind() {
    return this.#asked.some((kind) => !this.#minded.has(kind));
  }

  async send() {
    const text = this.area.value.trim();
    if (!text || this.#isBlocked) return this.area.focus();
    const mode = this.#mode;
    if (mode === "reply" && this.#isToMind) {
      this.#asked.forEach((kind) => this.#minded.add(kind));
      this.#typed();
      return this.sendButton.focus();
    }
    this.area.disabled = true;
    const went = await this.#send(mode, text);
    this.area.disabled = false;
    if (went) {
      this.#drafts[mode] = "";
      this.#minded.clear();
      if (this.#mode === mode) this.area.value = "";
    }
    this.#draw();
    return this.area.focus();
  }

  #draw() {
    const isNote = this.#mode === "note";
    this.element.classList.toggle("is-note", isNote);
    this.#reply.setAttribute("aria-pressed", String(!isNote));
    this.#note.setAttribute("aria-pressed", String(isNote));
    const isBlocked = this.#isBlocked;
    const isIdle = isBlocked && !this.area.value.trim(); // what somebody was typing stays before them
    this.blocked.hidden = !isBlocked;
    fill(this.blocked, this.reason ?? "", isBlocked && !isIdle && " What you wrote was not sent; it stays here.");
    this.area.hidden = isIdle;
    this.label.hidden = isIdle;
    this.live.hidden = isNote || isBlocked;
    this.help.hidden = isBlocked;
    this.phrases.element.hidden = isNote || isBlocked;
    this.sendButton.hidden = isBlocked;
    fill(this.label, isNote ? "Note to colleagues: the person never sees it" : "Reply to the person");
    fill(this.help, h("kbd", "Ctrl"), " + ", h("kbd", "Enter"), isNote ? " keeps it" : " sends it");
    this.#typed();
  }

  /** What was typed may be longer than a message, ask for too much, or no longer hold the phrase that was put in. */
  #typed() {
    const isReply = this.#mode === "reply";
    const { value } = this.area;
    this.#asked = isReply ? this.#asking.found(value, this.#held) : [];
    const hinted = hints(this.#asked).join(" ");
    if (this.hint.textContent !== hinted) fill(this.hint, hinted);
    const isMinded = this.#asked.length > 0 && !this.#isToMind;
    fill(this.sendButton, isReply ? (isMinded ? "Send all the same" : "Send") : "Keep note");
    if (isReply) this.#inserted = this.#inserted.filter(({ text }) => value.includes(text));
    const inserted = isReply ? this.#inserted : [];
    this.meaning.hidden = inserted.length === 0;
    fill(this.meaning, inserted.length > 0 && [h("p.help", "You are about to say, in English:"),
      h("ul", inserted.map(({ english }) => h("li", { lang: "en", dir: "ltr" }, shown(english))))]);
    this.area.lang = inserted[0]?.language ?? "";
    const isLong = isReply && Boolean(this.longest) && value.length > this.longest;
    const told = isLong ? `Longer than one message (${this.longest} characters): it arrives in parts.` : "";
    if (this.long.textContent !== told) fill(this.long, told);
    this.long.hidden = !isLong;
  }

  #insert(phrase) {
    const { area } = this;
    const before = area.value.slice(0, area.selectionStart);
    const after = area.value.slice(area.selectionEnd);
    const gap = before && !/\s$/.test(before) ? " " : "";
    area.value = `${before}${gap}${phrase.text}${after}`;
    if (phrase.language !== "en") this.#inserted.push(phrase);
    this.#typed();
    area.focus();
    area.selectionStart = area.selectionEnd = before.length + gap.length + phrase.text.length;
  }
}
