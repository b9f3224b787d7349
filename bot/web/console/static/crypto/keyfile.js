// A caseworker's keys in a file under a passphrase, as bot/crypto/keyfile.py writes it: `fener case` opens the same
// file. Argon2id is slow on purpose and comes in as `stretch(passphrase bytes, salt) -> 32 bytes`.

import { Refused, SUITE, canonical, fromBase64, readCanonical, sameBytes, toBase64, utf8, canonicalText } from "./wire.js";
import { aesKey, aesOpen, aesSeal, label, randomBytes, sealingKey, signingKey } from "./keys.js";
import { fileKeyOf, lockForPasskey } from "./passkey.js";

const KIND = "caseworker";
const LARGEST = 256 * 1024; // bytes
const MOST_DUTY_KEYS = 64;

/** A passphrase as it counts: lower case, one space between words, hyphens read as spaces. */
export function plainPassphrase(typed) {
  const folded = typed.normalize("NFKC").toLowerCase().replaceAll("ß", "ss").replaceAll("ς", "σ");
  return folded.replaceAll("-", " ").split(/\s+/).filter(Boolean).join(" ");
}

function outerOf(text) {
  const outer = readCanonical(utf8(text), "keyfile", LARGEST).only("box", "kind", "nonce", "salt", "v");
  outer.integer("v", 1, 1);
  if (outer.text("kind", /^[a-z-]{1,32}$/) !== KIND) throw new Refused("keyfile.kind");
  return { box: outer.data("box"), nonce: outer.data("nonce", 12), salt: outer.data("salt", 16) };
}

/** Refuses what is no caseworker's key file. */
export const checkKeyFile = (text) => void outerOf(text);

/** The salt of a file: what belongs to these words and to no others carries it. */
export const saltOf = (text) => outerOf(text).salt;

const boxLabel = (salt) => label("keyfile", utf8(KIND), salt);

/**
 * The locked file, kept up to date. What is secret leaves it only as keys that cannot be read out;
 * changing something opens the file for that moment and locks it again.
 */
export class KeyFile {
  #key;
  #salt;

  constructor(text, { key, salt, passkey }) {
    this.text = text;
    this.#key = key;
    this.#salt = salt;
    /** The record with which the passkey that was given opens this file too; empty without one. */
    this.passkey = passkey;
  }

  /** New keys under a passphrase, and under a passkey where one is given. */
  static async make(passphrase, notes, stretch, passkey = null) {
    const file = new KeyFile("", await lockOf(passphrase, randomBytes(16), stretch, passkey));
    const duty = [{ secret: toBase64(randomBytes(32)), suite: "x25519" }];
    await file.#lock({ duty, identity: toBase64(randomBytes(32)), notes });
    return file;
  }

  /** An existing file; refuses as `keyfile.passphrase` or `keyfile.format`. A passkey that is given will open it too. */
  static async open(text, passphrase, stretch, passkey = null) {
    const file = new KeyFile(text, await lockOf(passphrase, saltOf(text), stretch, passkey));
    await file.keys();
    return file;
  }

  /** The same file by a passkey: `secret` is what it computed for `record`. Refuses as `passkey.wrong`. */
  static async openByPasskey(text, record, secret) {
    const raw = await fileKeyOf(record, secret);
    const file = new KeyFile(text, { key: await aesKey(raw, "encrypt", "decrypt"), salt: saltOf(text), passkey: "" });
    raw.fill(0);
    await file.keys().catch((fault) => {
      throw fault.code === "keyfile.passphrase" ? new Refused("passkey.wrong") : fault;
    });
    return file;
  }

  /** `{identity, duty: Map kid -> key, notes}`, ready for use and not extractable. */
  async keys() {
    const inside = await this.#inside();
    const identity = await signingKey(inside.data("identity", 32));
    const duty = new Map();
    let newest = null;
    for (const each of inside.objects("duty", MOST_DUTY_KEYS)) {
      const key = await sealingKey(each.data("secret", 32), each.text("suite", SUITE));
      if (key !== null) {
        duty.set(key.kid, key);
        newest = key;
      }
    }
    const notes = {};
    const read = inside.inner("notes");
    for (const name of read.names()) notes[name] = read.text(name, /^[^]{0,2000}$/u);
    return { identity, duty, newest, notes };
  }

  /** Write something down beside the keys. */
  async note(changed) {
    const { fields } = await this.#inside();
    await this.#lock({ ...fields, notes: { ...fields.notes, ...changed } });
  }

  /** Add a new weekly duty key. */
  async addDutyKey() {
    const { fields } = await this.#inside();
    const fresh = { secret: toBase64(randomBytes(32)), suite: "x25519" };
    await this.#lock({ ...fields, duty: [...fields.duty, fresh].slice(-MOST_DUTY_KEYS) });
  }

  /** Destroy these duty keys, and what was written down about them under `names`. */
  async dropDutyKeys(kids, names) {
    const { fields } = await this.#inside();
    const duty = [];
    for (const each of fields.duty) {
      const key = await sealingKey(fromBase64(each.secret, "keyfile"), each.suite);
      if (key === null || !kids.has(key.kid)) duty.push(each);
    }
    const notes = Object.fromEntries(Object.entries(fields.notes).filter(([name]) => !names.includes(name)));
    await this.#lock({ ...fields, duty, notes });
  }

  /** Go on with what another tab made of the same file; false for a file under other words. */
  adopt(text) {
    if (!sameBytes(saltOf(text), this.#salt)) return false;
    this.text = text;
    return true;
  }

  /** An empty file under new words, and under a passkey where one is given: `takeOver` fills it. */
  static async prepare(passphrase, stretch, passkey = null) {
    return new KeyFile("", await lockOf(passphrase, randomBytes(16), stretch, passkey));
  }

  /** Everything that `other` holds, locked under the words of this file. */
  async takeOver(other) {
    await this.#lock((await other.#inside()).fields);
  }

  async #inside() {
    const { box, nonce } = outerOf(this.text);
    const secret = await aesOpen(this.#key, nonce, box, boxLabel(this.#salt), "keyfile.passphrase");
    const read = readCanonical(secret, "keyfile", LARGEST).only("duty", "identity", "notes");
    secret.fill(0);
    return read;
  }

  async #lock(fields) {
    const secret = canonical(fields);
    const nonce = randomBytes(12);
    const box = await aesSeal(this.#key, nonce, secret, boxLabel(this.#salt));
    secret.fill(0);
    this.text = canonicalText({
      box: toBase64(box), kind: KIND, nonce: toBase64(nonce), salt: toBase64(this.#salt), v: 1,
    });
  }
}

async function lockOf(passphrase, salt, stretch, passkey) {
  const raw = await stretch(utf8(plainPassphrase(passphrase)), salt);
  const key = await aesKey(raw, "encrypt", "decrypt");
  const record = passkey === null ? "" : await lockForPasskey(raw, salt, passkey);
  raw.fill(0);
  return { key, salt, passkey: record };
}
