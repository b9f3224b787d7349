// The phone: bubbles as WhatsApp or as Telegram show them, from one and the same reply; beside them the English.

import { byId, element } from "./dom.js";
import { say } from "./words.js";

const SIDE_BY_SIDE = matchMedia("(min-width: 78rem)"); // as in chat.css: room for the English beside the phone's words

export class Chat {
  #log = byId("log");
  #look = "whatsapp";
  #follows = true; // whether the end is in view: then it stays there when the phone's keyboard opens
  #shown = []; // {said, item}: what Fener said, so that it can be drawn again in the other look
  #tap;

  constructor(tap) {
    this.#tap = tap;
    this.#log.addEventListener("scroll", () => {
      this.#follows = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 24;
    });
    new ResizeObserver(() => { if (this.#follows) this.#log.scrollTop = this.#log.scrollHeight; }).observe(this.#log);
    SIDE_BY_SIDE.addEventListener("change", ({ matches }) => {
      for (const each of this.#log.querySelectorAll("details.beside")) each.open = matches;
    });
  }

  // What the person typed or tapped; `english`: the same button in English. Gives {failed(again), ok()}.
  mine(text, tapped, english = "") {
    const item = element("div", { class: "mine" });
    const words = element("div", { class: "words", dir: this.#log.dir || "ltr" });
    words.append(element("span", { class: "unseen", text: `${say(tapped ? "tapped" : "you")}: ` }));
    words.append(element("div", { class: tapped ? "bubble tapped" : "bubble", text, translate: "no" }));
    item.append(words);
    if (english) item.append(this.#beside([{ text: english, keyboard: [] }]));
    this.#add(item);
    let note = null;
    return {
      ok() {
        note?.remove();
        note = null;
      },
      failed(again) {
        const button = element("button", { type: "button", text: say("again") });
        note?.remove();
        note = element("p", { class: "not-sent", text: `${say("not_sent")} ` }, button);
        button.addEventListener("click", again, { once: true });
        words.append(note);
      },
    };
  }

  // What Fener said.
  theirs(said) {
    const item = element("div", { class: "theirs" });
    this.#shown.push({ said, item });
    this.#draw(said, item);
    this.#log.dir = said.direction;
    if (said.english) document.body.dataset.beside = "yes";
    byId("compose").dir = said.direction;
    byId("words").lang = said.language;
    this.#add(item);
  }

  look(name) {
    this.#look = name;
    document.body.dataset.look = name;
    const live = this.#log.getAttribute("aria-live");
    this.#log.setAttribute("aria-live", "off"); // the same words in other clothes are no news
    for (const { said, item } of this.#shown) this.#draw(said, item);
    this.#log.setAttribute("aria-live", live);
    this.#toEnd();
  }

  // After "erase" the page forgets too what was said before the last answer.
  forgetEarlier() {
    const last = this.#shown.at(-1);
    this.#shown = last ? [last] : [];
    this.#log.replaceChildren(...(last ? [last.item] : []));
  }

  wipe() {
    this.#shown = [];
    this.#log.replaceChildren();
  }

  #draw(said, item) {
    const words = element("div", { class: "words", lang: said.language, dir: said.direction });
    const who = said.from_case ? say("caseworker") : "Fener";
    words.append(element("span", { class: "unseen", lang: document.documentElement.lang, text: `${who}: ` }));
    const english = new Map(said.english ? buttons(said.english).map(({ label, payload }) => [payload, label]) : []);
    for (const { text, keyboard } of this.#parts(said)) {
      words.append(element("div", { class: "bubble", text }));
      if (keyboard.length > 0) words.append(this.#keyboard(keyboard, english));
    }
    item.replaceChildren(words);
    if (said.english) item.append(this.#beside(this.#parts(said.english)));
  }

  #parts(said) {
    return this.#look === "whatsapp" ? said.whatsapp.map((text) => ({ text, keyboard: [] })) : said.telegram;
  }

  #keyboard(rows, english) {
    const drawn = element("div", { class: "keyboard", role: "group" });
    for (const row of rows) {
      const line = element("div", { class: "row" });
      for (const { label, payload } of row) {
        const button = element("button", { type: "button", text: label });
        button.addEventListener("click", () => this.#tap(label, payload, english.get(payload)));
        line.append(button);
      }
      drawn.append(line);
    }
    return drawn;
  }

  // The same message in English, for the visitor. It is not sent, and says so.
  #beside(parts) {
    const english = element("div", { class: "english", lang: "en", dir: "ltr" });
    for (const { text, keyboard } of parts) {
      english.append(element("p", { text }));
      if (keyboard.length === 0) continue;
      const labels = keyboard.flat().map(({ label }) => element("li", { text: label }));
      english.append(element("ul", {}, ...labels));
    }
    const drawn = element("details", { class: "beside", "aria-live": "off" });
    drawn.append(element("summary", { text: say("in_english"), "data-say": "in_english" }), english);
    drawn.open = SIDE_BY_SIDE.matches;
    drawn.addEventListener("toggle", () => {
      if (drawn.open && !SIDE_BY_SIDE.matches) drawn.scrollIntoView({ block: "nearest" });
    });
    return drawn;
  }

  #add(item) {
    byId("start").hidden = true;
    this.#log.append(item);
    this.#toEnd();
  }

  // To the end; where the newest message is taller than the screen, to its first line.
  #toEnd() {
    const last = this.#log.lastElementChild;
    if (!last) return;
    const top = last.offsetTop - this.#log.offsetTop - 8;
    this.#log.scrollTop = last.offsetHeight > this.#log.clientHeight ? top : this.#log.scrollHeight;
  }
}

function buttons(said) {
  return said.telegram.flatMap(({ keyboard }) => keyboard.flat());
}
