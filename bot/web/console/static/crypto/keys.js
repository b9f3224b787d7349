// Labels, hashes, Ed25519 and X25519 over WebCrypto. Private keys are not extractable once they are in use.
// The same bytes as bot/crypto/{derive,signing,suites}.py.

import { Refused, concat, fromBase64, hex, utf8 } from "./wire.js";
import * as HPKE from "../vendor/hpke.js";

const subtle = globalThis.crypto.subtle;
const DOMAIN = "fener/v1/";
const SEED = 32;

/** Random bytes from the browser's own source. */
export const randomBytes = (size) => globalThis.crypto.getRandomValues(new Uint8Array(size));

export async function sha256(bytes) {
  return new Uint8Array(await subtle.digest("SHA-256", bytes));
}

export function uint32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** `fener/v1/<purpose>`, a zero byte, then each part behind its length. */
export function label(purpose, ...parts) {
  const pieces = [utf8(DOMAIN + purpose), new Uint8Array(1)];
  for (const part of parts) pieces.push(uint32(part.length), part);
  return concat(...pieces);
}

/** The plain prefix of a purpose, for the two places that hash or join by hand. */
export const prefix = (purpose) => concat(utf8(DOMAIN + purpose), new Uint8Array(1));

/** HKDF-SHA256 without salt: 32 bytes for one purpose. */
export async function derive(key, purpose, ...parts) {
  const base = await subtle.importKey("raw", key, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: label(purpose, ...parts) };
  return new Uint8Array(await subtle.deriveBits(how, base, 256));
}

/** A secret that cannot be read out: keys are derived from it, and nothing else is done with it. */
export const secretKey = (raw) => subtle.importKey("raw", raw, "HKDF", false, ["deriveKey"]);

/** HKDF-SHA256 without salt, as `derive`: an AES-256-GCM key for one purpose that cannot be read out. */
export function deriveAes(secret, purpose, ...parts) {
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: label(purpose, ...parts) };
  return subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** The id of a public key: the first half of SHA-256 over its raw bytes. */
export const keyId = async (bytes) => hex(await sha256(bytes)).slice(0, 32);

// --- Ed25519 ---------------------------------------------------------------------------------------

const ED25519_PKCS8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32]);
const X25519_PKCS8 = Uint8Array.from([48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 110, 4, 34, 4, 32]);

async function publicHalf(algorithm, pkcs8, use) {
  const whole = await subtle.importKey("pkcs8", pkcs8, { name: algorithm }, true, use);
  return fromBase64((await subtle.exportKey("jwk", whole)).x, "key");
}

/** A signing key that cannot be read out again: `{private, public, kid}`. */
export async function signingKey(seed) {
  if (seed.length !== SEED) throw new Refused("key.format");
  const pkcs8 = concat(ED25519_PKCS8, seed);
  const raw = await publicHalf("Ed25519", pkcs8, ["sign"]);
  const key = await subtle.importKey("pkcs8", pkcs8, { name: "Ed25519" }, false, ["sign"]);
  pkcs8.fill(0);
  return { private: key, public: raw, kid: await keyId(raw) };
}

/** 64 bytes over the domain and the parts, each behind its length. */
export async function sign(key, domain, ...parts) {
  return new Uint8Array(await subtle.sign({ name: "Ed25519" }, key.private, label(domain, ...parts)));
}

/** Resolves if the owner of `raw` signed exactly these parts for this domain; refuses with `code`. */
export async function checkSignature(raw, signature, code, domain, ...parts) {
  let good = false;
  try {
    const key = await subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    good = await subtle.verify({ name: "Ed25519" }, key, signature, label(domain, ...parts));
  } catch {
    good = false;
  }
  if (!good) throw new Refused(code);
}

// --- sealing: HPKE base mode -------------------------------------------------------------------------

const SUITES = {
  x25519: () =>
    new HPKE.CipherSuite(HPKE.KEM_DHKEM_X25519_HKDF_SHA256, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_AES_256_GCM),
  "x-wing": () => new HPKE.CipherSuite(HPKE.KEM_MLKEM768_X25519, HPKE.KDF_HKDF_SHA256, HPKE.AEAD_AES_256_GCM),
};
const PUBLIC_SIZE = { x25519: 32, "x-wing": 1216 };
const ENCAPSULATED = { x25519: 32, "x-wing": 1120 };

/** Bytes that sealing adds: the encapsulated key and the tag. */
export const OVERHEAD = { x25519: 32 + 16, "x-wing": 1120 + 16 };

export function publicSize(suite) {
  if (!Object.hasOwn(PUBLIC_SIZE, suite)) throw new Refused("key.suite");
  return PUBLIC_SIZE[suite];
}

/** A key that opens what was sealed to its public half. Of X-Wing this page only seals; `fener case` opens. */
export async function sealingKey(secret, suite) {
  publicSize(suite);
  if (secret.length !== SEED) throw new Refused("key.format");
  if (suite !== "x25519") return null;
  const pkcs8 = concat(X25519_PKCS8, secret);
  const raw = await publicHalf("X25519", pkcs8, ["deriveBits"]);
  const privateKey = await subtle.importKey("pkcs8", pkcs8, { name: "X25519" }, false, ["deriveBits"]);
  const publicKey = await subtle.importKey("raw", raw, { name: "X25519" }, true, []);
  pkcs8.fill(0);
  return { suite, pair: { privateKey, publicKey }, public: raw, kid: await keyId(raw) };
}

/** `plaintext` sealed to a public key, openable only with the same `info`. */
export async function sealTo(raw, plaintext, info, suite = "x25519") {
  if (raw.length !== publicSize(suite)) throw new Refused("key.format");
  try {
    const hpke = SUITES[suite]();
    const key = await hpke.DeserializePublicKey(raw);
    const { encapsulatedSecret, ciphertext } = await hpke.Seal(key, plaintext, { info });
    return concat(encapsulatedSecret, ciphertext);
  } catch {
    throw new Refused("key.format");
  }
}

/** What was sealed to this key with the same `info`; refuses as `seal.wrong`. */
export async function openSealed(key, sealed, info) {
  const size = ENCAPSULATED[key.suite];
  try {
    const hpke = SUITES[key.suite]();
    return await hpke.Open(key.pair, sealed.subarray(0, size), sealed.subarray(size), { info });
  } catch {
    throw new Refused("seal.wrong");
  }
}

// --- AES-256-GCM ---------------------------------------------------------------------------------------

export async function aesKey(raw, ...uses) {
  return subtle.importKey("raw", raw, "AES-GCM", false, uses);
}

export async function aesSeal(key, iv, plaintext, additionalData) {
  return new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plaintext));
}

export async function aesOpen(key, iv, ciphertext, additionalData, code) {
  try {
    return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv, additionalData }, key, ciphertext));
  } catch {
    throw new Refused(code);
  }
}

/** Whether this browser has what the console needs; otherwise what is missing, in words. */
export async function missing() {
  const lacks = [];
  const tries = [
    ["signing with Ed25519", () => subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])],
    ["sealing with X25519", () => subtle.generateKey({ name: "X25519" }, false, ["deriveBits"])],
    ["a safe place for keys (IndexedDB)", () => indexedDB.databases()],
    ["workers", () => Worker.prototype.postMessage.length],
    ["well-formed text", () => "".isWellFormed()],
  ];
  for (const [name, attempt] of tries) {
    try {
      await attempt();
    } catch {
      lacks.push(name);
    }
  }
  return lacks;
}


