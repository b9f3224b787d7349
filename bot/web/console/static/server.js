// HTTP with the server: JSON, a bearer token in memory only (with a cookie that scripts cannot read beside it), and plain
// sentences when it goes wrong.

/** A fault that is told to the caseworker in one sentence. */
export class DeskError extends Error {
  constructor(code, sentence, status = 0) {
    super(sentence);
    this.name = "DeskError";
    this.code = code;
    this.status = status;
  }
}

const PATIENCE = 20_000; // milliseconds

export class Server {
  #token = "";

  /** Signs in again with keys that are open; null while they are locked. */
  renew = null;

  /** The address that is signed at login. */
  get address() {
    return globalThis.location.origin;
  }

  get isSignedIn() {
    return this.#token !== "";
  }

  use(token) {
    this.#token = token;
  }

  /** End the session while the page goes away. */
  leave() {
    const headers = { authorization: `Bearer ${this.#token}` };
    this.#token = "";
    fetch("/console/api/logout", { method: "POST", headers, keepalive: true, credentials: "same-origin" }).catch(() => {});
  }

  /** Ask the server. What it wants a fresh signature for is signed and asked once more. */
  async call(method, path, body) {
    try {
      return await this.#ask(method, path, body);
    } catch (fault) {
      if (fault.code !== "login.stale" || this.renew === null) throw fault;
      await this.renew();
      return this.#ask(method, path, body);
    }
  }

  async #ask(method, path, body) {
    const headers = { accept: "application/json" };
    if (this.#token) headers.authorization = `Bearer ${this.#token}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    let answer;
    try {
      answer = await fetch(`/console/api${path}`, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store", credentials: "same-origin", redirect: "error", referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      throw new DeskError("server.unreachable", "The server does not answer. Check the connection; nothing was lost.");
    }
    if (answer.status === 204) return {};
    let told;
    try {
      told = await answer.json();
    } catch {
      throw new DeskError("server.answer", "The server answered something unexpected. Try again.", answer.status);
    }
    if (answer.ok) return told;
    const code = typeof told?.code === "string" ? told.code : "server.refused";
    const mend = typeof told?.mend === "string" && told.mend ? told.mend : `The server refused this (${code}).`;
    throw new DeskError(code, mend, answer.status);
  }
}
