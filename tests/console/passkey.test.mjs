// A passkey's record against the vector that Python wrote: `node --test tests/console`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { argon2id } from "../../bot/web/console/static/vendor/noble/argon2.js";
import { KeyFile, saltOf } from "../../bot/web/console/static/crypto/keyfile.js";
import { secretKey } from "../../bot/web/console/static/crypto/keys.js";
import { fileKeyOf, lockForPasskey, passkeysOf, readPasskey } from "../../bot/web/console/static/crypto/passkey.js";
import { canonicalText, fromBase64, toBase64 } from "../../bot/web/console/static/crypto/wire.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/passkey_v1.json", import.meta.url), "utf8"));
const bytes = (text) => fromBase64(text, "vector");
const secret = () => secretKey(bytes(vector.output));
const refuses = (attempt, code) => assert.rejects(attempt, (fault) => fault.code === code);
const changed = (change) => canonicalText({ ...JSON.parse(vector.record), ...change });
const open = async (record, by = secret()) => KeyFile.openByPasskey(vector.file, readPasskey(record), await by);

test("a record that Python made opens the key file to the same identity", async () => {
  const { identity, notes } = await (await open(vector.record)).keys();
  assert.equal(identity.kid, vector.identity.kid);
  assert.equal(notes.server, "http://localhost:8080");
});

test("keys opened by a passkey lock into a file that the words still open", async () => {
  const file = await open(vector.record);
  await file.note({ head: "2:abc" });
  const stretch = async (passphrase, salt) => argon2id(passphrase, salt, { t: 3, m: 65536, p: 1, dkLen: 32 });
  const byWords = await KeyFile.open(file.text, vector.passphrase, stretch);
  assert.equal((await byWords.keys()).notes.head, "2:abc");
  const again = await KeyFile.openByPasskey(file.text, readPasskey(vector.record), await secret());
  assert.equal((await again.keys()).notes.head, "2:abc");
});

test("new keys under words and a passkey open by either, and another passkey opens nothing", async () => {
  const stretched = new Uint8Array(32).fill(7);
  const stretch = async () => stretched.slice(); // Argon2id has its own test
  const passkey = {
    credential: new Uint8Array(64).fill(1), input: new Uint8Array(32).fill(2), transports: ["usb", "no such one!"],
    secret: await secret(),
  };
  const file = await KeyFile.make("six words", {}, stretch, passkey);
  const { identity } = await file.keys();
  const record = readPasskey(file.passkey);
  assert.deepEqual(record.transports, ["usb"]);
  assert.equal(record.made % 86_400, 0);
  const byPasskey = await KeyFile.openByPasskey(file.text, record, await secret());
  assert.equal((await byPasskey.keys()).identity.kid, identity.kid);
  const byWords = await KeyFile.open(file.text, "six words", stretch);
  assert.equal((await byWords.keys()).identity.kid, identity.kid);
  assert.equal(byWords.passkey, "");
  const other = await secretKey(new Uint8Array(32).fill(9));
  await refuses(() => KeyFile.openByPasskey(file.text, record, other), "passkey.wrong");
  for (const secretText of [toBase64(stretched), vector.output]) assert.ok(!file.passkey.includes(secretText));
});

test("a record of which anything was changed does not open", async () => {
  const flip = (text) => (text[0] === "A" ? "B" : "A") + text.slice(1);
  const { box, credential, input, made, nonce, salt } = JSON.parse(vector.record);
  for (const change of [
    { box: flip(box) }, { credential: flip(credential) }, { input: flip(input) }, { made: made + 86_400 },
    { nonce: flip(nonce) }, { salt: flip(salt) }, { transports: ["usb"] }, { transports: [] },
  ]) await refuses(() => open(changed(change)), "passkey.wrong");
});

test("a record of another form is refused, and left out among others", async () => {
  const salt = saltOf(vector.file);
  const { box, input } = JSON.parse(vector.record);
  const bad = [
    "", "{}", "[]", vector.record.slice(1), ` ${vector.record}`, changed({ v: 2 }), changed({ kind: "caseworker" }),
    changed({ more: "x" }), changed({ box: box.slice(4) }), changed({ input: input.slice(4) }), changed({ made: -1 }),
    changed({ credential: "" }), changed({ credential: "A".repeat(1368) }), changed({ transports: ["USB"] }),
    changed({ transports: Array(9).fill("usb") }), null, 7, {}, "x".repeat(5000),
  ];
  for (const each of bad) assert.throws(() => readPasskey(each), (fault) => fault.code === "passkey.format");
  const elsewhere = changed({ salt: toBase64(new Uint8Array(16)) });
  assert.deepEqual(passkeysOf(salt, [...bad, elsewhere, vector.record]).map((each) => each.text), [vector.record]);
});

test("what is locked opens to the same bytes, and each box is another", async () => {
  const passkey = { credential: Uint8Array.of(1), input: new Uint8Array(32), transports: [], secret: await secret() };
  const key = new Uint8Array(32).fill(5);
  const [one, two] = [await lockForPasskey(key, new Uint8Array(16), passkey), await lockForPasskey(key, new Uint8Array(16), passkey)];
  assert.notEqual(one, two);
  assert.deepEqual(await fileKeyOf(readPasskey(one), await secret()), key);
});

test("no single character of a record may be another one", async () => {
  const by = await secret();
  for (let at = 0; at < vector.record.length; at += 1) {
    for (const other of ["A", "0", "\"", "\u202e"]) {
      if (vector.record[at] === other) continue;
      const record = vector.record.slice(0, at) + other + vector.record.slice(at + 1);
      await assert.rejects(() => open(record, by), (fault) => /^passkey\.(format|wrong)$/.test(fault.code), record);
    }
  }
});
