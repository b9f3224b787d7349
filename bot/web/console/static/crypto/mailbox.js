// Replies that wait for a person: sealed to the mailbox, signed by who wrote them. The same as bot/crypto/mailbox.py.

import { Refused, utf8 } from "./wire.js";
import { label, sealTo, sha256, sign, uint32 } from "./keys.js";
import { pad } from "./padding.js";

function place({ case: id, organisation, sequence }) {
  if (!(sequence > 0 && sequence < 2 ** 31)) throw new Refused("mailbox.wrong");
  return [utf8(id), utf8(organisation), uint32(sequence)];
}

/** `body` padded and sealed to a mailbox's public key, for one place only. */
export async function sealNote(mailbox, body, where) {
  return sealTo(mailbox, pad(body), label("mailbox/note", ...place(where)));
}

/** The caseworker's signature over place and ciphertext. */
export async function signNote(identity, sealed, where) {
  return sign(identity, "mailbox/signature", ...place(where), await sha256(sealed));
}
