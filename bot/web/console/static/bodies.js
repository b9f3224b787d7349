// What is inside opened envelopes: the summary of a case, messages, notes. The same as bot/handoff/summary.py.

import { Refused, fromHex, fromUtf8, hex, utf8 } from "./crypto/wire.js";
import { sha256 } from "./crypto/keys.js";

const KINDS = ["message", "cancel", "erased", "key", "moved", "reply", "referral", "declined", "internal", "grant"];
const URGENCIES = ["now", "soon", "normal"];
const LATEST = 2 ** 33;
const isText = (value) => typeof value === "string";

/** The slots in which people say how to speak with them, and what the summary calls each, in the order to read. */
export const WISHES = {
  interpreter: "language", dialect: "dialect", interpreter_gender: "gender", interpreter_community: "community", interpreter_form: "form",
};

const refuse = () => {
  throw new Refused("body.format");
};
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

function text(fields, name) {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === "string" ? value : refuse();
}

function oneOf(fields, name, known) {
  const value = text(fields, name);
  return known.includes(value) ? value : refuse();
}

function time(fields, name) {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return Number.isSafeInteger(value) && value >= 0 && value < LATEST ? value : refuse();
}

function list(fields, name, check) {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return Array.isArray(value) && value.every(check) ? value : refuse();
}

/** A summary or a message; times are whole seconds since 1970. Refuses as `body.format`. */
export async function readBody(bytes) {
  let fields;
  try {
    fields = JSON.parse(fromUtf8(bytes));
  } catch {
    refuse();
  }
  if (!isObject(fields)) refuse();
  if (text(fields, "kind") === "summary") return summaryOf(fields);
  const kind = oneOf(fields, "kind", KINDS);
  const found = { kind, text: text(fields, "text"), at: time(fields, "at"), digest: text(fields, "digest") };
  if (kind === "grant") return { ...found, keys: list(fields, "keys", isObject).map(grantedOf) };
  if (kind === "declined") return { ...found, excluded: list(fields, "excluded", isText) };
  if (kind === "message" && Object.hasOwn(fields, "consent")) return { ...found, ...await agreedOf(fields) };
  if (!["key", "moved"].includes(kind)) return found;
  return { ...found, mailbox: fromHex(text(fields, "mailbox"), "body"), reachableUntil: time(fields, "reachable_until") };
}

function grantedOf(fields) {
  const seq = Object.hasOwn(fields, "seq") ? fields.seq : undefined;
  if (!Number.isSafeInteger(seq) || seq < 1 || seq >= LATEST) refuse();
  return { dir: text(fields, "dir"), seq, key: fromHex(text(fields, "key"), "body") };
}

/** The text that was agreed to, and its mark: SHA-256 in hexadecimal. */
async function agreedOf(fields) {
  const agreed = isObject(fields.consent) ? fields.consent : refuse();
  const consent = text(agreed, "text");
  const mark = text(agreed, "sha256");
  return mark === hex(await sha256(utf8(consent))) ? { consent, mark } : refuse();
}

async function summaryOf(fields) {
  const shared = list(fields, "shared", isObject).map((each) => ({
    slot: text(each, "slot"), label: text(each, "label"), value: text(each, "value"),
  }));
  const wishes = isObject(fields.interpreter) ? fields.interpreter : refuse();
  return {
    kind: "summary",
    designation: text(fields, "designation"),
    organisation: text(fields, "organisation"),
    queue: text(fields, "queue"),
    need: text(fields, "need"),
    urgency: oneOf(fields, "urgency", URGENCIES),
    language: text(fields, "language"),
    ...await agreedOf(fields),
    opened: time(fields, "opened"),
    reachableUntil: time(fields, "reachable_until"),
    mailbox: fromHex(text(fields, "mailbox"), "body"),
    country: text(fields, "country"),
    area: text(fields, "area"),
    shared,
    note: text(fields, "note"),
    wishes: list(fields, "wishes", isText),
    crisis: list(fields, "crisis", isText),
    digest: text(fields, "digest"),
    interpreter: Object.values(WISHES).filter((about) => Object.hasOwn(wishes, about)).map((about) => ({ about, wish: text(wishes, about) })),
    excluded: list(fields, "excluded", isText),
    codeWords: text(fields, "code_words"),
  };
}

/** The bytes of what a caseworker writes: `reply` to the person, `internal` to colleagues. */
export function writeBody(kind, words, now) {
  return utf8(JSON.stringify({ at: now, digest: "", kind, text: words.toWellFormed() }));
}

/** The bytes of the question whether a second organisation may be asked; `told` is what colleagues read of it. */
export function writeOffer(offer, told, now) {
  return utf8(JSON.stringify({ at: now, digest: "", kind: "referral", offer, text: told }));
}

/** The bytes of a grant: the content keys (`{dir, seq, key}`) of earlier envelopes, for one colleague. */
export function writeGrant(keys, now) {
  const told = keys.map(({ dir, seq, key }) => ({ dir, key: hex(key), seq }));
  return utf8(JSON.stringify({ at: now, digest: "", keys: told, kind: "grant", text: "" }));
}

/** The bytes of a decline: the person's has no words, the one for colleagues the reason. `excluded`: whom the person did not want. */
export function writeDeclined(words, excluded, now) {
  return utf8(JSON.stringify({ at: now, digest: "", excluded, kind: "declined", text: words.toWellFormed() }));
}
