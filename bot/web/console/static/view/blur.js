// Words that one would rather not read at once: out of sight until asked for, for as long as the page is open.

import { button, fill } from "../dom.js";

/** What of one case is out of sight. */
export class Blur {
  all = false;
  #odd = new Set(); // messages for which the opposite holds
  #begun = new Set(); // messages that began out of sight

  hides(id) {
    return this.all !== this.#odd.has(id);
  }

  turn(id) {
    if (!this.#odd.delete(id)) this.#odd.add(id);
  }

  turnAll() {
    this.all = !this.all;
    this.#odd.clear();
  }

  /** Out of sight from the beginning, once: who asked for it keeps it in sight. */
  begin(id) {
    if (this.#begun.has(id)) return;
    this.#begun.add(id);
    if (!this.all) this.#odd.add(id);
  }
}

/** A button that hides and shows one paragraph; screen readers do not read what is hidden. */
export function blurButton(blur, id, words) {
  const toggle = button("", () => {
    blur.turn(id);
    draw();
  }, { kind: "quiet blur" });
  const draw = () => {
    const hides = blur.hides(id);
    words.classList.toggle("is-blurred", hides);
    words.toggleAttribute("inert", hides);
    words.setAttribute("aria-hidden", String(hides));
    fill(toggle, hides ? "Show" : "Blur");
  };
  draw();
  return toggle;
}
