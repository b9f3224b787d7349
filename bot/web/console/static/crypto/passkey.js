// A key file's key, locked under a passkey: what the authenticator computes from `input` (WebAuthn PRF) opens the box.
// A record says which credential, which input and which file; all of it is bound to the box. It holds nothing secret.

import { Refused, canonical, canonicalText, readCanonical, sameBytes, toBase64, utf8 } from "./wire.js";
import { aesOpen, aesSeal, deriveAes, label, randomBytes } from "./keys.js";

const KIND = "passkey";
const LARGEST = 4 * 1024; // bytes
const LONGEST_ID = 1023; // bytes of a credential's id (Web Authentication, section 4)
const DAY = 86_400; // seconds
const LATEST = 2 ** 33;
const TRANSPORT = /^[a-z-]{1,20}$/;
const MOST_TRANSPORTS = 8;
const INPUT = 32; // bytes

/** What an authenticator is asked to compute on: random, and another for each passkey. */
export const newInput = () => randomBytes(INPUT);

/**
 * The record with which a passkey opens the file of `salt`, as text. `passkey` is `{credential, input, transports,
 * secret}` with the authenticator's answer as a key from `secretKey`; `made` is kept to the day.
 */
export async function lockForPasskey(fileKey, salt, { credential, input, transports, secret }, now = Date.now() / 1000) {
  const head = {
    credential: toBase64(credential), input: toBase64(input), kind: KIND, made: Math.floor(now / DAY) * DAY,
    salt: toBase64(salt), transports: transports.filter((each) => TRANSPORT.test(each)).slice(0, MOST_TRANSPORTS), v: 1,
  };
  const nonce = randomBytes(12);
  const box = await aesSeal(await keyOf(secret, head), nonce, fileKey, boundTo(head));
  return canonicalText({ ...head, box: toBase64(box), nonce: toBase64(nonce) });
}

/** `{credential, input, salt, made, transports, text}` of a record; refuses as `passkey.format`. */
export function readPasskey(text) {
  const read = recordOf(text);
  const credential = read.data("credential");
  if (credential.length === 0 || credential.length > LONGEST_ID) read.refuse();
  read.data("box", 48);
  read.data("nonce", 12);
  return {
    text,
    credential,
    input: read.data("input", INPUT),
    salt: read.data("salt", 16),
    made: read.integer("made", 0, LATEST),
    transports: read.texts("transports", TRANSPORT, MOST_TRANSPORTS),
  };
}

/** The records among `texts` that open the file of `salt`. What is damaged or another file's is left out. */
export function passkeysOf(salt, texts) {
  const found = [];
  for (const text of texts) {
    try {
      const passkey = readPasskey(text);
      if (sameBytes(passkey.salt, salt)) found.push(passkey);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
  }
  return found;
}

/** The 32 bytes that open the file; refuses as `passkey.wrong`. */
export async function fileKeyOf({ text }, secret) {
  const read = recordOf(text);
  const { box, nonce, ...head } = read.fields;
  return aesOpen(await keyOf(secret, head), read.data("nonce"), read.data("box"), boundTo(head), "passkey.wrong");
}

const keyOf = (secret, head) => deriveAes(secret, "passkey", canonical(head));

const boundTo = (head) => label("passkey/box", canonical(head));

function recordOf(text) {
  if (typeof text !== "string") throw new Refused("passkey.format");
  const read = readCanonical(utf8(text), "passkey", LARGEST);
  read.only("box", "credential", "input", "kind", "made", "nonce", "salt", "transports", "v");
  read.integer("v", 1, 1);
  if (read.raw("kind") !== KIND) read.refuse();
  return read;
}
