// Every reader of what comes from outside, under damaged bytes: it refuses in its own way, and never anything else. The seed
// stands in each failure: `FENER_FUZZ_SEED=... node --test tests/console/fuzz.test.mjs` repeats it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const STATIC = "../../bot/web/console/static";
const { readDocument } = await import(`${STATIC}/crypto/documents.js`);
const { checkEnvelope, openEnvelope, parseEnvelope } = await import(`${STATIC}/crypto/envelope.js`);
const { verifyDutyCertificate, verifyDutyStatement } = await import(`${STATIC}/crypto/identity.js`);
const { KeyFile, checkKeyFile } = await import(`${STATIC}/crypto/keyfile.js`);
const { sealingKey } = await import(`${STATIC}/crypto/keys.js`);
const { readChange, verifyKeyring } = await import(`${STATIC}/crypto/keyring.js`);
const { readPasskey } = await import(`${STATIC}/crypto/passkey.js`);
const { unpad } = await import(`${STATIC}/crypto/padding.js`);
const { Refused, canonicalText, fromBase64, fromUtf8, readCanonical, utf8 } = await import(`${STATIC}/crypto/wire.js`);
const { readBody, writeGrant } = await import(`${STATIC}/bodies.js`);

const ROUNDS = 400; // of each reader
const SEED = Number(process.env.FENER_FUZZ_SEED ?? 20_261_122);
const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
const [envelopes, vectors, passkeys] = ["envelope_v1", "keys_v1", "passkey_v1"].map(read);
const bytes = (text) => fromBase64(text, "vector");

/** Numbers below `most`, the same ones for the same seed (mulberry32). */
function dice(seed) {
  let state = seed >>> 0;
  return (most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
}

const WILD = [null, true, -1, 0, 1.5, 2 ** 53, "", "x".repeat(300), "\u202e", "\ud800", [], [1], {}, { a: 1 }, "__proto__", "in", "A".repeat(43)];

/** Another value in place of one, somewhere inside. */
function replaced(value, roll) {
  if (roll(4) === 0 || value === null || typeof value !== "object") return WILD[roll(WILD.length)];
  const names = Object.keys(value);
  if (names.length === 0) return WILD[roll(WILD.length)];
  const name = names[roll(names.length)];
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (roll(6) === 0) delete copy[name];
  else if (roll(6) === 0) copy[["constructor", "toString", "more", "v"][roll(4)]] = WILD[roll(WILD.length)];
  else copy[name] = replaced(copy[name], roll);
  return copy;
}

function written(value) {
  try {
    return canonicalText(value);
  } catch {
    return JSON.stringify(value) ?? "null";
  }
}

/** A text that is damaged as bytes, cut, doubled, or as well-formed JSON with another value inside. */
function damaged(text, roll) {
  if (roll(2) === 0) return written(replaced(JSON.parse(text), roll));
  const at = roll(text.length);
  switch (roll(5)) {
    case 0: return text.slice(0, at);
    case 1: return text.slice(0, at) + text.slice(at + 1 + roll(4));
    case 2: return text.slice(0, at) + String.fromCharCode(roll(0x3000)) + text.slice(at + 1);
    case 3: return text.slice(0, at) + text.slice(roll(text.length));
    default: return Array.from({ length: roll(60) }, () => String.fromCharCode(roll(256))).join("");
  }
}

/** `attempt(text)` refuses each damaged text with a code of this shape, and takes none. */
async function neverAnythingElse(name, whole, attempt, code) {
  const roll = dice(SEED);
  await attempt(whole);
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = damaged(whole, roll);
    if (text === whole) continue;
    const said = `${name}, seed ${SEED}, round ${round}: ${text.slice(0, 400)}`;
    await assert.rejects(async () => attempt(text), (fault) => {
      assert.ok(fault instanceof Refused && code.test(fault.code), `${said}\n${fault?.stack}`);
      return true;
    }, said);
  }
}

const [first] = envelopes.open;
const now = vectors.now;
const organisation = vectors.organisation;
const ana = bytes(vectors.duty.identity.public);

test("damaged envelopes", async () => {
  const key = await sealingKey(bytes(envelopes.recipients[0].secret), "x25519");
  const signers = new Map([[envelopes.server.kid, bytes(envelopes.server.public)]]);
  const theirs = JSON.parse(first.envelope).wraps[envelopes.recipients[1].kid];
  await neverAnythingElse("envelope", first.envelope, async (text) => {
    const parsed = parseEnvelope(utf8(text));
    await checkEnvelope(parsed, { expected: first.header, signers, left: new Set() });
    await openEnvelope(parsed, key);
    // only the other recipient's wrap may differ: it is not ours to judge
    const { wraps, ...rest } = JSON.parse(text);
    if (text !== first.envelope) {
      const same = canonicalText({ ...rest, wraps: { ...wraps, [envelopes.recipients[1].kid]: theirs } });
      if (same === first.envelope) throw new Refused("envelope.theirs");
    }
  }, /^envelope\./);
});

test("damaged documents, certificates and statements", async () => {
  const { certificate, statement } = vectors.duty;
  await neverAnythingElse("certificate", certificate, (text) => verifyDutyCertificate(text, ana, { organisation, now }), /^duty-key\./);
  await neverAnythingElse("statement", statement, (text) => verifyDutyStatement(text, ana, { organisation, now }), /^duty\./);
  const roll = dice(SEED);
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = damaged(certificate, roll);
    try {
      await readDocument(text, "x"); // by form alone some are documents: they only may not fail otherwise
    } catch (fault) {
      assert.equal(fault.code, "x.format", `seed ${SEED}, round ${round}: ${fault.stack}`);
    }
  }
});

test("damaged keyrings and changes of a keyring", async () => {
  const { entries, root, by_one_lead: change } = vectors.keyring;
  const verified = (all) => verifyKeyring(all, root, now, { organisation });
  const keyring = await verified(entries);
  for (const at of entries.keys()) {
    await neverAnythingElse(`entry ${at}`, entries[at], (text) => verified(entries.with(at, text)), /^keyring\./);
  }
  await neverAnythingElse("change", change, (text) => readChange(text, entries, keyring), /^keyring\./);
});

test("damaged key files and passkey records", async () => {
  const { file, record } = passkeys;
  const stretch = async () => new Uint8Array(32); // no cost: what is read before the words is what is tested
  const cheap = await KeyFile.make("six words", { server: "x" }, stretch);
  await neverAnythingElse("key file", cheap.text, (text) => KeyFile.open(text, "six words", stretch), /^keyfile\./);
  checkKeyFile(file);
  const roll = dice(SEED);
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = damaged(record, roll);
    try {
      readPasskey(text); // a record of right form opens nothing by that: passkey.test.mjs
    } catch (fault) {
      assert.equal(fault.code, "passkey.format", `seed ${SEED}, round ${round}: ${fault.stack}`);
    }
  }
});

test("damaged bodies, paddings and canonical JSON", async () => {
  const grant = fromUtf8(writeGrant([{ dir: "in", seq: 1, key: new Uint8Array(32) }], now));
  const roll = dice(SEED);
  const passes = async (attempt, code) => {
    try {
      await attempt();
    } catch (fault) {
      assert.equal(fault.code, code, `seed ${SEED}: ${fault.stack}`);
    }
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    await passes(() => readBody(utf8(damaged(grant, roll))), "body.format");
    await passes(() => readCanonical(utf8(damaged(grant, roll)), "x", 10_000), "x.format");
    await passes(() => unpad(Uint8Array.from({ length: roll(1100) }, () => roll(3))), "padding.wrong");
  }
  for (const bad of [new Uint8Array(1024).fill(255), new Uint8Array(0), new Uint8Array(1023)]) {
    assert.throws(() => unpad(bad), (fault) => fault.code === "padding.wrong");
  }
});
