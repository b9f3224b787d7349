// A caseworker's weekly duty keys: replaced ones are destroyed when no case needs them, and not before.

import assert from "node:assert/strict";
import test from "node:test";

const DAY = 86_400;
const STATIC = "../../bot/web/console/static";

/** What the browser keeps, in a Map: the three calls of IndexedDB that store.js makes. */
const kept = new Map();
const answered = (result) => ({ result, addEventListener: (event, hear) => event === "success" && queueMicrotask(hear) });
const table = {
  get: (name) => answered(kept.get(name)),
  put: (value, name) => answered(kept.set(name, value)),
};
globalThis.indexedDB = {
  open: () => answered({ transaction: () => ({ objectStore: () => table }), close: () => {} }),
};
globalThis.location = { origin: "http://fener.test" };

const { KeyFile } = await import(`${STATIC}/crypto/keyfile.js`);
const { certifyDutyKey } = await import(`${STATIC}/crypto/identity.js`);
const { toBase64 } = await import(`${STATIC}/crypto/wire.js`);
const { DeskError } = await import(`${STATIC}/server.js`);
const { Desk } = await import(`${STATIC}/desk.js`);

const stretch = async (passphrase) => Uint8Array.from({ length: 32 }, (_, at) => passphrase[at % passphrase.length]);

/** A server that knows one caseworker. `needed` are the keys that its open cases are sealed to. */
class Server {
  address = location.origin;
  needed = [];
  asked = [];
  certificate = "";
  fault = null;

  use() {}

  async call(method, path, body) {
    const said = `${method} ${path}`;
    switch (said) {
      case "POST /login/challenge":
        return { challenge: toBase64(new Uint8Array(32)) };
      case "POST /login":
        return { id: "ana", role: "caseworker", alias: "Ana", organisation: "rs-demo-lantern", token: "t", may: ["team"] };
      case "GET /team":
        return {
          organisation: "rs-demo-lantern", entries: [], root: "", complaints: [],
          staff: [{ kid: this.kid, alias: "Ana", role: "caseworker", duty_certificate: this.certificate }],
        };
      case "POST /duty-key":
        this.certificate = body.document;
        return {};
      case "POST /duty-key/needed":
        if (this.fault) throw this.fault;
        this.asked.push(body.kids);
        return { needed: body.kids.filter((kid) => this.needed.includes(kid)) };
      default:
        assert.fail(said);
    }
  }
}

const began = Date.parse("2026-11-21T12:00:00Z") / 1000;
let now = began;
Date.now = () => now * 1000;

/** A caseworker who signed in on the first day with one key. */
async function atWork() {
  kept.clear();
  now = began;
  const file = await KeyFile.make("six words", {}, stretch);
  const server = new Server();
  const { identity, newest } = await file.keys();
  server.kid = identity.kid;
  server.certificate = await certifyDutyKey(identity, newest, { organisation: "rs-demo-lantern", now });
  return { file, server, desk: await Desk.signIn(server, file), first: newest.kid };
}

const keysIn = async (file) => [...(await file.keys()).duty.keys()];

/** The keys in what the browser keeps, by somebody who knows the words. */
const keysKept = async () => keysIn(await KeyFile.open(kept.get("caseworker"), "six words", stretch));

async function weeksPass({ desk }, weeks) {
  for (let week = 0; week < weeks; week += 1) {
    now += 7 * DAY;
    await desk.renewIfDue();
  }
}

test("a replaced key is destroyed two weeks later, in memory and in what the browser keeps", async () => {
  const all = await atWork();
  await weeksPass(all, 2);
  assert.equal((await keysKept()).length, 3);
  assert.ok((await keysKept()).includes(all.first));
  await weeksPass(all, 1);
  assert.equal((await keysKept()).includes(all.first), false);
  assert.equal((await keysIn(all.file)).includes(all.first), false);
  await weeksPass(all, 6);
  assert.equal((await keysKept()).length, 3); // this week's, and two that closed cases may still be sealed to
});

test("a key that an open case is sealed to stays until the case is closed", async () => {
  const all = await atWork();
  all.server.needed = [all.first];
  await weeksPass(all, 5);
  assert.ok((await keysKept()).includes(all.first));
  all.server.needed = [];
  assert.equal(await all.desk.forgetOldKeys(), 1);
  assert.equal((await keysKept()).includes(all.first), false);
});

test("a server that calls every key needed cannot make anybody keep them for ever", async () => {
  const all = await atWork();
  all.server.needed = { includes: () => true };
  await weeksPass(all, 12);
  assert.ok((await keysKept()).includes(all.first));
  await weeksPass(all, 2);
  assert.equal((await keysKept()).includes(all.first), false);
});

test("where the server does not answer nothing is destroyed and work goes on", async () => {
  const all = await atWork();
  all.server.fault = new DeskError("server.unreachable", "");
  await weeksPass(all, 4);
  assert.equal((await keysKept()).length, 5);
  all.server.fault = null;
  await all.desk.renewIfDue();
  assert.equal((await keysKept()).length, 3);
});

test("the key that cases are sealed to now is never asked about, whatever the server says", async () => {
  const all = await atWork();
  await weeksPass(all, 4);
  const { newest } = await all.file.keys();
  assert.equal(all.server.asked.flat().includes(newest.kid), false);
  assert.ok((await keysKept()).includes(newest.kid));
});
