// A colleague gone bad hands on wrong keys: nobody loses by it what another colleague gave.

import assert from "node:assert/strict";
import test from "node:test";

const STATIC = "../../bot/web/console/static";
const NOW = 1_795_262_400;
const ORG = "rs-demo-lantern";
const CASE = "0123456789abcdef".repeat(2);

const { checkEnvelope, openEnvelope, parseEnvelope, sealEnvelope } = await import(`${STATIC}/crypto/envelope.js`);
const { randomBytes, sealingKey, signingKey } = await import(`${STATIC}/crypto/keys.js`);
const { utf8 } = await import(`${STATIC}/crypto/wire.js`);
const { readBody, writeBody, writeGrant } = await import(`${STATIC}/bodies.js`);
const { grantsFor, withGranted } = await import(`${STATIC}/sharing.js`);

async function somebody(seed) {
  const identity = await signingKey(new Uint8Array(32).fill(seed));
  const own = await sealingKey(new Uint8Array(32).fill(seed + 100), "x25519");
  return { identity, own, duty: new Map([[own.kid, own]]), to: { kid: own.kid, public: own.public, suite: "x25519" } };
}

async function openedBy(person, blobs, signers) {
  return withGranted(await Promise.all(blobs.map(async (blob) => {
    const parsed = parseEnvelope(utf8(blob));
    await checkEnvelope(parsed, { expected: parsed.header, signers, left: new Set() });
    const mine = parsed.recipients.includes(person.own.kid);
    const body = mine ? await readBody(await openEnvelope(parsed, person.own)) : null;
    return { parsed, header: parsed.header, signer: parsed.signer, recipients: parsed.recipients, body };
  })));
}

test("wrong keys of one colleague take nothing away, and keep nobody from sharing", async () => {
  const [lantern, ana, bad, bo] = await Promise.all([1, 2, 3, 4].map(somebody));
  const signers = new Map([lantern, ana, bad].map(({ identity }) => [identity.kid, identity.public]));
  const at = (dir, seq) => ({ case: CASE, org: ORG, seq, dir, epoch: 1 });
  const first = await sealEnvelope(writeBody("reply", "I am cold", NOW), [ana.to, bad.to], at("in", 1), lantern.identity);
  const wrong = (seq) => sealEnvelope(writeGrant([{ dir: "in", seq: 1, key: randomBytes(32) }], NOW), [bo.to, ana.to], at("internal", seq), bad.identity);
  const giving = (seq) => ({ duty: ana.duty, own: ana.own, signer: ana.identity, header: at("internal", seq), now: NOW });

  const before = await wrong(1);
  const [right] = await grantsFor(await openedBy(ana, [first, before], signers), bo.to, giving(2));
  assert.ok(right, "a wrong key counts as handed");
  const all = [first, before, right, await wrong(3)];
  const [read] = await openedBy(bo, all, signers);
  assert.equal(read.body.text, "I am cold");
  assert.deepEqual(await grantsFor(await openedBy(ana, all, signers), bo.to, giving(4)), []);
});
