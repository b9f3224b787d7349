// Envelope v1, as docs/reference/envelope.md says byte by byte; the same as bot/crypto/envelope.py.

import {
  CASE, KEY_ID, ORGANISATION, Refused, SHA256, canonicalText, canonical, concat, hex, readCanonical, toBase64, utf8,
} from "./wire.js";
import {
  OVERHEAD, aesKey, aesOpen, aesSeal, checkSignature, derive, keyId, openSealed, prefix, randomBytes, sealTo, sha256, sign,
} from "./keys.js";
import { BUCKETS, pad, unpad } from "./padding.js";

const MOST_RECIPIENTS = 64;
const LARGEST = 320 * 1024; // bytes
const LARGEST_HEADER = 8 * 1024; // bytes
const LARGEST_COUNT = 2 ** 31 - 1;
const CONTENT_KEY = 32; // bytes
const NONCE = new Uint8Array(12); // each content key encrypts one text only
const TAG = 16;

/** The parts of an envelope, checked for form only: nothing here is verified yet. */
export function parseEnvelope(blob) {
  const outer = readCanonical(blob, "envelope", LARGEST).only("body", "by", "header", "sig", "wraps");
  const headerBytes = outer.data("header");
  const header = readCanonical(headerBytes, "envelope", LARGEST_HEADER);
  header.only("case", "commit", "dir", "epoch", "org", "seq", "suite", "to", "v");
  header.integer("v", 1, 1);
  const suite = header.text("suite", /^(x25519|x-wing|mixed)$/);
  const to = header.texts("to", KEY_ID, MOST_RECIPIENTS);
  const sorted = [...new Set(to)].sort();
  if (to.length === 0 || to.join() !== sorted.join()) header.refuse();
  const outerWraps = outer.inner("wraps").only(...to);
  const sizes = Object.keys(OVERHEAD)
    .filter((each) => suite === each || suite === "mixed")
    .map((each) => CONTENT_KEY + OVERHEAD[each]);
  const wraps = new Map(to.map((kid) => [kid, outerWraps.raw(kid) === "" ? null : outerWraps.data(kid, ...sizes)]));
  return {
    header: {
      case: header.text("case", CASE),
      org: header.text("org", ORGANISATION),
      seq: header.integer("seq", 1, LARGEST_COUNT),
      dir: header.text("dir", /^(in|out|internal)$/),
      epoch: header.integer("epoch", 0, LARGEST_COUNT),
    },
    headerBytes,
    recipients: to,
    commitment: header.text("commit", SHA256),
    wraps,
    ciphertext: outer.data("body", ...BUCKETS.map((bucket) => bucket + TAG)),
    signer: outer.text("by", KEY_ID),
    signature: outer.data("sig", 64),
  };
}

/** Resolves when one of `signers` (key id -> public key, from a verified keyring) signed header and ciphertext. */
export async function verifyEnvelope(parsed, signers) {
  const raw = signers.get(parsed.signer);
  if (raw === undefined || (await keyId(raw)) !== parsed.signer) throw new Refused("envelope.signature");
  const hashes = await signedHashes(parsed.headerBytes, parsed.ciphertext);
  await checkSignature(raw, parsed.signature, "envelope.signature", "envelope/signature", ...hashes);
}

/** Resolves when this is the envelope of exactly this place, signed by who may, with no wrap taken out. */
export async function checkEnvelope(parsed, { expected, signers, left }) {
  for (const name of ["case", "org", "seq", "dir"]) {
    if (parsed.header[name] !== expected[name]) throw new Refused("envelope.elsewhere");
  }
  await verifyEnvelope(parsed, signers);
  for (const [kid, wrap] of parsed.wraps) {
    if (wrap === null && !left.has(kid)) throw new Refused("envelope.recipients");
  }
}

/** The body's bytes, of an envelope that `checkEnvelope` let pass. */
export async function openEnvelope(parsed, key) {
  const contentKey = await contentKeyOf(parsed, key);
  try {
    return await openWith(parsed, contentKey);
  } finally {
    contentKey.fill(0);
  }
}

/** The key of this one message, as it was wrapped to a recipient: for opening it, or for handing it on. */
export async function contentKeyOf(parsed, key) {
  const wrap = parsed.wraps.get(key.kid);
  if (!wrap || wrap.length !== CONTENT_KEY + OVERHEAD[key.suite]) throw new Refused("envelope.not-for-you");
  let contentKey;
  try {
    contentKey = await openSealed(key, wrap, await wrapInfo(parsed.headerBytes, key.kid));
  } catch {
    throw new Refused("envelope.tampered");
  }
  await checkCommitment(parsed, contentKey);
  return contentKey;
}

/** The same with its content key, which is left as it is. One that somebody made up is refused by the commitment. */
export async function openWith(parsed, contentKey) {
  await checkCommitment(parsed, contentKey);
  const cipher = await aesKey(await derive(contentKey, "envelope/content"), "decrypt");
  const padded = await aesOpen(cipher, NONCE, parsed.ciphertext, parsed.headerBytes, "envelope.tampered");
  try {
    return unpad(padded);
  } catch {
    throw new Refused("envelope.tampered");
  }
}

/** `body` sealed to all recipients (`{kid, public, suite}`), as the text that is stored. */
export async function sealEnvelope(body, recipients, header, signer) {
  const kids = new Set(recipients.map((each) => each.kid));
  if (recipients.length < 1 || recipients.length > MOST_RECIPIENTS || kids.size !== recipients.length) {
    throw new Refused("envelope.recipients");
  }
  for (const each of recipients) {
    if ((await keyId(each.public)) !== each.kid) throw new Refused("envelope.recipients");
  }
  const suites = new Set(recipients.map((each) => each.suite));
  const contentKey = randomBytes(CONTENT_KEY);
  const headerBytes = canonical({
    case: header.case,
    commit: await commitment(contentKey),
    dir: header.dir,
    epoch: header.epoch,
    org: header.org,
    seq: header.seq,
    suite: suites.size === 1 ? recipients[0].suite : "mixed",
    to: [...kids].sort(),
    v: 1,
  });
  const cipher = await aesKey(await derive(contentKey, "envelope/content"), "encrypt");
  const ciphertext = await aesSeal(cipher, NONCE, pad(body), headerBytes);
  const wraps = {};
  for (const each of recipients) {
    const info = await wrapInfo(headerBytes, each.kid);
    wraps[each.kid] = toBase64(await sealTo(each.public, contentKey, info, each.suite));
  }
  contentKey.fill(0);
  const signature = await sign(signer, "envelope/signature", ...(await signedHashes(headerBytes, ciphertext)));
  const blob = canonicalText({
    body: toBase64(ciphertext), by: signer.kid, header: toBase64(headerBytes), sig: toBase64(signature), wraps,
  });
  parseEnvelope(utf8(blob));
  return blob;
}

/** Refuses unless these headers are 1, 2, 3... of one direction. */
export function checkSequence(headers) {
  headers.forEach((header, at) => {
    if (header.seq !== at + 1) throw new Refused("envelope.gap");
  });
}

async function checkCommitment(parsed, contentKey) {
  if (contentKey.length !== CONTENT_KEY || (await commitment(contentKey)) !== parsed.commitment) {
    throw new Refused("envelope.tampered");
  }
}

const commitment = async (contentKey) => hex(await derive(contentKey, "envelope/commit"));

const signedHashes = async (headerBytes, ciphertext) => [await sha256(headerBytes), await sha256(ciphertext)];

async function wrapInfo(headerBytes, kid) {
  const headerHash = await sha256(concat(prefix("envelope/header"), headerBytes));
  return concat(prefix("envelope/wrap"), headerHash, utf8(kid));
}
