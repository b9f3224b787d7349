// The four calls. The page's number lives in this module's memory only, and goes with the page.

export class Refused extends Error {
  constructor(status) {
    super(`refused: ${status}`);
    this.status = status;
  }
}

export function randomNumber() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Api {
  #id = randomNumber();
  #stop = new AbortController();

  enter() {
    return this.#post("enter", {});
  }

  say(message) {
    return this.#post("say", message);
  }

  news(after) {
    return this.#post("wait", { after });
  }

  // Ends the conversation on the server, also while the page is being left.
  leave() {
    this.#stop.abort();
    const body = JSON.stringify({ id: this.#id });
    this.#id = "";
    const headers = { "content-type": "application/json" };
    fetch("api/leave", { method: "POST", body, headers, keepalive: true, credentials: "omit" }).catch(() => {});
  }

  async #post(call, content) {
    const answer = await fetch(`api/${call}`, {
      method: "POST",
      body: JSON.stringify({ id: this.#id, ...content }),
      headers: { "content-type": "application/json" },
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: this.#stop.signal,
    });
    if (!answer.ok) throw new Refused(answer.status);
    return answer.json();
  }
}
