// What an identity key signs: duty keys, duty statements, logins, enrolments. The same as bot/crypto/identity.py.
// Times are whole seconds since 1970.

import { KEY_ID, ORGANISATION, Refused, SUITE, toBase64, utf8 } from "./wire.js";
import { keyId, publicSize, sign } from "./keys.js";
import { checkDocument, readDocument, signDocument } from "./documents.js";

const DAY = 86_400;
const ACCEPTED_FOR = 21 * DAY;
const ROTATE_AFTER = 7 * DAY;
const LONGEST_DUTY = 16 * 3_600;
const SKEW = 600;
const LATEST = 2 ** 33;

/** The signed public half of a duty key. */
export async function certifyDutyKey(identity, duty, { organisation, now }) {
  return signDocument(
    "duty/certificate",
    {
      by: identity.kid, from: now, key: toBase64(duty.public), org: organisation, suite: duty.suite,
      until: now + ACCEPTED_FOR, v: 1,
    },
    identity,
  );
}

/** `{identity, recipient, starts, ends, rotationIsDue}` if this identity signed it and it may be sealed to now. */
export async function verifyDutyCertificate(text, identityPublic, { organisation, now }) {
  const document = await readDocument(text, "duty-key");
  const fields = document.fields.only("by", "from", "key", "org", "suite", "until", "v");
  fields.integer("v", 1, 1);
  await checkDocument(document, "duty/certificate", identityPublic, "duty-key.signature");
  const suite = fields.text("suite", SUITE);
  const raw = fields.data("key", publicSize(suite));
  const starts = fields.integer("from", 0, LATEST);
  const ends = fields.integer("until", 0, LATEST);
  if (fields.text("by", KEY_ID) !== (await keyId(identityPublic))) throw new Refused("duty-key.signature");
  if (fields.text("org", ORGANISATION) !== organisation) throw new Refused("duty-key.organisation");
  checkSpan(starts, ends, now, ACCEPTED_FOR, "duty-key.lapsed");
  return { recipient: { kid: await keyId(raw), public: raw, suite }, starts, ends, rotationIsDue: now >= starts + ROTATE_AFTER };
}

/** A signed "on duty until". */
export async function stateDuty(identity, { organisation, now, until }) {
  return signDocument("duty/statement", { by: identity.kid, from: now, org: organisation, until, v: 1 }, identity);
}

/** Until when this caseworker said to be on duty, if it is not over. */
export async function verifyDutyStatement(text, identityPublic, { organisation, now }) {
  const document = await readDocument(text, "duty");
  const fields = document.fields.only("by", "from", "org", "until", "v");
  fields.integer("v", 1, 1);
  await checkDocument(document, "duty/statement", identityPublic, "duty.signature");
  if (fields.text("by", KEY_ID) !== (await keyId(identityPublic))) throw new Refused("duty.signature");
  if (fields.text("org", ORGANISATION) !== organisation) throw new Refused("duty.organisation");
  const ends = fields.integer("until", 0, LATEST);
  checkSpan(fields.integer("from", 0, LATEST), ends, now, LONGEST_DUTY, "duty.over");
  return ends;
}

/** The answer to a server's random challenge, for the address that was opened only. */
export const signLogin = (identity, challenge, server) => sign(identity, "login", challenge, utf8(server));

/** Proof that who uses an invitation holds the key they enrol. */
export const signEnrolment = (identity, invitation) => sign(identity, "enrolment", utf8(invitation));

function checkSpan(starts, ends, now, longest, code) {
  if (now < starts - SKEW || now >= ends || ends - starts > longest) throw new Refused(code);
}
