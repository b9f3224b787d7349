// Quick phrases: what they say in English beside the words the person would get. Nothing is sent from here.

import { button, fill, h } from "../dom.js";
import { languageName, shown } from "../shown.js";
import { sentence } from "../ui.js";

const known = new Map(); // language -> phrases: the same for everybody, nothing of a case

/** A menu of phrases. `load(language)` asks the server; `insert(phrase)` puts one where the caseworker writes. */
export class Phrases {
  #load;
  #insert;
  #language = "";
  #words = "";
  #offered = "";

  constructor(load, insert) {
    this.#load = load;
    this.#insert = insert;
    this.list = h("div.phrases");
    this.title = h("summary", { "aria-keyshortcuts": "p" }, "Quick phrases");
    this.element = h("details.phrase-box", this.title, this.list);
    this.element.addEventListener("toggle", () => this.element.open && this.#offer());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.stopPropagation();
      this.close();
      this.title.focus();
    });
  }

  /** For whom: their language, and the code words that show them who writes. */
  serve(language, words) {
    this.#language = language;
    this.#words = words;
    if (this.element.open) this.#offer();
  }

  open() {
    if (this.element.hidden) return;
    this.element.open = true;
    this.title.focus();
  }

  close() {
    this.element.open = false;
  }

  async #offer() {
    const language = this.#language;
    const asked = `${language} ${this.#words}`;
    if (this.#offered === asked) return;
    try {
      if (!known.has(language)) known.set(language, await this.#load(language));
      if (language === this.#language) fill(this.list, this.#menu(known.get(language)));
      this.#offered = asked;
    } catch (fault) {
      fill(this.list, h("p.trouble", { role: "alert" }, sentence(fault)));
    }
  }

  #menu(phrases) {
    const isDraft = phrases.some((each) => !each.reviewed);
    const none = this.#language !== "en" && phrases.every((each) => each.language === "en");
    return [
      none && h("p.about", `None in ${languageName(this.#language)} yet; these are in English.`),
      isDraft && h("p.about", `${languageName(this.#language)}: not yet reviewed by a native reader. The English is what is meant.`),
      h("ul", phrases.map((each) => h("li", this.#choice(each)))),
    ];
  }

  #choice({ english, text, language, direction, reviewed }) {
    const filled = (text) => text.replaceAll("{words}", this.#words);
    const phrase = { english: filled(english), text: filled(text), language, direction };
    return button([
      h("span.english", { lang: "en", dir: "ltr" }, shown(phrase.english)),
      language !== "en" && h("span.own", { lang: language, dir: direction }, shown(phrase.text)),
      !reviewed && h("span.draft", "not yet reviewed"),
    ], () => {
      this.close();
      this.#insert(phrase);
    });
  }
}
