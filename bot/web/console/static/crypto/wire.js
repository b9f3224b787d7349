// Canonical JSON and base64url, read strictly: the same bytes as bot/crypto/wire.py. Source: docs/reference/envelope.md.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const CASE = /^[0-9a-f]{32}$/;
export const KEY_ID = /^[0-9a-f]{32}$/;
export const SHA256 = /^[0-9a-f]{64}$/;
export const SUITE = /^(x25519|x-wing)$/;
export const ORGANISATION = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** What does not verify or has another form. `code` is stable; see docs/reference/keys.md. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.name = "Refused";
    this.code = code;
  }
}

export const utf8 = (text) => encoder.encode(text);

/** The text of UTF-8 bytes; throws for anything else. */
export const fromUtf8 = (bytes) => decoder.decode(bytes);

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(text, subject) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Refused(`${subject}.format`);
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function sameBytes(one, other) {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at += 1) difference |= one[at] ^ other[at];
  return difference === 0;
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Python sorts by code point, JavaScript by UTF-16 unit: they differ above the first plane. */
function byCodePoint(one, other) {
  const [left, right] = [Array.from(one), Array.from(other)];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = left[at].codePointAt(0) - right[at].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function written(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("half a character");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new TypeError("a number is whole");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  const keys = Object.keys(value).sort(byCodePoint);
  return `{${keys.map((key) => `${written(key)}:${written(value[key])}`).join(",")}}`;
}

/** The one way to write fields down, as text. */
export const canonicalText = (fields) => written(fields);

/** The one way to write fields down, as bytes. */
export const canonical = (fields) => utf8(written(fields));

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of a base64url text, of which there is one spelling only. */
export function fromBase64(text, subject) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new Refused(`${subject}.format`);
  }
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Refused(`${subject}.format`);
  return bytes;
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of one canonical object, read by name and shape; a misfit is refused as `<subject>.format`. */
export class Reader {
  constructor(subject, fields) {
    this.subject = subject;
    this.fields = fields;
  }

  refuse() {
    throw new Refused(`${this.subject}.format`);
  }

  has(name) {
    return Object.hasOwn(this.fields, name);
  }

  names() {
    return Object.keys(this.fields);
  }

  raw(name) {
    return this.has(name) ? this.fields[name] : undefined;
  }

  only(...names) {
    const there = this.names();
    if (there.length !== new Set(names).size || !names.every((name) => this.has(name))) this.refuse();
    return this;
  }

  text(name, shape) {
    const value = this.raw(name);
    if (typeof value !== "string" || !shape.test(value)) this.refuse();
    return value;
  }

  integer(name, least = 0, most = Number.MAX_SAFE_INTEGER) {
    const value = this.raw(name);
    if (!Number.isSafeInteger(value) || value < least || value > most) this.refuse();
    return value;
  }

  data(name, ...sizes) {
    const bytes = fromBase64(this.raw(name), this.subject);
    if (sizes.length > 0 && !sizes.includes(bytes.length)) this.refuse();
    return bytes;
  }

  texts(name, shape, most) {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > most) this.refuse();
    if (!value.every((each) => typeof each === "string" && shape.test(each))) this.refuse();
    return value;
  }

  objects(name, most) {
    const value = this.raw(name);
    if (!Array.isArray(value) || value.length > most || !value.every(isObject)) this.refuse();
    return value.map((each) => new Reader(this.subject, each));
  }

  inner(name) {
    const value = this.raw(name);
    if (!isObject(value)) this.refuse();
    return new Reader(this.subject, value);
  }
}

/** The fields of a canonical object of at most `limit` bytes. */
export function readCanonical(bytes, subject, limit) {
  if (bytes.length > limit) throw new Refused(`${subject}.format`);
  let fields;
  let same = false;
  try {
    fields = JSON.parse(fromUtf8(bytes));
    same = isObject(fields) && sameBytes(canonical(fields), bytes);
  } catch {
    same = false;
  }
  if (!same) throw new Refused(`${subject}.format`);
  return new Reader(subject, fields);
}
