// Where a caseworker writes: a reply to the person, or a note that stays in the team.

import { button, field, fill, h } from "../dom.js";
import { languageName } from "../shown.js";

let phrases = null;

/** Quick phrases by language, read once. */
async function loadPhrases() {
  phrases ??= fetch("static/phrases.json").then((answer) => answer.json());
  return phrases;
}

export class Composer {
  #mode = "reply";
  #drafts = { reply: "", note: "" };
  #send;
  #reply;
  #note;

  /** `send(mode, text)` resolves to whether it went. */
  constructor(send) {
    this.#send = send;
    this.area = field("textarea", { id: "write", rows: "3", dir: "auto", maxlength: "8000", "aria-describedby": "write-help" });
    this.label = h("label", { for: "write" });
    this.help = h("p.help", { id: "write-help" });
    this.blocked = h("p.notice", { hidden: true });
    this.phraseList = h("div.phrases");
    this.phraseBox = h("details.phrase-box", h("summary", "Quick phrases"), this.phraseList);
    this.#reply = button("To the person", () => this.to("reply"), { kind: "tab", "aria-pressed": "true" });
    this.#note = button("Note to colleagues", () => this.to("note"), { kind: "tab", "aria-pressed": "false" });
    this.sendButton = button("Send", () => this.send(), { kind: "primary" });
    this.element = h("section.composer", { "aria-label": "Write" },
      h("div.tabs", { role: "group", "aria-label": "To whom" }, this.#reply, this.#note),
      this.blocked, this.label, this.area,
      h("div.actions", this.phraseBox, this.help, this.sendButton));
    this.area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        this.sendButton.click();
      }
    });
  }

  /** What may be written now: `reason` says why a reply may not. */
  update({ language, reason, name }) {
    this.reason = reason;
    this.name = name;
    if (language !== this.language) this.#offer(language);
    this.language = language;
    this.#draw();
  }

  /** Turn to a reply or a note; what was written for the other is kept. */
  to(mode, { focus = true } = {}) {
    this.#drafts[this.#mode] = this.area.value;
    this.#mode = mode;
    this.area.value = this.#drafts[mode];
    this.#draw();
    if (focus) this.area.focus();
  }

  wipe() {
    this.area.value = "";
    this.#drafts = { reply: "", note: "" };
  }

  async send() {
    const text = this.area.value.trim();
    if (!text || this.sendButton.disabled) return this.area.focus();
    const mode = this.#mode;
    this.area.disabled = true;
    const went = await this.#send(mode, text);
    this.area.disabled = false;
    if (went) {
      this.#drafts[mode] = "";
      if (this.#mode === mode) this.area.value = "";
    }
    return this.area.focus();
  }

  #draw() {
    const isNote = this.#mode === "note";
    this.element.classList.toggle("is-note", isNote);
    this.#reply.setAttribute("aria-pressed", String(!isNote));
    this.#note.setAttribute("aria-pressed", String(isNote));
    const isBlocked = !isNote && Boolean(this.reason);
    this.blocked.hidden = !isBlocked;
    fill(this.blocked, this.reason ?? "");
    this.area.hidden = isBlocked;
    this.label.hidden = isBlocked;
    this.help.hidden = isBlocked;
    this.phraseBox.hidden = isNote || isBlocked;
    this.sendButton.hidden = isBlocked;
    fill(this.label, isNote ? "Note to colleagues: the person never sees it" : "Reply to the person");
    fill(this.sendButton, isNote ? "Keep note" : "Send");
    fill(this.help, h("kbd", "Ctrl"), " + ", h("kbd", "Enter"), isNote ? " keeps it" : " sends it");
  }

  async #offer(language) {
    const all = await loadPhrases();
    const own = all[language];
    fill(this.phraseList,
      !own && language !== "en" && h("p.help", `None in ${languageName(language)} yet; these are in English.`),
      h("ul", (own ?? all.en).map(({ title, text }) => h("li", button(title, () => this.#insert(text), { title: text })))));
  }

  #insert(text) {
    const { area } = this;
    const before = area.value.slice(0, area.selectionStart);
    const after = area.value.slice(area.selectionEnd);
    const gap = before && !/\s$/.test(before) ? " " : "";
    area.value = `${before}${gap}${text}${after}`;
    this.phraseBox.open = false;
    area.focus();
    area.selectionStart = area.selectionEnd = before.length + gap.length + text.length;
  }
}
