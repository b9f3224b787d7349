// Looks at the queue every few seconds, counts what is new in the tab's title, and rings.
// It needs the session but no keys: it goes on while the page is locked, so that a case still rings.

import { chime } from "./chime.js";

const EVERY = 3_000; // milliseconds
const SLOWER = 15_000; // while the server does not answer

export class Watch {
  #server;
  #tell;
  #timer = 0;
  #known = null; // case -> messages when it was last looked at
  #rung = new Map(); // case -> messages when we last rang for it
  #rings = new Map(); // case -> how often the server's bell rang for it
  #over = false;
  #asking = new Set(); // cases for which a second person is asked
  #missed = false; // something came in a pause

  /** Milliseconds since 1970: before this nothing rings, for the caseworker takes a pause. */
  quietUntil = 0;

  /** `tell({rows, isNews, fault})` hears every look. */
  constructor(server, tell) {
    this.#server = server;
    this.#tell = tell;
  }

  start() {
    this.look();
  }

  stop() {
    this.#over = true;
    clearTimeout(this.#timer);
    document.title = "Fener";
  }

  /** Look now, and then again and again. */
  async look() {
    clearTimeout(this.#timer);
    let wait = EVERY;
    try {
      const rows = await this.#server.call("GET", "/cases");
      if (this.#over) return;
      this.#count(rows);
    } catch (fault) {
      if (this.#over) return;
      wait = SLOWER;
      this.#tell({ fault });
      if (fault.status === 401) return;
    }
    clearTimeout(this.#timer);
    if (!this.#over) this.#timer = setTimeout(() => this.look(), wait);
  }

  /** The caseworker has the case before them: nothing in it is new. */
  seen(row) {
    this.#known?.set(row.id, row.messages);
  }

  /** How many of the person's messages in this case nobody here has looked at. */
  fresh(row) {
    return Math.max(0, row.messages - (this.#known?.get(row.id) ?? 0));
  }

  #count(rows) {
    const first = this.#known === null;
    this.#known ??= new Map();
    let isNews = false;
    const missedBefore = this.#missed;
    for (const row of rows) {
      const before = this.#known.get(row.id);
      const isTheirs = row.claimed_by !== null && !row.mine;
      if (before === undefined) {
        this.#known.set(row.id, row.mine || isTheirs ? row.messages : 0);
        isNews ||= !isTheirs && !row.mine;
      } else if (this.#rung.get(row.id) !== row.messages && row.messages > before && !isTheirs) isNews = true;
      this.#rung.set(row.id, row.messages);
      const asks = row.emergency === "asked" && !row.mine;
      isNews ||= asks && !this.#asking.has(row.id);
      if (asks) this.#asking.add(row.id);
      else this.#asking.delete(row.id);
      if (row.status === "waiting" && row.rings > (this.#rings.get(row.id) ?? row.rings)) isNews = true;
      this.#rings.set(row.id, row.rings);
    }
    const isQuiet = Date.now() < this.quietUntil;
    this.#missed = (isNews || this.#missed) && isQuiet;
    isNews = !isQuiet && (isNews || missedBefore);
    const waiting = rows.filter((row) => row.status === "waiting" || (row.mine && this.fresh(row) > 0)).length;
    document.title = waiting > 0 ? `(${waiting}) Fener` : "Fener";
    if (isNews && !first) chime();
    this.#tell({ rows, isNews: isNews && !first });
  }
}
