// Sharing an open case: the keys of its earlier messages, handed to one colleague in a sealed note. Nothing in the older
// envelopes changes, and a key counts only where the envelope commits to it. The same as bot/cli/opened_case.py.

import { Refused, sameBytes } from "./crypto/wire.js";
import { contentKeyOf, openWith, sealEnvelope } from "./crypto/envelope.js";
import { readBody, writeGrant } from "./bodies.js";

const MOST_GRANTED = 400; // keys in one note: they fit into the largest envelope

const placeOf = ({ dir, seq }) => `${dir} ${seq}`;

/**
 * The opened envelopes again, with the bodies that colleagues gave us the keys of. A key that fits nothing is passed over:
 * of each colleague the last one is tried, so that nobody takes away what another gave.
 */
export async function withGranted(opened) {
  const granted = new Map(); // place -> signer -> key
  for (const { header, signer, body } of opened) {
    if (header.dir !== "internal" || body?.kind !== "grant") continue;
    for (const each of body.keys) {
      if (!granted.has(placeOf(each))) granted.set(placeOf(each), new Map());
      granted.get(placeOf(each)).set(signer, each.key);
    }
  }
  if (granted.size === 0) return opened;
  return Promise.all(opened.map((one) => (one.body === null ? tried(one, [...(granted.get(placeOf(one.header))?.values() ?? [])]) : one)));
}

async function tried(one, keys) {
  for (const key of keys) {
    try {
      return { ...one, body: await readBody(await openWith(one.parsed, key)), granted: key };
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
  }
  return one;
}

/**
 * Sealed notes (texts) that hand what we can read, and `to` cannot, to them alone; none when they can read it all.
 * `duty` are our own keys, `own` the newest of them: the notes open for us too.
 */
export async function grantsFor(opened, to, { duty, own, signer, header, now }) {
  const handed = opened
    .filter(({ body, recipients }) => body?.kind === "grant" && recipients.includes(to.kid))
    .flatMap(({ body }) => body.keys);
  const missing = [];
  for (const { parsed, header: at, recipients, body, granted } of opened) {
    if (body === null || body.kind === "grant" || recipients.includes(to.kid)) continue;
    const mine = recipients.find((kid) => duty.has(kid) && parsed.wraps.get(kid) !== null);
    const key = granted ?? (await contentKeyOf(parsed, duty.get(mine)));
    if (handed.some((each) => placeOf(each) === placeOf(at) && sameBytes(each.key, key))) continue; // a wrong one gave nothing
    missing.push({ dir: at.dir, seq: at.seq, key });
  }
  const readers = to.kid === own.kid ? [to] : [to, { kid: own.kid, public: own.public, suite: own.suite }];
  const notes = [];
  for (let start = 0; start < missing.length; start += MOST_GRANTED) {
    const body = writeGrant(missing.slice(start, start + MOST_GRANTED), now);
    notes.push(await sealEnvelope(body, readers, { ...header, seq: header.seq + notes.length }, signer));
  }
  return notes;
}
