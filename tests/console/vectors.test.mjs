// The console's cryptography against the vectors that Python wrote: `node --test tests/console`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { argon2id } from "../../bot/web/console/static/vendor/noble/argon2.js";
import { checkDocument, readDocument } from "../../bot/web/console/static/crypto/documents.js";
import { checkEnvelope, checkSequence, openEnvelope, parseEnvelope, sealEnvelope } from "../../bot/web/console/static/crypto/envelope.js";
import { signLogin, verifyDutyCertificate, verifyDutyStatement } from "../../bot/web/console/static/crypto/identity.js";
import { KeyFile, plainPassphrase } from "../../bot/web/console/static/crypto/keyfile.js";
import { label, openSealed, sealingKey, sign, signingKey } from "../../bot/web/console/static/crypto/keys.js";
import { addMember, renewKeyring, verifyKeyring } from "../../bot/web/console/static/crypto/keyring.js";
import { sealNote, signNote } from "../../bot/web/console/static/crypto/mailbox.js";
import { pad, unpad } from "../../bot/web/console/static/crypto/padding.js";
import { canonical, canonicalText, fromBase64, fromHex, fromUtf8, hex, readCanonical, toBase64, utf8 } from "../../bot/web/console/static/crypto/wire.js";
import * as HPKE from "../../bot/web/console/static/vendor/hpke.js";
import { fingerprintWords, makePassphrase, WORDS } from "../../bot/web/console/static/crypto/words.js";

const read = (name) => JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
const envelopes = read("envelope_v1");
const vectors = read("keys_v1");
const bytes = (text) => fromBase64(text, "vector");
const stretch = async (passphrase, salt) => argon2id(passphrase, salt, { t: 3, m: 65536, p: 1, dkLen: 32 });
const refuses = (attempt, code) => assert.rejects(attempt, (fault) => code.test(fault.code));

const serverSigners = new Map([[envelopes.server.kid, bytes(envelopes.server.public)]]);
const first = () => sealingKey(bytes(envelopes.recipients[0].secret), "x25519");

async function opened(blob, { header, signers = serverSigners, left = [], key }) {
  const parsed = parseEnvelope(utf8(blob));
  await checkEnvelope(parsed, { expected: header, signers, left: new Set(left) });
  return fromUtf8(await openEnvelope(parsed, key));
}

test("labels are the same bytes", () => {
  assert.equal(hex(label(vectors.info.purpose, ...vectors.info.parts.map(utf8))), vectors.info.hex);
});

test("signatures are the same bytes, and keys have the same ids", async () => {
  const { seed, public: raw, kid, domain, parts, signature } = vectors.signature;
  const key = await signingKey(bytes(seed));
  assert.equal(toBase64(key.public), raw);
  assert.equal(key.kid, kid);
  assert.equal(toBase64(await sign(key, domain, ...parts.map(utf8))), signature);
});

test("fingerprint words are the same words", async () => {
  assert.deepEqual(await fingerprintWords(bytes(vectors.words.public)), vectors.words.words);
});

test("every envelope opens to what was sealed", async () => {
  const key = await first();
  for (const each of envelopes.open) {
    assert.equal(await opened(each.envelope, { header: each.header, key }), each.body);
  }
});

test("every forged, moved or damaged envelope is refused for the right reason", async () => {
  const key = await first();
  assert.ok(envelopes.refused.length > 30);
  for (const { why, code, envelope, header } of envelopes.refused) {
    await assert.rejects(async () => opened(envelope, { header, key }), (fault) => {
      assert.equal(fault.code, code, why);
      return true;
    }, why);
  }
});

test("a list with one dropped, repeated or reordered is refused", () => {
  for (const { why, whole, envelopes: blobs } of envelopes.sequences) {
    const headers = blobs.map((blob) => parseEnvelope(utf8(blob)).header);
    if (whole) checkSequence(headers);
    else assert.throws(() => checkSequence(headers), (fault) => fault.code === "envelope.gap", why);
  }
});

test("a vector of RFC 9180 opens, and a changed one does not", async () => {
  const { private: secret, public: raw, info, ...vector } = read("hpke")["x25519-hkdf-sha256-aes256gcm"];
  const [enc, ciphertext, aad, plaintext] = ["enc", "ciphertext", "aad", "plaintext"].map((name) => fromHex(vector[name], "vector"));
  const key = await sealingKey(fromHex(secret, "vector"), "x25519");
  assert.equal(hex(key.public), raw);
  const suite = new HPKE.CipherSuite(HPKE.KEM_DHKEM_X25519_HKDF_SHA256, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_AES_256_GCM);
  const open = (sealed) => suite.Open(key.pair, enc, sealed, { info: fromHex(info, "vector"), aad });
  assert.equal(hex(await open(ciphertext)), hex(plaintext));
  ciphertext[0] ^= 1;
  await assert.rejects(() => open(ciphertext));
});

test("new duty keys are X25519: X-Wing is off until somebody switches it on", async () => {
  const file = await KeyFile.make("six words", {}, async () => new Uint8Array(32));
  await file.addDutyKey();
  assert.deepEqual([...(await file.keys()).duty.values()].map(({ suite }) => suite), ["x25519", "x25519"]);
});

test("a wrap may be withdrawn only for who left", async () => {
  const { envelope, header, left, body } = envelopes.withdrawn;
  const key = await first();
  assert.equal(await opened(envelope, { header, left: [left], key }), body);
  await refuses(async () => opened(envelope, { header, key }), /^envelope\.recipients$/);
});

test("an envelope with every wrap withdrawn verifies and opens for nobody", async () => {
  const { envelope, header, left } = envelopes["withdrawn-all"];
  const key = await first();
  await refuses(async () => opened(envelope, { header, left, key }), /^envelope\.not-for-you$/);
  for (const stays of left) {
    await refuses(async () => opened(envelope, { header, left: left.filter((kid) => kid !== stays), key }), /^envelope\.recipients$/);
  }
});

test("what this page seals, its recipient opens, and nobody elsewhere", async () => {
  const key = await first();
  const signer = await signingKey(bytes(vectors.signature.seed));
  const header = { ...envelopes.open[0].header, dir: "internal", seq: 3 };
  const recipient = { kid: key.kid, public: key.public, suite: "x25519" };
  const blob = await sealEnvelope(utf8("سلام"), [recipient], header, signer);
  const signers = new Map([[signer.kid, signer.public]]);
  assert.equal(await opened(blob, { header, signers, key }), "سلام");
  await refuses(async () => opened(blob, { header: { ...header, seq: 4 }, signers, key }), /elsewhere/);
  await refuses(async () => opened(blob, { header, key }), /signature/);
});

test("a note is opened by its mailbox at its place, and its signature is the same", async () => {
  const { mailbox, sealed, body, signature, signer, sequence } = vectors.note;
  const key = await sealingKey(bytes(mailbox.secret), "x25519");
  const where = { case: vectors.note.case, organisation: vectors.organisation, sequence };
  const note = label("mailbox/note", utf8(where.case), utf8(where.organisation), Uint8Array.of(0, 0, 0, sequence));
  assert.equal(fromUtf8(unpad(await openSealed(key, bytes(sealed), note))), body);
  const identity = await signingKey(bytes(signer.seed));
  assert.equal(toBase64(await signNote(identity, bytes(sealed), where)), signature);
  const mine = await sealNote(key.public, utf8(body), where);
  assert.equal(fromUtf8(unpad(await openSealed(key, mine, note))), body);
  await refuses(() => openSealed(key, mine, label("mailbox/note")), /seal\.wrong/);
});

test("duty certificates and statements verify until they lapse", async () => {
  const { certificate, statement, until, identity } = vectors.duty;
  const who = { organisation: vectors.organisation, now: vectors.now };
  const found = await verifyDutyCertificate(certificate, bytes(identity.public), who);
  assert.equal(found.recipient.suite, "x25519");
  assert.equal(await verifyDutyStatement(statement, bytes(identity.public), who), until);
  await refuses(() => verifyDutyStatement(statement, bytes(identity.public), { ...who, now: until }), /duty\.over/);
  await refuses(() => verifyDutyCertificate(certificate, bytes(envelopes.server.public), who), /signature/);
});

test("a login is signed in the same bytes", async () => {
  const { identity, challenge, server, signature } = vectors.login;
  const key = await signingKey(bytes(identity.seed));
  assert.equal(toBase64(await signLogin(key, bytes(challenge), server)), signature);
});

const verify = (entries, extra = {}) =>
  verifyKeyring(entries, vectors.keyring.root, vectors.now, { organisation: vectors.organisation, ...extra });

test("a keyring verifies to its members, and needs its root and every entry in order", async () => {
  const { entries, members } = vectors.keyring;
  const keyring = await verify(entries);
  assert.deepEqual(keyring.members.map((member) => member.alias), members);
  await refuses(() => verify([...entries].reverse()), /^keyring\./);
  await refuses(() => verify(entries.slice(1)), /^keyring\./);
  await refuses(() => verify([]), /empty/);
  await refuses(() => verifyKeyring(entries, "0".repeat(64), vectors.now, { organisation: vectors.organisation }), /root/);
  await refuses(() => verifyKeyring(entries, vectors.keyring.root, vectors.now + 100 * 86400, { organisation: vectors.organisation }), /expired/);
  await refuses(() => verify(entries.slice(0, 2), { seen: keyring.head }), /truncated/);
});

test("a lead is taken out by two leads only", async () => {
  const { entries, by_one_lead: one, by_two_leads: two } = vectors.keyring;
  assert.equal((await verify([...entries, two])).members.length, 2);
  await refuses(() => verify([...entries, one]), /signature/);
});

test("entries that this page signs follow the chain", async () => {
  const { entries } = vectors.keyring;
  const stranger = await signingKey(bytes(vectors.signature.seed));
  const now = vectors.now;
  const entry = await addMember(entries, stranger, {
    organisation: vectors.organisation, raw: bytes(envelopes.server.public), role: "lead", alias: "Nobody", now,
  });
  await refuses(() => verify([...entries, entry]), /keyring\.signature/);
  const renewed = await readDocument(await renewKeyring(entries, stranger, { organisation: vectors.organisation, now }), "keyring");
  assert.equal(renewed.fields.integer("number"), entries.length + 1);
  await checkDocument(renewed, "keyring/entry", stranger.public, "no");
});

test("a key file that Python wrote opens with its words in any spelling, and not with others", async () => {
  const { file, passphrase, identity, duty } = vectors.key_file;
  const keys = await (await KeyFile.open(file, passphrase.toUpperCase().replaceAll(" ", "-"), stretch)).keys();
  assert.equal(keys.identity.kid, identity.kid);
  assert.ok(keys.duty.has(duty[0]));
  await refuses(() => KeyFile.open(file, "amber heron lake silver mint elm", stretch), /keyfile\.passphrase/);
});

test("a key file made here keeps its keys through notes and new duty keys", async () => {
  const cheap = async (passphrase, salt) => argon2id(passphrase, salt, { t: 1, m: 64, p: 1, dkLen: 32 });
  const words = makePassphrase().join(" ");
  const made = await KeyFile.make(words, { root: "" }, cheap);
  const before = await made.keys();
  await made.note({ root: "abc" });
  await made.addDutyKey();
  const after = await (await KeyFile.open(made.text, words, cheap)).keys();
  assert.equal(after.identity.kid, before.identity.kid);
  assert.equal(after.notes.root, "abc");
  assert.equal(after.duty.size, 2);
  assert.ok(after.duty.has(before.newest.kid));
  assert.equal(after.identity.private.extractable, false);
});

test("canonical JSON has one spelling", () => {
  const fields = { "\u{1f3f3}": 1, "\uffff": 2, b: [null, "\u2028\u007f\u0001\"\\/ü", { z: 1, a: true }], a: 0 };
  const text = '{"a":0,"b":[null,"\u2028\u007f\\u0001\\"\\\\/ü",{"a":true,"z":1}],"\uffff":2,"\u{1f3f3}":1}';
  assert.equal(canonicalText(fields), text);
  assert.equal(readCanonical(canonical(fields), "x", 1000).integer("a"), 0);
  for (const bad of ['{"a": 1}', '{"b":1,"a":1}', '{"a":1,"a":1}', '{"a":1.0}', '{"a":1e3}', "[]", '{"a":"\\u00fc"}', '{"a":-0}', '{"a":9007199254740993}', "\ufeff{}"]) {
    assert.throws(() => readCanonical(utf8(bad), "x", 1000), /x\.format/, bad);
  }
  assert.throws(() => canonical({ a: "\ud800" }));
});

test("base64url has one spelling", () => {
  assert.equal(toBase64(Uint8Array.of(251, 255)), "-_8");
  for (const bad of ["-_9", "-_8=", "+/8", "a", " -_8"]) assert.throws(() => fromBase64(bad, "x"), /x\.format/, bad);
});

test("padding goes both ways at every border", () => {
  for (const size of [0, 1, 1020, 1021, 4092, 4093, 65532]) {
    const padded = pad(new Uint8Array(size).fill(7));
    assert.ok([1024, 4096, 16384, 65536].includes(padded.length));
    assert.equal(unpad(padded).length, size);
    padded[padded.length - 1] ^= size === padded.length - 4 ? 0 : 1;
    if (size !== padded.length - 4) assert.throws(() => unpad(padded), /padding\.wrong/);
  }
  assert.throws(() => pad(new Uint8Array(65533)), /too-long/);
});

test("the words are Python's words", () => {
  const source = readFileSync(new URL("../../bot/crypto/wordlist.py", import.meta.url), "utf8");
  assert.deepEqual(WORDS, source.split('_TEXT = """')[1].split('"""')[0].trim().split(/\s+/));
  assert.equal(WORDS.length, 2048);
  assert.equal(plainPassphrase(" Amber-Heron\n lake "), "amber heron lake");
});

test("an envelope with any one byte changed is refused, but for the other recipient's wrap, which is not ours to judge", async () => {
  const key = await first();
  const { envelope, header } = envelopes.open[1];
  const whole = utf8(envelope);
  const theirs = JSON.parse(envelope).wraps[envelopes.recipients[1].kid];
  const start = envelope.indexOf(theirs);
  for (let tries = 0; tries < 300; tries += 1) {
    const at = Math.floor((tries * whole.length) / 300);
    if (at >= start && at < start + theirs.length) continue;
    const changed = whole.slice();
    changed[at] ^= 1 << (tries % 7);
    const attempt = async () => {
      const parsed = parseEnvelope(changed);
      await checkEnvelope(parsed, { expected: header, signers: serverSigners, left: new Set() });
      await openEnvelope(parsed, key);
    };
    await refuses(attempt, /^envelope\./);
  }
});
