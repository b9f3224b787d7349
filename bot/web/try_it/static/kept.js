// What was kept and what was not, in sentences: each from a fact that the server states about the turn it did.

import { byId, element, list } from "./dom.js";
import { words } from "./words.js";

export class Kept {
  #about;
  #organisation = ""; // to which this page's case is sealed
  #case = "none"; // none, open, gone (deleted), apart (not looked at in the last turn), cut (nothing leads to it)
  #noteWaits = false; // a caseworker's answer that was shown lies on disk until the next message
  #facts = null;
  #erased = false;
  #turns = 0;

  begin(about) {
    this.#about = about;
    this.#show();
  }

  // After a message of the person: `kept` as the server states it, null when the message changed nothing.
  turn(kept, failed) {
    this.#turns += 1;
    if (kept === null) {
      this.#tell(failed ? words.failed : words.unchanged);
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
    const sentences = kept.did.map((did) => words.did[did]?.(to) ?? did);
    this.#tell(sentences.length > 0 ? sentences.join(" ") : words.wrote);
    this.#show();
  }

  // A caseworker's answer came by itself.
  arrived() {
    this.#noteWaits = true;
    this.#tell(words.arrived(this.#organisation), false);
    this.#show();
  }

  #caseAfter({ sealed_to: to, did }) {
    if (to) return "open";
    if (did.includes("case deleted")) return "gone";
    if (did.includes("case cut loose")) return "cut";
    return this.#case === "open" ? "apart" : this.#case;
  }

  #show() {
    const about = this.#about;
    const facts = this.#facts;
    const memory = [];
    if (facts?.place) memory.push(words.memory.place(about));
    else if (this.#case === "open") memory.push(words.memory.linked(about));
    else memory.push(words.memory.nothing);
    if (facts) memory.push(this.#erased ? words.memory.lastReply(about) : words.memory.replies(about));
    if (facts?.route) memory.push(words.memory.route(about));
    memory.push(words.memory.page);
    list(byId("memory"), memory);
    list(byId("disk"), this.#disk());
    byId("short").textContent = {
      none: words.short.nothing,
      open: words.short.case(this.#organisation),
      gone: words.short.gone,
      apart: words.short.apart,
      cut: words.short.cut,
    }[this.#case];
    byId("kept").dataset.case = this.#case;
  }

  #disk() {
    const about = this.#about;
    const note = this.#noteWaits ? [words.disk.note] : [];
    switch (this.#case) {
      case "open":
        return [words.disk.sealed(this.#organisation), words.disk.plain, words.disk.mark, ...note, words.disk.until(about), words.disk.audit];
      case "apart":
        return [words.disk.apart(this.#organisation, about), ...note, words.disk.audit];
      case "cut":
        return [words.disk.cut(this.#organisation), words.disk.audit];
      case "gone":
        return [words.disk.gone, words.disk.audit];
      default:
        return [words.disk.nothing];
    }
  }

  #tell(sentence, numbered = true) {
    byId("last").textContent = sentence;
    byId("history").append(element("li", { text: numbered ? `Message ${this.#turns}: ${sentence}` : sentence }));
  }
}
