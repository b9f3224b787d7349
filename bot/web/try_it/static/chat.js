// The phone: bubbles as WhatsApp or as Telegram show them, from one and the same reply.

import { byId, element } from "./dom.js";
import { words } from "./words.js";

export class Chat {
  #log = byId("log");
  #look = "whatsapp";
  #shown = []; // {said, item}: what Fener said, so that it can be drawn again in the other look
  #tap;

  constructor(tap) {
    this.#tap = tap;
  }

  // What the person typed or tapped. Gives {failed(again), ok()} to tell what became of it.
  mine(text, tapped) {
    const item = element("div", { class: "mine" });
    item.append(element("span", { class: "unseen", text: `${tapped ? words.tapped : words.you}: ` }));
    item.append(element("div", { class: tapped ? "bubble tapped" : "bubble", text, translate: "no" }));
    this.#add(item);
    let note = null;
    return {
      ok() {
        note?.remove();
        note = null;
      },
      failed(again) {
        const button = element("button", { type: "button", text: words.again });
        note?.remove();
        note = element("p", { class: "not-sent", text: `${words.notSent} ` }, button);
        button.addEventListener("click", again, { once: true });
        item.append(note);
      },
    };
  }

  // What Fener said.
  theirs(said) {
    const item = element("div", { class: "theirs", lang: said.language });
    this.#shown.push({ said, item });
    this.#draw(said, item);
    this.#log.dir = said.direction;
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
    const who = said.from_case ? words.caseworker : words.fener;
    item.replaceChildren(element("span", { class: "unseen", lang: "en", text: `${who}: ` }));
    if (this.#look === "whatsapp") {
      for (const text of said.whatsapp) item.append(element("div", { class: "bubble", text }));
      return;
    }
    for (const { text, keyboard } of said.telegram) {
      item.append(element("div", { class: "bubble", text }));
      if (keyboard.length > 0) item.append(this.#keyboard(keyboard));
    }
  }

  #keyboard(rows) {
    const drawn = element("div", { class: "keyboard", role: "group" });
    for (const row of rows) {
      const line = element("div", { class: "row" });
      for (const { label, payload } of row) {
        const button = element("button", { type: "button", text: label });
        button.addEventListener("click", () => this.#tap(label, payload));
        line.append(button);
      }
      drawn.append(line);
    }
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
