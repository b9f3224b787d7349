// How a person wants to be spoken to: shown beside the case, and read before the first answer can be sent.

import { button, fill, h } from "../dom.js";
import { name } from "../shown.js";

const ABOUT = {
  language: "Language", dialect: "Dialect", gender: "Who may interpret", community: "Where the interpreter is from", form: "Writing or speaking",
};

/** What somebody said of it, one line each. */
export function wishesList({ interpreter }) {
  if (interpreter.length === 0) return "Nothing said: ask before you bring one in.";
  return h("ul.wishes", interpreter.map(({ about, wish }) => h("li", h("span.about", `${ABOUT[about]}: `), h("bdi", { dir: "auto" }, name(wish)))));
}

/** The question before the first answer: nothing is sent before somebody says that they read the wishes. */
export class WishesRead {
  #read = new Set(); // cases, for as long as this page is open

  /** `did` runs when they were read. */
  constructor(did) {
    this.list = h("div");
    this.element = h("section.wishes-first", { "aria-label": "Before the first answer", hidden: true },
      h("p", h("strong", "Before the first answer, read how to speak with them:")), this.list,
      button("I have read this", () => {
        this.#read.add(this.of);
        did();
      }, { kind: "primary" }));
  }

  /** Show the question where it is due; why a reply may not go yet, or nothing. */
  reason({ row, summary }, isFree) {
    this.of = row.id;
    const isDue = isFree && row.replies === 0 && summary.interpreter.length > 0 && !this.#read.has(row.id);
    this.element.hidden = !isDue;
    fill(this.list, isDue && wishesList(summary));
    return isDue ? "Read first how to speak with them, above." : "";
  }
}
