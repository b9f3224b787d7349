// What colleagues have learned about a kind of case, beside the case. The server sends all pages; which belong here is
// decided in this browser, so nothing about a case is asked.

import { button, fill, h } from "../dom.js";
import { sentence } from "../ui.js";
import { printSheet } from "./sheet.js";

const HEADINGS = [
  ["do", "Do"], ["do_not", "Do not"], ["words", "Words that may help"],
  ["signs", "Ask yourself (a sign proves nothing alone, and is no label)"], ["ask_a_colleague", "Ask a colleague when"],
];

let known = null; // the same for everybody, nothing of a case; works on when the connection is gone

/** Those for a case, the closest first: by urgency, need, queue; then those for every case. */
export function fitting(playbooks, { need, queue, urgency }) {
  const rank = ({ needs, queues, urgencies }) => {
    const found = [[urgencies, urgency], [needs, need], [queues, queue]].findIndex(([wanted, given]) => given && wanted.includes(given));
    if (found >= 0) return found;
    return needs.length + queues.length + urgencies.length === 0 ? 3 : -1;
  };
  return playbooks.map((each) => [rank(each), each]).filter(([at]) => at >= 0)
    .sort(([a, one], [b, other]) => a - b || (one.title < other.title ? -1 : 1)).map(([, each]) => each);
}

/** The pages beside one case. `load()` asks the server, once. */
export class Playbooks {
  #load;
  #shown = "";

  constructor(load) {
    this.#load = load;
    this.element = h("section.playbooks", { "aria-label": "Playbooks" });
  }

  async show(about) {
    const asked = `${about.need} ${about.queue} ${about.urgency}`;
    if (this.#shown === asked) return;
    this.#shown = asked;
    try {
      known ??= await this.#load();
      if (this.#shown === asked) this.#draw(fitting(known, about));
    } catch (fault) {
      this.#shown = "";
      fill(this.element, h("h2", "Playbooks"), h("p.help", sentence(fault)));
    }
  }

  #draw(pages) {
    fill(this.element, pages.length > 0 && h("h2", "Playbooks"),
      pages.map((each, at) => h("details", { open: at === 0 }, h("summary", each.title), page(each),
        button("Print this page", () => printSheet(h("section.sheet", h("h1", each.title), page(each))), { kind: "quiet" }))));
  }
}

function page(each) {
  return [
    each.lapsed && h("p.trouble", "This page was to be read again by now: do not rely on its facts."),
    !each.reviewed && h("p.about", "A draft: nobody who knows the subject has signed it yet."),
    HEADINGS.map(([key, heading]) => each[key].length > 0 && [h("h3", heading), h("ul", each[key].map((line) => h("li", line)))]),
    h("p.help", `Version ${each.version}, checked on ${each.checked_on} by ${each.checked_by}. Sources:`),
    h("ul.help", each.sources.map((line) => h("li", line))),
  ];
}
