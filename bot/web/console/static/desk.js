// One caseworker at work, as bot/cli/desk_client.py: everything from the server is verified before it is believed.

import { Refused, fromBase64, toBase64, utf8 } from "./crypto/wire.js";
import { certifyDutyKey, signEnrolment, signLogin, stateDuty, verifyDutyCertificate, verifyDutyStatement } from "./crypto/identity.js";
import { checkEnvelope, checkSequence, openEnvelope, parseEnvelope, sealEnvelope } from "./crypto/envelope.js";
import { addMember, countersign, foundKeyring, leftOf, memberOf, readChange, removeMember, renewKeyring, rootFingerprint, signersOf, verifyKeyring } from "./crypto/keyring.js";
import { signWishesRead } from "./crypto/acknowledgement.js";
import { sealNote, signNote } from "./crypto/mailbox.js";
import { auditFault, linesOf, readCheckpoint } from "./crypto/checkpoint.js";
import { keyId } from "./crypto/keys.js";
import { fingerprintWords } from "./crypto/words.js";
import { readBody, writeBody, writeDeclined, writeOffer } from "./bodies.js";
import { DeskError } from "./server.js";
import { grantsFor, withGranted } from "./sharing.js";
import { askToKeep, replaceKeyFile, saveKeyFile } from "./store.js";

const RENEW_WITH_LEFT = 60 * 86_400; // a keyring with less left is renewed whenever a lead works
const KEPT_AFTER_USE = 14 * 86_400; // a replaced duty key stays so long in any case: as closed cases do
const LONGEST_NEEDED = 90 * 86_400; // and longer than this in none: no envelope is kept longer
const TRIES = 4;
const present = () => Math.floor(Date.now() / 1000);

/** `{organisation, organisation_name, role}` of an invitation, without using it. */
export const askInvitation = (server, token) => server.call("POST", "/invitation", { token });

/**
 * Use a one-time link with the keys of `file`. Resolves to `{desk, standing, root}`;
 * standing is `member`, `found-keyring` (the operator pins `root`), `wait-for-lead` (a lead compares words) or
 * `no-recipient` (a role that never receives a case).
 */
export async function enrol(server, file, { token, alias }) {
  const { organisation } = await askInvitation(server, token);
  const keys = await file.keys();
  const now = present();
  const enrolled = await server.call("POST", "/enrol", {
    token,
    alias,
    identity_public: toBase64(keys.identity.public),
    duty_certificate: await certifyDutyKey(keys.identity, keys.newest, { organisation, now }),
    proof: toBase64(await signEnrolment(keys.identity, token)),
  });
  await file.note({ server: server.address, organisation, alias, root: "" });
  await saveKeyFile(file.text);
  askToKeep();
  const desk = await Desk.signIn(server, file);
  if (enrolled.standing === "found-keyring") {
    const entry = await foundKeyring(keys.identity, {
      organisation, name: enrolled.organisation_name, server: fromBase64(enrolled.server_public, "server"), alias, now,
    });
    await server.call("POST", "/keyring", { entry, expected: 0 });
    const root = await rootFingerprint(keys.identity.public);
    await desk.note({ root });
    return { desk, standing: enrolled.standing, root };
  }
  if (enrolled.standing === "member") {
    await desk.team();
    await desk.goOnDuty(8);
  }
  return { desk, standing: enrolled.standing, root: "" };
}

export class Desk {
  #file;
  #keys;
  #certified = ""; // the duty key that colleagues and the server seal to now
  #seen = new Map(); // case -> how many of the person's messages were there last time
  #checkpointKept = false;
  #opened = { of: "", known: new Map() }; // envelopes of the case on the screen, verified and opened under one keyring

  constructor(server, file, keys, session) {
    this.server = server;
    this.#file = file;
    this.#keys = keys;
    this.id = session.id;
    this.role = session.role;
    this.alias = session.alias;
    this.organisation = session.organisation;
    this.may = new Set(session.may); // what this role does; the server refuses the rest
    this.onKeyringChange = () => {};
  }

  /** Answer the server's challenge with the identity key. */
  static async signIn(server, file) {
    const keys = await file.keys();
    const session = await Desk.#answer(server, keys);
    server.renew = () => Desk.#answer(server, keys);
    return new Desk(server, file, keys, session);
  }

  static async #answer(server, keys) {
    const { kid } = keys.identity;
    const { challenge } = await server.call("POST", "/login/challenge", { kid });
    const signature = await signLogin(keys.identity, fromBase64(challenge, "login"), server.address);
    const session = await server.call("POST", "/login", {
      kid, challenge, signature: toBase64(signature), server: server.address,
    });
    server.use(session.token);
    return session;
  }

  /** The locked file, to keep a copy of. */
  get file() {
    return this.#file.text;
  }

  get kid() {
    return this.#keys.identity.kid;
  }

  /** Eight words of this caseworker's key, to read to the lead by voice. */
  words() {
    return fingerprintWords(this.#keys.identity.public);
  }

  /** Forget every key. */
  wipe() {
    this.server.renew = null;
    this.#file = null;
    this.#keys = null;
    this.#seen.clear();
    this.#opened = { of: "", known: new Map() };
  }

  async note(changed) {
    await this.#change((file) => file.note(changed));
  }

  /**
   * Change the file and keep it. Another tab may have kept a newer one meanwhile: then the change is made to that one, so
   * that neither tab takes a key from the other; and nothing is written when the words were changed there.
   */
  async #change(work) {
    const file = this.#file;
    for (let tries = 1; ; tries += 1) {
      const before = file.text;
      await work(file);
      const newer = await replaceKeyFile(before, file.text);
      if (newer === null) break;
      file.text = before;
      if (tries === TRIES || !file.adopt(newer)) {
        throw new DeskError("keyfile.replaced", "Another tab changed the words or the keys of this browser. Lock this page, and unlock it with the new words.");
      }
    }
    this.#keys = await file.keys();
  }

  /** Lock the keys under new words, in this browser; `fresh` is from `KeyFile.prepare`. The old words open no file of this browser then. */
  async changeWords(fresh) {
    for (let tries = 1; ; tries += 1) {
      await fresh.takeOver(this.#file);
      const newer = await replaceKeyFile(this.#file.text, fresh.text, fresh.passkey ? [fresh.passkey] : []);
      if (newer === null) break;
      if (tries === TRIES || !this.#file.adopt(newer)) {
        throw new DeskError("keyfile.replaced", "Another tab changed the words or the keys of this browser. Lock this page, and unlock it with the new words.");
      }
    }
    this.#file = fresh;
  }

  // --- the team ---------------------------------------------------------------------------------------

  /**
   * `{keyring, waiting, staff, duty, away, isMember, pinned, audit}`. `keyring` is null while a real organisation's root is
   * not pinned yet. Everything is verified; who is on duty too.
   */
  async team() {
    const kept = this.#keys.notes.checkpoint ?? "";
    const told = await this.server.call("GET", `/team?since=${await linesOf(kept)}`);
    const team = await this.#verifiedTeam(told);
    return { ...team, audit: team.keyring === null ? "" : await this.#auditOf(told, team.keyring, kept) };
  }

  /** `[{who, event, hour, cases}]`: which colleague opened or saved unusually many cases within two hours; for leads only. */
  async alarms() {
    return this.may.has("alarms") ? this.server.call("GET", "/alarms") : [];
  }

  /** What the audit has suffered since the checkpoint that was kept: "unvouched", "cut", "rewritten" or nothing. */
  async #auditOf(told, keyring, kept) {
    const read = (text) => readCheckpoint(text, keyring.server, this.organisation).catch((fault) => {
      if (fault instanceof Refused) return null;
      throw fault;
    });
    const [before, now, then] = await Promise.all([kept, told.checkpoint, told.checkpoint_then].map(read));
    if (now === null || then === null) return "unvouched";
    const fault = auditFault(before, now, then);
    if (fault === "" && !this.#checkpointKept) {
      this.#checkpointKept = true; // once a sign-in: an older one that stays compares as well
      if (before === null || now.lines > before.lines) await this.note({ checkpoint: told.checkpoint });
    }
    return fault;
  }

  async #verifiedTeam(told) {
    const now = present();
    const { organisation } = this;
    const pinned = this.#keys.notes.root || told.root;
    const base = { entries: told.entries, staff: told.staff, complaints: told.complaints, pinned: told.root !== "", duty: new Map(), away: awayOf(told, now) };
    if (!pinned || told.entries.length === 0) return { ...base, keyring: null, waiting: [], isMember: false };
    let keyring;
    try {
      keyring = await verifyKeyring(told.entries, pinned, now, {
        organisation, seen: this.#head(), certificates: told.staff.map((each) => each.duty_certificate),
      });
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      throw new DeskError(
        "keyring.refused",
        `The keyring of your organisation does not verify (${fault.code}). Call your lead, and answer nobody until it is clear.`,
      );
    }
    const before = this.#head();
    await this.#remember(pinned, keyring.head);
    if (before !== null && before.version < keyring.version) this.onKeyringChange();
    for (const each of told.staff) {
      const member = memberOf(keyring, each.kid);
      if (member === null) continue;
      const until = await this.#dutyOf(each.duty_statement, member, now);
      if (until > 0) base.duty.set(member.kid, until);
    }
    const waiting = [];
    for (const each of told.staff.filter((one) => memberOf(keyring, one.kid) === null)) {
      const raw = fromBase64(each.identity_public, "staff");
      if ((await keyId(raw)) !== each.kid) continue;
      waiting.push({ kid: each.kid, alias: each.alias, role: each.role, raw, words: await fingerprintWords(raw) });
    }
    return { ...base, keyring, waiting, isMember: memberOf(keyring, this.kid) !== null };
  }

  async #dutyOf(statement, member, now) {
    try {
      return await verifyDutyStatement(statement, member.public, { organisation: this.organisation, now });
    } catch (fault) {
      if (fault instanceof Refused) return 0;
      throw fault;
    }
  }

  /** The newest head this caseworker saw: a keyring is never turned back. */
  #head() {
    const [version, digest] = (this.#keys.notes.head ?? "").split(":");
    return digest ? { version: Number(version), digest } : null;
  }

  async #remember(root, head) {
    const seen = `${head.version}:${head.digest}`;
    const { notes } = this.#keys;
    if (notes.root !== root || notes.head !== seen) await this.note({ root, head: seen });
  }

  /** Sign somebody in, after their words were compared by voice; resolves as `#offer`. */
  async admit(person, team) {
    return this.#offer(team, await addMember(team.entries, this.#keys.identity, {
      organisation: this.organisation, raw: person.raw, role: person.role, alias: person.alias, now: present(),
    }));
  }

  /** Take a member out: no later case is sealed to them. */
  async takeOut(member, team) {
    const { organisation } = this;
    return this.#offer(team, await removeMember(team.entries, this.#keys.identity, { organisation, kid: member.kid, now: present() }));
  }

  /** What a change (a text) that another lead began would do, with the eight words of the key that it is about. */
  async readChange(text, team) {
    const change = await readChange(text, team.entries, team.keyring);
    return { ...change, words: change.raw === null ? [] : await fingerprintWords(change.raw) };
  }

  /** Sign it as the second lead. */
  async cosign(text, team) {
    return this.#offer(team, await countersign(text, this.#keys.identity));
  }

  /** Hand a change in: "" when it is in force, else the change itself, which a second lead has to sign. */
  async #offer(team, entry) {
    try {
      await this.server.call("POST", "/keyring", { entry, expected: team.entries.length });
      return "";
    } catch (fault) {
      if (fault.code !== "keyring.signature") throw fault;
      return entry;
    }
  }

  /** This week's duty key when it is time, and a longer life for the keyring when a lead works. */
  async renewIfDue() {
    if (!this.may.has("team")) return;
    const told = await this.server.call("GET", "/team");
    const mine = told.staff.find((each) => each.kid === this.kid);
    if (mine === undefined) return;
    const now = present();
    let due = true;
    this.#certified = "";
    try {
      const found = await verifyDutyCertificate(mine.duty_certificate, this.#keys.identity.public, {
        organisation: this.organisation, now,
      });
      due = found.rotationIsDue || !this.#keys.duty.has(found.recipient.kid);
      if (!due) this.#certified = found.recipient.kid;
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
    if (due) {
      await this.#change((file) => file.addDutyKey());
      const fresh = await certifyDutyKey(this.#keys.identity, this.#keys.newest, { organisation: this.organisation, now });
      await this.server.call("POST", "/duty-key", { document: fresh });
      this.#certified = this.#keys.newest.kid;
    }
    await this.#tidy();
    const { keyring, entries } = await this.#verifiedTeam(told);
    const me = keyring && memberOf(keyring, this.kid);
    if (me?.role !== "lead" || keyring.expires - now > RENEW_WITH_LEFT) return;
    const entry = await renewKeyring(entries, this.#keys.identity, { organisation: this.organisation, now });
    await this.server.call("POST", "/keyring", { entry, expected: entries.length });
  }

  async goOnDuty(hours) {
    const now = present();
    const until = now + hours * 3600;
    const document = await stateDuty(this.#keys.identity, { organisation: this.organisation, now, until });
    await this.server.call("POST", "/duty", { document });
    return until;
  }

  /** Nothing rings for this caseworker for so many minutes, and no case comes to them; until when. */
  async pause(minutes) {
    return (await this.server.call("POST", "/pause", { minutes })).until;
  }

  endPause() {
    return this.server.call("DELETE", "/pause");
  }

  async goOffDuty() {
    await this.server.call("DELETE", "/duty");
    await this.#tidy();
  }

  /**
   * Destroy duty keys that were replaced two weeks ago or longer and that no open case is sealed to; how many went.
   * What was sealed to them is beyond this caseworker from then on, whoever takes this machine.
   */
  async forgetOldKeys() {
    if (!this.#certified) return 0;
    const now = present();
    const { duty, newest, notes } = this.#keys;
    const old = [...duty.keys()].filter((kid) => kid !== newest.kid && kid !== this.#certified);
    const unknown = old.filter((kid) => notes[retired(kid)] === undefined);
    if (unknown.length > 0) await this.note(Object.fromEntries(unknown.map((kid) => [retired(kid), String(now)])));
    const age = (kid) => now - Number(notes[retired(kid)] ?? now);
    const ripe = old.filter((kid) => age(kid) >= KEPT_AFTER_USE);
    if (ripe.length === 0) return 0;
    const { needed } = await this.server.call("POST", "/duty-key/needed", { kids: ripe });
    const gone = ripe.filter((kid) => !needed.includes(kid) || age(kid) >= LONGEST_NEEDED);
    if (gone.length === 0) return 0;
    await this.#change((file) => file.dropDutyKeys(new Set(gone), gone.map(retired)));
    return gone.length;
  }

  /** The same in passing: where the server does not answer, the next time does. */
  async #tidy() {
    try {
      await this.forgetOldKeys();
    } catch (fault) {
      if (!(fault instanceof DeskError)) throw fault;
    }
  }

  /** What holds on this server for every case. */
  rules() {
    return this.server.call("GET", "/rules");
  }

  /** How people ask for what helpers never ask for, in every language. */
  asks() {
    return this.server.call("GET", "/asks");
  }

  /** Quick phrases in a language, each with its English. */
  phrases(language) {
    return this.server.call("GET", `/phrases?language=${encodeURIComponent(language)}`);
  }

  /** All playbooks. */
  playbooks() {
    return this.server.call("GET", "/playbooks");
  }

  // --- cases --------------------------------------------------------------------------------------------

  /** The queue, most urgent first. */
  queue() {
    return this.server.call("GET", "/cases");
  }

  /**
   * A case with every message verified and opened here: `{row, summary, lines, mailbox, reachableUntil, team}`.
   * A line that is sealed to colleagues only is verified all the same, and its text is null.
   */
  async open(id) {
    const answer = await this.server.call("GET", `/cases/${id}`);
    const row = answer.case;
    const team = await this.#verifiedTeam(answer.team);
    if (team.keyring === null) {
      throw new DeskError("keyring.none", "Your organisation's keyring is not pinned yet: no case can be read.");
    }
    const opened = [];
    const inbound = [];
    const of = `${id} ${team.keyring.head.digest}`;
    if (this.#opened.of !== of) this.#opened = { of, known: new Map() };
    const { known } = this.#opened;
    for (const each of answer.envelopes) {
      const place = `${each.direction} ${each.sequence} ${each.sealed}`;
      const one = known.get(place) ?? (await this.#openOne(each, id, team.keyring));
      known.set(place, one);
      opened.push(one);
      if (one.header.dir === "in") inbound.push(one.header);
    }
    const fewer = inbound.length < (this.#seen.get(id) ?? 0);
    try {
      checkSequence(inbound);
      if (inbound.length !== row.messages || fewer) throw new Refused("envelope.gap");
    } catch {
      throw new DeskError("case.gap", "A message of this case is missing or was changed. Tell the operator before you answer.");
    }
    this.#seen.set(id, inbound.length);
    return assembled(row, await withGranted(opened), team, this.#keys.duty);
  }

  /**
   * Hand the keys of every open case that we can read to a member who cannot read it: `{cases, unreadable}`.
   * Only for cases that are sealed to people of their role.
   */
  async share(member) {
    const found = { cases: 0, unreadable: 0 };
    for (const { id } of await this.queue()) {
      try {
        if (await this.#shareOne(await this.open(id), member.kid)) found.cases += 1;
      } catch (fault) {
        if (fault.code !== "case.sealed") throw fault;
        found.unreadable += 1;
      } finally {
        this.leave(id);
      }
    }
    return found;
  }

  async #shareOne({ row, team, notes, opened }, kid) {
    const to = memberOf(team.keyring, kid)?.duty;
    if (!to || !recipientsFor(row, team).some((each) => each.kid === to.kid)) return false;
    const { duty, newest, identity } = this.#keys;
    const header = { case: row.id, org: this.organisation, seq: notes + 1, dir: "internal", epoch: row.epoch };
    const sealed = await grantsFor(opened, to, { duty, own: newest, signer: identity, header, now: present() });
    for (const [at, each] of sealed.entries()) {
      await this.server.call("POST", `/cases/${row.id}/note`, { sequence: notes + 1 + at, sealed: each });
    }
    return sealed.length > 0;
  }

  async #openOne(each, id, keyring) {
    try {
      const parsed = parseEnvelope(utf8(each.sealed));
      const expected = { case: id, org: this.organisation, seq: each.sequence, dir: each.direction };
      const signers = await signersOf(keyring, each.direction);
      await checkEnvelope(parsed, { expected, signers, left: leftOf(keyring, parsed.recipients) });
      const mine = parsed.recipients.find((kid) => this.#keys.duty.has(kid) && parsed.wraps.get(kid) !== null);
      const one = { parsed, header: parsed.header, signer: parsed.signer, recipients: parsed.recipients, body: null };
      if (!mine) return one;
      try {
        return { ...one, body: await readBody(await openEnvelope(parsed, this.#keys.duty.get(mine))) };
      } catch (fault) {
        if (!(fault instanceof Refused) || one.header.dir === "in") throw fault;
        return { ...one, isUnreadable: true }; // a colleague signed it so: nobody shuts others out of a case by that
      }
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      throw new DeskError(
        "case.tampered",
        `A message of this case was changed (${fault.code}). Nothing of it is shown: tell the operator before you answer.`,
      );
    }
  }

  /** Forget what was opened of a case that is left. */
  leave(id) {
    if (this.#opened.of.startsWith(id)) this.#opened = { of: "", known: new Map() };
  }

  claim(id) {
    return this.server.call("POST", `/cases/${id}/claim`);
  }

  /** Close, with the outcome as a sealed note for colleagues. */
  async close(opened, outcome) {
    await this.addNote(opened, outcome);
    await this.server.call("POST", `/cases/${opened.row.id}/close`);
    await this.#tidy();
  }

  /** Give the case back to the queue, the reason as a sealed note. */
  giveBack(opened, reason) {
    return this.#sendNote(opened, "return", reason);
  }

  /** Words that insult or press whoever reads them, of all languages. */
  abuse() {
    return this.server.call("GET", "/abuse");
  }

  /** What a deed tells the person, by its name: `{english, text, language, direction, reviewed}`. */
  async told(name, language) {
    return (await this.server.call("GET", `/told?language=${encodeURIComponent(language)}`))[name];
  }

  /** Step back from the case. `words` tell the person so; null for whom nobody answered yet. */
  async stepBack(opened, words) {
    const body = words === null ? null : writeBody("reply", words, present());
    await this.server.call("POST", `/cases/${opened.row.id}/step-back`, { told: body && await this.#sealedFor(opened, body, body) });
  }

  /** How it stands whether the emergency services are called: `{stand, asked_by, agreed_by, safe, until}`, or null. */
  emergency(id) {
    return this.server.call("GET", `/cases/${id}/emergency`);
  }

  askEmergency({ row }, safe) {
    return this.server.call("POST", `/cases/${row.id}/emergency`, { safe });
  }

  /** Agree to the question as it was read: `safe` as it stood there. */
  agreeEmergency(id, safe) {
    return this.server.call("POST", `/cases/${id}/emergency/agree`, { safe });
  }

  /** `drop` or `called`. */
  emergencyStep(id, step) {
    return this.server.call("POST", `/cases/${id}/emergency/${step}`);
  }

  /** The sentence that says so, sealed and signed as any reply. */
  async tellEmergency(opened, words) {
    const body = writeBody("reply", words, present());
    await this.server.call("POST", `/cases/${opened.row.id}/emergency/tell`, await this.#sealedFor(opened, body, body));
  }

  /** A sealed note for colleagues. */
  addNote(opened, words) {
    return this.#sendNote(opened, "note", words);
  }

  /** When a colleague's note came first, ours takes the next place: it does not answer theirs. */
  async #sendNote(opened, path, words) {
    let now = opened;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.server.call("POST", `/cases/${now.row.id}/${path}`, await this.#noteFor(now, words));
      } catch (fault) {
        if (fault.code !== "note.sequence" || tries === TRIES) throw fault;
        now = await this.open(now.row.id);
      }
    }
  }

  async #noteFor({ row, team, notes }, words) {
    const sequence = notes + 1;
    const header = { case: row.id, org: this.organisation, seq: sequence, dir: "internal", epoch: row.epoch };
    const body = writeBody("internal", words, present());
    return { sequence, sealed: await sealEnvelope(body, recipientsFor(row, team), header, this.#keys.identity) };
  }

  /**
   * Seal and sign a reply; whether it went out at once. When the case changed under it, it is sealed anew, unless the
   * person wrote meanwhile: then their words are read first.
   */
  async reply(opened, words) {
    let now = opened;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#replyTo(now, words);
      } catch (fault) {
        if (fault.code !== "case.changed" || tries === TRIES) throw fault;
        now = await this.open(opened.row.id);
        if (now.row.messages !== opened.row.messages || now.row.replies !== opened.row.replies) throw fault;
      }
    }
  }

  async #replyTo(opened, words) {
    const body = writeBody("reply", words, present());
    const sealed = await this.#sealedFor(opened, body, body);
    const told = await this.server.call("POST", `/cases/${opened.row.id}/reply`, { ...sealed, ...await this.#wishesRead(opened) });
    return told.delivered === true;
  }

  /** Say for the organisation that it cannot take the case; `reason` is for colleagues only. */
  async decline(opened, reason) {
    const { excluded } = opened.summary;
    const asked = await this.#sealedFor(opened, writeDeclined("", excluded, present()), writeDeclined(reason, excluded, present()));
    await this.server.call("POST", `/cases/${opened.row.id}/decline`, asked);
    await this.#tidy();
  }

  /** With the first that is written to a person: that their wishes were read. A decline asks for no such thing. */
  async #wishesRead({ row }) {
    if (row.replies > 0) return {};
    return { wishes_read: toBase64(await signWishesRead(this.#keys.identity, { case: row.id, organisation: this.organisation })) };
  }

  /** What goes into the mailbox, signed, and what colleagues keep of it. */
  async #sealedFor({ row, mailbox, reachableUntil, team }, body, copy) {
    if (present() >= reachableUntil || row.reachable_until === null) {
      throw new DeskError("case.unreachable", "No reply can find this person any more.");
    }
    const sequence = row.replies + 1;
    const where = { case: row.id, organisation: this.organisation, sequence };
    const sealed = await sealNote(mailbox, body, where);
    const recipients = recipientsFor(row, team);
    const header = { case: row.id, org: this.organisation, seq: sequence, dir: "out", epoch: row.epoch };
    return {
      sequence,
      sealed: toBase64(sealed),
      signature: toBase64(await signNote(this.#keys.identity, sealed, where)),
      mailbox: toBase64(mailbox),
      copy_for_team: recipients.length > 0 ? await sealEnvelope(copy, recipients, header, this.#keys.identity) : "",
    };
  }

  // --- a second organisation ----------------------------------------------------------------------------

  /** How the referrals of a case stand, whom else it can go to, and what may leave. */
  referrals(id) {
    return this.server.call("GET", `/cases/${id}/referrals`);
  }

  /** Ask the person whether it may be asked; `told` is what colleagues read of it. */
  async refer(opened, offer, told) {
    const body = writeOffer(offer, told, present());
    const asked = { ...await this.#sealedFor(opened, body, body), ...await this.#wishesRead(opened) };
    return this.server.call("POST", `/cases/${opened.row.id}/refer`, { ...asked, to: offer.to, queue: offer.queue });
  }

  /** Do not take a case that another organisation referred: it is deleted here. */
  sendBack(id, reason) {
    return this.server.call("POST", `/cases/${id}/send-back`, { reason });
  }
}

/** Whom words about a case are sealed to, as the server seals: complaints to focal points where there are or were any, nothing else to them. */
function recipientsFor(row, { keyring, complaints }) {
  const able = keyring.members.filter(({ duty }) => duty !== null);
  const isFocal = ({ role }) => role === "focal-point";
  const hasFocal = [...keyring.former, ...keyring.members].some(isFocal);
  const chosen = able.filter((member) => isFocal(member) === (complaints.includes(row.queue) && hasFocal));
  return chosen.map(({ duty }) => duty);
}

/** Who takes a pause, by their id: until when. */
const awayOf = ({ staff }, now) => new Map(staff.filter((each) => each.away_until > now).map((each) => [each.id, each.away_until]));

/** The name of the note that says since when a duty key is out of use. */
const retired = (kid) => `retired:${kid}`;

const SENDERS = { in: "person", out: "caseworker", internal: "note" };

/** What each may say: a colleague's note can neither speak as the person nor move their mailbox. */
const SAYS = { in: ["summary", "message", "cancel", "erased", "key", "moved"], out: ["reply", "referral", "declined"], internal: ["internal", "grant"] };

export function assembled(row, opened, team, own) {
  const first = opened.find((one) => one.header.dir === "in" && one.header.seq === 1);
  if (first === undefined) throw new DeskError("case.gap", "The summary of this case is missing. Tell the operator.");
  if (first.body === null) {
    throw new DeskError("case.sealed", "This case was sealed to colleagues before you joined, or while you were off duty. Ask one of them to share it with you, under Team.");
  }
  if (first.body.kind !== "summary") throw new DeskError("case.gap", "The summary of this case is missing. Tell the operator.");
  const summary = first.body;
  let { mailbox, reachableUntil } = summary;
  const names = new Map([...team.keyring.former, ...team.keyring.members].map((member) => [member.kid, member.alias]));
  const lines = [];
  const digests = new Set();
  for (const { header, signer, body: said, isUnreadable } of opened) {
    const body = SAYS[header.dir].includes(said?.kind) ? said : null;
    if (body?.kind === "summary" || body?.kind === "grant") continue;
    if (["key", "moved"].includes(body?.kind)) ({ mailbox, reachableUntil } = body);
    if (body?.kind === "key") continue;
    if (body?.digest && header.dir === "in") {
      if (digests.has(body.digest)) continue;
      digests.add(body.digest);
    }
    lines.push({
      id: `${header.dir}-${header.seq}-${signer.slice(0, 8)}`,
      sender: SENDERS[header.dir],
      name: header.dir === "in" ? "" : names.get(signer),
      mine: false,
      signer,
      kind: body?.kind ?? (isUnreadable || said !== null ? "unreadable" : "sealed"),
      text: body?.text ?? null,
      at: body?.at ?? null,
      consent: body?.consent ?? "",
      mark: body?.mark ?? "",
    });
  }
  inOrder(lines);
  const notes = opened.filter(({ header }) => header.dir === "internal").length;
  return { row, summary, lines, mailbox, reachableUntil, team, notes, opened, readers: readersOf(opened, team, own) };
}

/** Who can open what the person wrote: names as the keyring knows them, and how many keys are nobody's any more. */
function readersOf(opened, team, own) {
  const kids = new Set(opened.filter(({ header }) => header.dir === "in").flatMap(({ recipients }) => recipients));
  const aliases = new Map(team.keyring.members.filter(({ duty }) => duty !== null).map(({ duty, alias }) => [duty.kid, alias]));
  const names = new Set();
  let others = 0;
  for (const kid of kids) {
    if (own.has(kid)) names.add("You");
    else if (aliases.has(kid)) names.add(aliases.get(kid));
    else others += 1;
  }
  return { names: [...names].sort((one, other) => (other === "You") - (one === "You") || one.localeCompare(other)), others };
}

/** By time where it is known; a line that is not for us stays where the server had it. */
function inOrder(lines) {
  let last = 0;
  for (const line of lines) {
    line.order = line.at ?? last;
    last = line.order;
  }
  lines.sort((one, other) => one.order - other.order);
}


