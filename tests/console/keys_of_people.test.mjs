// What happens to keys over time: two tabs, new words, an open case that is shared, a change that two leads sign.

import assert from "node:assert/strict";
import test from "node:test";

const STATIC = "../../bot/web/console/static";
const NOW = 1_795_262_400;
const ORG = "rs-demo-lantern";

/** What the browser keeps, in a Map: the three calls of IndexedDB that store.js makes. */
const kept = new Map();
const answered = (result) => ({ result, addEventListener: (event, hear) => event === "success" && queueMicrotask(hear) });
const table = { get: (name) => answered(kept.get(name)), put: (value, name) => answered(kept.set(name, value)) };
globalThis.indexedDB = { open: () => answered({ transaction: () => ({ objectStore: () => table }), close: () => {} }) };
globalThis.location = { origin: "http://fener.test" };

const { KeyFile } = await import(`${STATIC}/crypto/keyfile.js`);
const { checkEnvelope, contentKeyOf, openEnvelope, openWith, parseEnvelope, sealEnvelope } = await import(`${STATIC}/crypto/envelope.js`);
const { keyId, randomBytes, sealingKey, secretKey, signingKey } = await import(`${STATIC}/crypto/keys.js`);
const { addMember, countersign, foundKeyring, readChange, removeMember, verifyKeyring } = await import(`${STATIC}/crypto/keyring.js`);
const { passkeysOf } = await import(`${STATIC}/crypto/passkey.js`);
const { saltOf } = await import(`${STATIC}/crypto/keyfile.js`);
const { canonicalText, fromBase64, fromUtf8, toBase64, utf8 } = await import(`${STATIC}/crypto/wire.js`);
const { readBody, writeBody } = await import(`${STATIC}/bodies.js`);
const { grantsFor, withGranted } = await import(`${STATIC}/sharing.js`);
const { Desk } = await import(`${STATIC}/desk.js`);

const refuses = (attempt, code) => assert.rejects(attempt, (fault) => fault.code === code);
const stretch = async (passphrase) => Uint8Array.from({ length: 32 }, (_, at) => passphrase[at % passphrase.length]);
const server = {
  address: location.origin,
  use() {},
  call: async (method, path) => (path === "/login/challenge" ? { challenge: toBase64(new Uint8Array(32)) } : { may: [], organisation: ORG, token: "t" }),
};

/** Keys in this browser, and as many tabs that unlocked them. */
async function tabs(number) {
  kept.clear();
  const { text } = await KeyFile.make("old words", {}, stretch);
  kept.set("caseworker", text);
  const opened = [];
  for (let tab = 0; tab < number; tab += 1) opened.push(await Desk.signIn(server, await KeyFile.open(text, "old words", stretch)));
  return opened;
}

test("what one tab wrote down is not lost when another tab saves", async () => {
  const [one, two] = await tabs(2);
  await one.note({ one: "1" });
  await two.note({ two: "2" });
  await one.note({ three: "3" });
  const { notes } = await (await KeyFile.open(kept.get("caseworker"), "old words", stretch)).keys();
  assert.deepEqual(notes, { one: "1", two: "2", three: "3" });
});

test("a tab that unlocked with the old words cannot bring them back after new ones", async () => {
  const [one, two] = await tabs(2);
  await one.changeWords(await KeyFile.prepare("new words", stretch));
  const after = kept.get("caseworker");
  await refuses(() => two.note({ late: "1" }), "keyfile.replaced");
  await refuses(async () => two.changeWords(await KeyFile.prepare("other words", stretch)), "keyfile.replaced");
  assert.equal(kept.get("caseworker"), after);
  await refuses(() => KeyFile.open(after, "old words", stretch), "keyfile.passphrase");
  await one.note({ head: "1:a" });
  const keys = await (await KeyFile.open(kept.get("caseworker"), "new words", stretch)).keys();
  assert.equal(keys.identity.kid, one.kid);
  assert.equal(keys.notes.head, "1:a");
});

test("new words keep the passkey that made them, and no other", async () => {
  const [one] = await tabs(1);
  kept.set("passkeys", ["the old record"]);
  const secret = await secretKey(new Uint8Array(32).fill(3));
  const passkey = { credential: Uint8Array.of(1), input: new Uint8Array(32), transports: [], secret };
  await one.changeWords(await KeyFile.prepare("new words", stretch, passkey));
  const text = kept.get("caseworker");
  const [record] = passkeysOf(saltOf(text), kept.get("passkeys"));
  assert.equal(kept.get("passkeys").length, 1);
  assert.equal((await (await KeyFile.openByPasskey(text, record, secret)).keys()).identity.kid, one.kid);
});

/** Somebody with an identity and one duty key. */
async function somebody(seed) {
  const identity = await signingKey(new Uint8Array(32).fill(seed));
  const own = await sealingKey(new Uint8Array(32).fill(seed + 100), "x25519");
  return { identity, own, duty: new Map([[own.kid, own]]), to: { kid: own.kid, public: own.public, suite: "x25519" } };
}

const CASE = "0123456789abcdef".repeat(2);

async function openedBy(person, blobs, signers) {
  return withGranted(await Promise.all(blobs.map(async (blob) => {
    const parsed = parseEnvelope(utf8(blob));
    await checkEnvelope(parsed, { expected: parsed.header, signers, left: new Set() });
    const mine = parsed.recipients.includes(person.own.kid);
    const body = mine ? await readBody(await openEnvelope(parsed, person.own)) : null;
    return { parsed, header: parsed.header, signer: parsed.signer, recipients: parsed.recipients, body };
  })));
}

test("who was no recipient reads an older message by a colleague's grant, and nobody else does", async () => {
  const [lantern, ana, bo, eve] = await Promise.all([1, 2, 3, 4].map(somebody));
  const signers = new Map([lantern, ana].map(({ identity }) => [identity.kid, identity.public]));
  const first = await sealEnvelope(writeBody("reply", "I am cold", NOW), [ana.to], { case: CASE, org: ORG, seq: 1, dir: "in", epoch: 1 }, lantern.identity);
  const later = await sealEnvelope(writeBody("reply", "and alone", NOW), [ana.to, bo.to], { case: CASE, org: ORG, seq: 2, dir: "in", epoch: 1 }, lantern.identity);
  assert.deepEqual((await openedBy(bo, [first, later], signers)).map(({ body }) => body?.text ?? null), [null, "and alone"]);

  const header = { case: CASE, org: ORG, seq: 1, dir: "internal", epoch: 1 };
  const giving = { duty: ana.duty, own: ana.own, signer: ana.identity, header, now: NOW };
  const opened = await openedBy(ana, [first, later], signers);
  const [grant, ...more] = await grantsFor(opened, bo.to, giving);
  assert.equal(more.length, 0);
  const all = [first, later, grant];
  assert.deepEqual((await openedBy(bo, all, signers)).map(({ body }) => body.text), ["I am cold", "and alone", ""]);
  assert.deepEqual((await openedBy(eve, all, signers)).map(({ body }) => body), [null, null, null]);
  assert.deepEqual(await grantsFor(await openedBy(ana, all, signers), bo.to, giving), []);
  // and who was given it can hand it on
  const bos = { duty: bo.duty, own: bo.own, signer: bo.identity, header: { ...header, seq: 2 }, now: NOW };
  signers.set(bo.identity.kid, bo.identity.public);
  const handedOn = await grantsFor(await openedBy(bo, all, signers), eve.to, bos);
  const eves = await openedBy(eve, [...all, ...handedOn], signers);
  assert.deepEqual(eves.map(({ body }) => body?.text ?? null), ["I am cold", "and alone", null, ""]);
});

test("a key that does not belong to a message shows nothing and breaks nothing", async () => {
  const [lantern, ana, bo] = await Promise.all([1, 2, 3].map(somebody));
  const signers = new Map([[lantern.identity.kid, lantern.identity.public]]);
  const blob = await sealEnvelope(writeBody("reply", "I am cold", NOW), [ana.to], { case: CASE, org: ORG, seq: 1, dir: "in", epoch: 1 }, lantern.identity);
  const [one] = await openedBy(ana, [blob], signers);
  await refuses(() => openWith(one.parsed, randomBytes(32)), "envelope.tampered");
  await refuses(() => openWith(one.parsed, randomBytes(31)), "envelope.tampered");
  const [theirs] = await openedBy(bo, [blob], signers);
  for (const key of [randomBytes(32), new Uint8Array(0)]) {
    const grant = { header: { dir: "internal", seq: 1 }, recipients: [], body: { kind: "grant", keys: [{ dir: "in", seq: 1, key }] } };
    const [same] = await withGranted([theirs, grant]);
    assert.equal(same.body, null);
  }
  // a grant counts only where a colleague signed it: never as words of the person
  const key = await contentKeyOf(one.parsed, ana.own);
  const asPerson = { header: { dir: "in", seq: 2 }, recipients: [], body: { kind: "grant", keys: [{ dir: "in", seq: 1, key }] } };
  assert.equal((await withGranted([theirs, asPerson]))[0].body, null);
});

test("a change that needs two leads says what it does, and counts once both signed", async () => {
  const [lea, mina, ana] = await Promise.all([1, 2, 3].map(somebody));
  const at = { organisation: ORG, now: NOW };
  const first = await foundKeyring(lea.identity, { ...at, name: "Lantern Demo", server: ana.identity.public, alias: "Lea" });
  const entries = [first, await addMember([first], lea.identity, { ...at, raw: mina.identity.public, role: "lead", alias: "Mina" })];
  const root = (await import(`${STATIC}/crypto/keyring.js`)).rootFingerprint;
  const pinned = await root(lea.identity.public);
  const verified = (all) => verifyKeyring(all, pinned, NOW, { organisation: ORG });
  const keyring = await verified(entries);
  const change = await addMember(entries, lea.identity, { ...at, raw: ana.identity.public, role: "caseworker", alias: "Ana" });
  await refuses(() => verified([...entries, change]), "keyring.signature");

  const told = await readChange(change, entries, keyring);
  assert.deepEqual([told.kind, told.by, told.alias, told.role], ["add", "Lea", "Ana", "caseworker"]);
  assert.equal(await keyId(told.raw), ana.identity.kid);
  await refuses(async () => verified([...entries, await countersign(change, lea.identity)]), "keyring.signature");
  const after = await verified([...entries, await countersign(change, mina.identity)]);
  assert.deepEqual(after.members.map(({ alias }) => alias), ["Lea", "Mina", "Ana"]);

  const gone = await removeMember(entries, lea.identity, { ...at, kid: mina.identity.kid });
  assert.equal((await readChange(gone, entries, keyring)).alias, "Mina");
  await refuses(() => readChange(change, [...entries, change], keyring), "keyring.chain");
  const stranger = await addMember(entries, ana.identity, { ...at, raw: ana.identity.public, role: "lead", alias: "Eve" });
  await refuses(() => readChange(stranger, entries, keyring), "keyring.signature");
  const edited = JSON.parse(change);
  const payload = JSON.parse(fromUtf8(fromBase64(edited.doc, "test")));
  payload.change.alias = "Eve";
  const forged = canonicalText({ ...edited, doc: toBase64(utf8(canonicalText(payload))) });
  await refuses(() => readChange(forged, entries, keyring), "keyring.signature");
});
