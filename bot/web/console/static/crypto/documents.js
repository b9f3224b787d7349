// Signed documents: certificates, statements and keyring entries in one form. The same as bot/crypto/documents.py.

import { KEY_ID, Refused, canonical, canonicalText, hex, readCanonical, toBase64, utf8 } from "./wire.js";
import { checkSignature, keyId, sha256, sign } from "./keys.js";

const LARGEST = 16 * 1024; // bytes
const MOST_SIGNATURES = 8;

/** A document by form alone, from its text: `{payload, fields, signatures, digest}`. */
export async function readDocument(text, subject) {
  const outer = readCanonical(utf8(text), subject, LARGEST).only("doc", "sigs");
  const payload = outer.data("doc");
  const sigs = outer.inner("sigs");
  const kids = sigs.names();
  if (kids.length < 1 || kids.length > MOST_SIGNATURES || !kids.every((kid) => KEY_ID.test(kid))) outer.refuse();
  return {
    payload,
    fields: readCanonical(payload, subject, LARGEST),
    signatures: new Map(kids.map((kid) => [kid, sigs.data(kid, 64)])),
    digest: hex(await sha256(payload)),
  };
}

/** Resolves if the owner of `raw` signed this payload for `domain`. */
export async function checkDocument(document, domain, raw, code) {
  const signature = document.signatures.get(await keyId(raw));
  if (signature === undefined) throw new Refused(code);
  await checkSignature(raw, signature, code, domain, document.payload);
}

/** The same document with one signature more; refuses as `document.format`. */
export async function addSignature(domain, text, key) {
  const { payload, signatures } = await readDocument(text, "document");
  signatures.set(key.kid, await sign(key, domain, payload));
  const sigs = Object.fromEntries([...signatures].map(([kid, signature]) => [kid, toBase64(signature)]));
  return canonicalText({ doc: toBase64(payload), sigs });
}

/** The text of a document signed by one key. */
export async function signDocument(domain, fields, key) {
  const payload = canonical(fields);
  const signature = await sign(key, domain, payload);
  return canonicalText({ doc: toBase64(payload), sigs: { [key.kid]: toBase64(signature) } });
}
