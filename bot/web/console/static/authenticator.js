// Talks to the device's passkeys. They never speak with the server: a passkey only computes what opens this browser's
// keys (WebAuthn's PRF), after a finger, a face or a PIN. Source: Web Authentication Level 3, section 10.1.4.

import { Refused, sameBytes, toBase64 } from "./crypto/wire.js";
import { randomBytes, secretKey } from "./crypto/keys.js";
import { newInput } from "./crypto/passkey.js";

const PATIENCE = 120_000; // milliseconds
const NAME = "Fener"; // what the device's list of passkeys shows: neither an organisation nor a person
const ALGORITHMS = [-8, -7, -257]; // Ed25519, ES256, RS256: nothing is ever signed for us
const CODES = {
  InvalidStateError: "passkey.there",
  NotSupportedError: "passkey.device",
  ConstraintError: "passkey.device",
  SecurityError: "passkey.device",
};

/** Whether it makes sense to offer a passkey here. A device may still turn out not to have what is needed. */
export async function canUsePasskeys() {
  const { PublicKeyCredential: kind, isSecureContext, location } = globalThis;
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname); // passkeys belong to a name, never to an address of digits
  if (!kind || !navigator.credentials || !isSecureContext || isNumber) return false;
  const told = await kind.getClientCapabilities?.().catch(() => null);
  return told?.["extension:prf"] !== false;
}

/** Makes one passkey, with one question or with two: many devices compute only when they are asked again. */
export class PasskeyMaker {
  #taken;
  #made = null; // stands on the device, and computed nothing yet

  /** `taken` are passkeys that this device need not make again. */
  constructor(taken = []) {
    this.#taken = taken;
  }

  /** `{credential, input, transports, secret}`. After a "no" to the second question, trying again asks only that one. */
  async make() {
    if (this.#made === null) {
      const { passkey, prf } = await create(this.#taken);
      this.#made = passkey;
      if (prf?.enabled !== true && !prf?.results?.first) {
        this.forget();
        throw new Refused("passkey.prf");
      }
      if (prf.results?.first) return { ...passkey, secret: await secretOf(prf) };
    }
    const { secret } = await usePasskey([this.#made]);
    return { ...this.#made, secret };
  }

  /** It was made for nothing. */
  forget() {
    if (this.#made !== null) forgetPasskey(this.#made);
    this.#made = null;
  }
}

async function create(taken) {
  const input = newInput();
  const made = await asked(() => navigator.credentials.create({
    publicKey: {
      rp: { id: location.hostname, name: NAME },
      user: { id: randomBytes(16), name: NAME, displayName: NAME },
      challenge: randomBytes(32),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
      attestation: "none",
      excludeCredentials: taken.map(descriptor),
      extensions: { prf: { eval: { first: input } } },
      timeout: PATIENCE,
    },
  }));
  const transports = made.response.getTransports?.() ?? [];
  const { prf } = made.getClientExtensionResults();
  return { passkey: { credential: new Uint8Array(made.rawId), input, transports }, prf };
}

/** Ask for one of these passkeys: `{passkey, secret}`. */
export async function usePasskey(passkeys) {
  const evalByCredential = Object.fromEntries(
    passkeys.map(({ credential, input }) => [toBase64(credential), { first: input }]),
  );
  const used = await asked(() => navigator.credentials.get({
    publicKey: {
      rpId: location.hostname,
      challenge: randomBytes(32),
      allowCredentials: passkeys.map(descriptor),
      userVerification: "required",
      extensions: { prf: { evalByCredential } },
      timeout: PATIENCE,
    },
  }));
  const passkey = passkeys.find(({ credential }) => sameBytes(credential, new Uint8Array(used.rawId)));
  if (passkey === undefined) throw new Refused("passkey.wrong");
  return { passkey, secret: await secretOf(used.getClientExtensionResults().prf) };
}

/** Tell the device that this passkey opens nothing any more; not every browser can. */
export function forgetPasskey({ credential }) {
  const told = { rpId: location.hostname, credentialId: toBase64(credential) };
  globalThis.PublicKeyCredential?.signalUnknownCredential?.(told).catch(() => {});
}

const descriptor = ({ credential, transports }) => ({ type: "public-key", id: credential, transports });

async function secretOf(prf) {
  const first = prf?.results?.first;
  if (first?.byteLength !== 32) throw new Refused("passkey.prf");
  const bytes = new Uint8Array(first);
  const secret = await secretKey(bytes);
  bytes.fill(0);
  return secret;
}

/** What the browser says no to, as a code; it tells nobody whether a passkey was missing or a person said no. */
async function asked(question) {
  try {
    return await question();
  } catch (fault) {
    throw new Refused(CODES[fault?.name] ?? "passkey.unused");
  }
}
