// Four sizes for everything sealed: 1, 4, 16 or 64 KiB. The same as bot/crypto/padding.py.

import { Refused, concat, sameBytes } from "./wire.js";
import { uint32 } from "./keys.js";

export const BUCKETS = [1024, 4096, 16384, 65536];
const LENGTH = 4; // bytes before the text

/** `text` in the smallest bucket that holds it. */
export function pad(text) {
  const bucket = BUCKETS.find((size) => text.length + LENGTH <= size);
  if (bucket === undefined) throw new Refused("padding.too-long");
  return concat(uint32(text.length), text, new Uint8Array(bucket - LENGTH - text.length));
}

/** The text inside, if it was padded exactly as `pad` does. */
export function unpad(padded) {
  if (padded.length < LENGTH) throw new Refused("padding.wrong");
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const text = padded.subarray(LENGTH, LENGTH + length);
  if (text.length !== length || length > BUCKETS.at(-1) - LENGTH || !sameBytes(pad(text), padded)) {
    throw new Refused("padding.wrong");
  }
  return text;
}
