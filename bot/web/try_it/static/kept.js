// What was kept and what was not, in sentences: each from a fact that the server states about the turn it did.

import { byId, element, list } from "./dom.js";
import { say } from "./words.js";

const NOTE_HOURS = 24;

export class Kept {
  #about;
  #organisation = ""; // to which this page's case is sealed
  #case = "none"; // none, open, gone (deleted), apart (not looked at in the last turn), cut (nothing leads to it)
  #noteWaits = false; // a caseworker's answer that was shown lies on disk until the next message
  #facts = null;
  #erased = false;
  #turns = 0;
  #told = []; // {number, sentences: [[key, values]]}: so that it can be said again in another language

  begin(about) {
    this.#about = about;
    this.show();
  }

  // After a message of the person: `kept` as the server states it, null when the message changed nothing.
  turn(kept, failed) {
    this.#turns += 1;
    if (kept === null) {
      this.#tell([[failed ? "failed" : "unchanged", {}]]);
      return;
    }
    const to = kept.sealed_to || this.#organisation;
    this.#facts = kept;
    this.#erased = kept.did.includes("erased");
    this.#case = this.#caseAfter(kept);
    if (kept.sealed_to) this.#organisation = kept.sealed_to;
    if (kept.did.includes("notes deleted")) this.#noteWaits = false;
    if (kept.did.includes("notes read")) this.#noteWaits = true;
    if (this.#case !== "open" && this.#case !== "apart") this.#noteWaits = false;
    const sentences = kept.did.map((did) => [`did.${did.replaceAll(" ", "_")}`, { to, hours: NOTE_HOURS }]);
    this.#tell(sentences.length > 0 ? sentences : [["wrote", {}]]);
  }

  // A caseworker's answer came by itself.
  arrived() {
    this.#noteWaits = true;
    this.#tell([["arrived", { to: this.#organisation, hours: NOTE_HOURS }]], false);
  }

  // Everything in the language of the page.
  show() {
    const about = this.#about;
    const facts = this.#facts;
    const memory = [];
    if (facts?.place) memory.push(say("memory.place", { minutes: about.idle_minutes }));
    else if (this.#case === "open") memory.push(say("memory.linked", { minutes: about.idle_minutes }));
    else memory.push(say("memory.nothing"));
    if (facts) memory.push(say(this.#erased ? "memory.last_reply" : "memory.replies", { minutes: about.replay_minutes }));
    if (facts?.route) memory.push(say("memory.route", { minutes: about.route_minutes }));
    memory.push(say("memory.page"));
    list(byId("memory"), memory);
    list(byId("disk"), this.#disk());
    const short = { none: "nothing", open: "case", gone: "gone", apart: "apart", cut: "cut" }[this.#case];
    byId("short").textContent = say(`short.${short}`, { to: this.#organisation });
    byId("kept").dataset.case = this.#case;
    byId("sealed").hidden = this.#case !== "open";
    this.#showTold();
  }

  #caseAfter({ sealed_to: to, did }) {
    if (to) return "open";
    if (did.includes("case deleted")) return "gone";
    if (did.includes("case cut loose")) return "cut";
    return this.#case === "open" ? "apart" : this.#case;
  }

  #disk() {
    const about = this.#about;
    const to = this.#organisation;
    const until = say("disk.until", { days: about.after_close_days, longest: about.at_most_days });
    const note = this.#noteWaits ? [say("disk.note", { hours: NOTE_HOURS })] : [];
    switch (this.#case) {
      case "open":
        return [say("disk.sealed", { to }), say("disk.plain"), say("disk.mark"), ...note, until, say("disk.audit")];
      case "apart":
        return [say("disk.apart", { to }), ...note, until, say("disk.audit")];
      case "cut":
        return [say("disk.cut", { to }), say("disk.audit")];
      case "gone":
        return [say("disk.gone"), say("disk.audit")];
      default:
        return [say("disk.nothing")];
    }
  }

  #tell(sentences, numbered = true) {
    this.#told.push({ number: numbered ? this.#turns : null, sentences });
    this.show();
  }

  #showTold() {
    const lines = this.#told.map(({ number, sentences }) => {
      const what = sentences.map(([key, values]) => say(key, values)).join(" ");
      return { what, line: number === null ? what : say("number", { number, what }) };
    });
    const last = lines.at(-1)?.what ?? say("not_yet");
    if (byId("last").textContent !== last) byId("last").textContent = last;
    byId("history").replaceChildren(...lines.map(({ line }) => element("li", { text: line })));
  }
}
