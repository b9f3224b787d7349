// A caseworker's signature that they read how a person wants to be spoken to. The same as bot/crypto/acknowledgement.py.

import { utf8 } from "./wire.js";
import { sign } from "./keys.js";

/** 64 bytes, for one case. */
export function signWishesRead(identity, { case: id, organisation }) {
  return sign(identity, "case/wishes-read", utf8(id), utf8(organisation));
}
