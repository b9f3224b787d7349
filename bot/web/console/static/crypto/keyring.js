// The hash-chained, signed list of who receives an organisation's cases; verified from the pinned root to the last
// entry. The same as bot/crypto/{chain,keyring,members}.py. Times are whole seconds since 1970.

import { KEY_ID, ORGANISATION, Refused, hex, toBase64 } from "./wire.js";
import { keyId, sha256 } from "./keys.js";
import { addSignature, checkDocument, readDocument, signDocument } from "./documents.js";
import { verifyDutyCertificate } from "./identity.js";

const DOMAIN = "keyring/entry";
const START = "0".repeat(64);
const MOST_ENTRIES = 4096;
const LONGEST_LIFE = 90 * 86_400;
const SKEW = 600;
const LATEST = 2 ** 33;
const ROLES = ["lead", "caseworker", "focal-point"];
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const JOINERS = /[\u200c\u200d]/g; // Persian and Urdu spell with them

/** What is pinned: SHA-256 over the root's public key. */
export const rootFingerprint = async (raw) => hex(await sha256(raw));

class Chain {
  constructor(organisation, fingerprint) {
    Object.assign(this, {
      organisation, fingerprint, digest: START, at: 0, expires: 0, name: "", server: null, demo: false, root: null,
      members: new Map(), former: new Map(),
    });
  }

  async take(number, document) {
    const fields = document.fields.only("at", "change", "expires", "number", "org", "previous", "v");
    fields.integer("v", 1, 1);
    const at = fields.integer("at", 0, LATEST);
    const expires = fields.integer("expires", 0, LATEST);
    const here =
      fields.text("org", ORGANISATION) === this.organisation &&
      fields.integer("number", 1) === number &&
      fields.raw("previous") === this.digest;
    if (!here || at < this.at) throw new Refused("keyring.chain");
    if (expires - at > LONGEST_LIFE) throw new Refused("keyring.change");
    const change = fields.inner("change");
    const kind = change.raw("kind");
    if ((kind === "found") !== (number === 1)) throw new Refused("keyring.change");
    if (number === 1) {
      await this.#found(document, change);
    } else {
      await this.#checkSignatures(document, change, kind);
      await this.#apply(change, kind);
    }
    Object.assign(this, { digest: document.digest, at, expires });
  }

  async #found(document, change) {
    change.only("alias", "demo", "kind", "name", "root", "server");
    const root = change.data("root", 32);
    if ((await rootFingerprint(root)) !== this.fingerprint) throw new Refused("keyring.root");
    await checkDocument(document, DOMAIN, root, "keyring.signature");
    this.name = readName(change, "name");
    this.server = change.data("server", 32);
    this.demo = change.integer("demo", 0, 1) === 1;
    if (change.raw("alias") !== null) await this.#join(root, "lead", readName(change, "alias"));
    else if (this.demo) this.root = root;
    else throw new Refused("keyring.change");
  }

  async #checkSignatures(document, change, kind) {
    if (this.root !== null && document.signatures.has(await keyId(this.root))) {
      await checkDocument(document, DOMAIN, this.root, "keyring.signature");
      return;
    }
    const leads = [...this.members.values()].filter((member) => member.role === "lead");
    const signed = leads.filter((member) => document.signatures.has(member.kid));
    for (const member of signed) await checkDocument(document, DOMAIN, member.public, "keyring.signature");
    const needed = this.#needsTwo(change, kind) ? Math.min(2, leads.length) : 1;
    if (signed.length < Math.max(1, needed)) throw new Refused("keyring.signature");
  }

  #needsTwo(change, kind) {
    return kind === "remove" ? this.#member(change).role === "lead" : kind !== "renew";
  }

  async #apply(change, kind) {
    switch (kind) {
      case "add": {
        change.only("alias", "kind", "member", "role");
        const role = change.raw("role");
        if (!ROLES.includes(role)) throw new Refused("keyring.change");
        await this.#join(change.data("member", 32), role, readName(change, "alias"));
        return;
      }
      case "remove": {
        change.only("kind", "member");
        const gone = this.#member(change);
        const leads = [...this.members.values()].filter((member) => member.role === "lead").length;
        if (gone.role === "lead" && leads === 1 && this.root === null) throw new Refused("keyring.change");
        this.members.delete(gone.kid);
        this.former.set(gone.kid, gone);
        return;
      }
      case "rename":
        this.name = readName(change.only("kind", "name"), "name");
        return;
      case "renew":
        change.only("kind");
        return;
      case "server":
        this.server = change.only("kind", "server").data("server", 32);
        return;
      default:
        throw new Refused("keyring.change");
    }
  }

  async #join(raw, role, alias) {
    const kid = await keyId(raw);
    if (this.members.has(kid)) throw new Refused("keyring.change");
    this.former.delete(kid);
    this.members.set(kid, { kid, public: raw, role, alias, duty: null });
  }

  #member(change) {
    const member = this.members.get(change.text("member", KEY_ID));
    if (member === undefined) throw new Refused("keyring.change");
    return member;
  }
}

/** A name that shows as what it is: no control or direction characters; joiners are allowed. */
function readName(change, key) {
  const name = change.raw(key);
  const good = typeof name === "string" && name === name.trim() && name.isWellFormed();
  if (!good || name.length === 0 || [...name].length > 80 || HIDDEN.test(name.replace(JOINERS, ""))) {
    throw new Refused("keyring.format");
  }
  return name;
}

/**
 * The keyring that these entries (texts) make, if every link holds from the pinned root to the last.
 * `seen` is `{version, digest}` of the newest head this caseworker saw: a chain cut back before it is refused.
 */
export async function verifyKeyring(entries, fingerprint, now, { organisation, seen = null, certificates = [] }) {
  if (entries.length === 0) throw new Refused("keyring.empty");
  if (entries.length > MOST_ENTRIES) throw new Refused("keyring.format");
  const chain = new Chain(organisation, fingerprint);
  let number = 0;
  for (const entry of entries) {
    number += 1;
    await chain.take(number, await readDocument(entry, "keyring"));
    if (seen && seen.version === number && seen.digest !== chain.digest) throw new Refused("keyring.truncated");
  }
  if (seen && seen.version > entries.length) throw new Refused("keyring.truncated");
  if (now >= chain.expires) throw new Refused("keyring.expired");
  if (now < chain.at - SKEW) throw new Refused("keyring.clock");
  const keyring = {
    organisation,
    name: chain.name,
    members: [...chain.members.values()],
    former: [...chain.former.values()],
    version: entries.length,
    expires: chain.expires,
    head: { version: entries.length, digest: chain.digest },
    server: chain.server,
    demo: chain.demo,
  };
  await addDutyKeys(keyring, certificates, now);
  return keyring;
}

/** Everybody's newest valid duty key. What does not verify is left out, not believed. */
async function addDutyKeys(keyring, certificates, now) {
  const starts = new Map();
  for (const certificate of certificates) {
    for (const member of keyring.members) {
      try {
        const found = await verifyDutyCertificate(certificate, member.public, { organisation: keyring.organisation, now });
        if (!starts.has(member.kid) || starts.get(member.kid) <= found.starts) {
          starts.set(member.kid, found.starts);
          member.duty = found.recipient;
        }
      } catch (fault) {
        if (!(fault instanceof Refused)) throw fault;
      }
    }
  }
}

export const memberOf = (keyring, kid) => keyring.members.find((member) => member.kid === kid) ?? null;

/** Everybody who can open what is sealed now. */
export const recipientsOf = (keyring) => keyring.members.map((member) => member.duty).filter((duty) => duty !== null);

/** Of an envelope's recipients those whose key is no member's duty key now: their wraps may be withdrawn. */
export function leftOf(keyring, recipients) {
  const active = new Set(recipientsOf(keyring).map((duty) => duty.kid));
  return new Set(recipients.filter((kid) => !active.has(kid)));
}

/** Whose signature an envelope of this direction needs: the server's inbound, a member's otherwise. */
export async function signersOf(keyring, way) {
  if (way === "in") return new Map([[await keyId(keyring.server), keyring.server]]);
  return new Map([...keyring.former, ...keyring.members].map((member) => [member.kid, member.public]));
}

async function entry(organisation, before, change, now, key) {
  const last = before.length > 0 ? (await readDocument(before.at(-1), "keyring")).digest : START;
  const fields = {
    at: now, change, expires: now + LONGEST_LIFE, number: before.length + 1, org: organisation, previous: last, v: 1,
  };
  return signDocument(DOMAIN, fields, key);
}

/** The first entry: this key is root and first lead. */
export function foundKeyring(key, { organisation, name, server, alias, now }) {
  const change = { alias, demo: 0, kind: "found", name, root: toBase64(key.public), server: toBase64(server) };
  return entry(organisation, [], change, now, key);
}

/** The entry that makes somebody a member, after their words were compared by voice. */
export function addMember(entries, key, { organisation, raw, role, alias, now }) {
  return entry(organisation, entries, { alias, kind: "add", member: toBase64(raw), role }, now, key);
}

/** The entry that moves the expiry 90 days ahead. */
export const renewKeyring = (entries, key, { organisation, now }) => entry(organisation, entries, { kind: "renew" }, now, key);

/** The entry that takes a member out. */
export const removeMember = (entries, key, { organisation, kid, now }) => entry(organisation, entries, { kind: "remove", member: kid }, now, key);

/** The same entry with one lead's signature more. */
export const countersign = (text, key) => addSignature(DOMAIN, text, key);

/**
 * What an entry that another lead began would do: `{kind, by, alias, role, raw, name}`; `entries` make the verified
 * `keyring`. Refuses as `keyring.format`, `keyring.chain` (it does not follow), `keyring.signature` (no lead's).
 */
export async function readChange(text, entries, keyring) {
  const document = await readDocument(text, "keyring");
  const { fields } = document;
  const change = fields.inner("change");
  const follows = fields.text("org", ORGANISATION) === keyring.organisation
    && fields.integer("number", 1) === entries.length + 1 && fields.raw("previous") === keyring.head.digest;
  if (!follows) throw new Refused("keyring.chain");
  const by = keyring.members.find(({ role, kid }) => role === "lead" && document.signatures.has(kid));
  if (by === undefined) throw new Refused("keyring.signature");
  await checkDocument(document, DOMAIN, by.public, "keyring.signature");
  const told = { kind: change.raw("kind"), by: by.alias, alias: "", role: "", raw: null, name: "" };
  switch (told.kind) {
    case "add":
      if (!ROLES.includes(change.raw("role"))) change.refuse();
      return { ...told, alias: readName(change, "alias"), role: change.raw("role"), raw: change.data("member", 32) };
    case "remove": {
      const gone = memberOf(keyring, change.text("member", KEY_ID));
      if (gone === null) throw new Refused("keyring.change");
      return { ...told, alias: gone.alias, role: gone.role, raw: gone.public };
    }
    case "rename":
      return { ...told, name: readName(change, "name") };
    case "server":
      return { ...told, raw: change.data("server", 32) };
    case "renew":
      return told;
    default:
      throw new Refused("keyring.change");
  }
}
