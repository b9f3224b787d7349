// Sharing an open case: the keys of its earlier messages, handed to one colleague in a sealed note. Nothing in the older
// envelopes changes, and a key counts only where the envelope commits to it. The same as bot/cli/opened_case.py.

import { Refused } from "./crypto/wire.js";
import { contentKeyOf, openWith, sealEnvelope } from "./crypto/envelope.js";
import { readBody, writeGrant } from "./bodies.js";

const MOST_GRANTED = 400; // keys in one note: they fit into the largest envelope

const placeOf = ({ dir, seq }) => `${dir} ${seq}`;

/** The opened envelopes again, with the bodies that colleagues gave us the keys of. A key that fits nothing is passed over. */
export async function withGranted(opened) {
  const granted = new Map();
  for (const { header, body } of opened) {
    if (header.dir !== "internal" || body?.kind !== "grant") continue;
    for (const each of body.keys) granted.set(placeOf(each), each.key);
  }
  if (granted.size === 0) return opened;
  return Promise.all(opened.map(async (one) => {
    const key = one.body === null ? granted.get(placeOf(one.header)) : undefined;
    if (key === undefined) return one;
    try {
      return { ...one, body: await readBody(await openWith(one.parsed, key)), granted: key };
    } catch (fault) {
      if (fault instanceof Refused) return one;
      throw fault;
    }
  }));
}

/**
 * Sealed notes (texts) that hand what we can read, and `to` cannot, to them alone; none when they can read it all.
 * `duty` are our own keys, `own` the newest of them: the notes open for us too.
 */
export async function grantsFor(opened, to, { duty, own, signer, header, now }) {
  const handed = new Set(opened
    .filter(({ body, recipients }) => body?.kind === "grant" && recipients.includes(to.kid))
    .flatMap(({ body }) => body.keys.map(placeOf)));
  const missing = [];
  for (const { parsed, header: at, recipients, body, granted } of opened) {
    if (body === null || body.kind === "grant" || recipients.includes(to.kid) || handed.has(placeOf(at))) continue;
    const mine = recipients.find((kid) => duty.has(kid) && parsed.wraps.get(kid) !== null);
    missing.push({ dir: at.dir, seq: at.seq, key: granted ?? (await contentKeyOf(parsed, duty.get(mine))) });
  }
  const readers = to.kid === own.kid ? [to] : [to, { kid: own.kid, public: own.public, suite: own.suite }];
  const notes = [];
  for (let start = 0; start < missing.length; start += MOST_GRANTED) {
    const body = writeGrant(missing.slice(start, start + MOST_GRANTED), now);
    notes.push(await sealEnvelope(body, readers, { ...header, seq: header.seq + notes.length }, signer));
  }
  return notes;
}
