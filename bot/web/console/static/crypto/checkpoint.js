// Whether the audit of the organisation continues what this caseworker saw of it. The same as bot/cli/checkpoints.py.

import { ORGANISATION, Refused, SHA256 } from "./wire.js";
import { checkDocument, readDocument } from "./documents.js";

const YEAR = 365 * 24; // hours that lines are kept

/** `{lines, head, hour}` of a checkpoint that this server signed for the organisation. */
export async function readCheckpoint(text, serverPublic, organisation) {
  const document = await readDocument(text, "checkpoint");
  const fields = document.fields.only("head", "hour", "lines", "org", "v");
  fields.integer("v", 1, 1);
  await checkDocument(document, "audit/checkpoint", serverPublic, "checkpoint.signature");
  if (fields.text("org", ORGANISATION) !== organisation) throw new Refused("checkpoint.organisation");
  return { lines: fields.integer("lines"), head: fields.text("head", SHA256), hour: fields.integer("hour") };
}

/** How many lines a kept checkpoint counts, to ask with; 0 when there is none. Not verified. */
export async function linesOf(text) {
  try {
    return (await readDocument(text, "checkpoint")).fields.integer("lines");
  } catch (fault) {
    if (fault instanceof Refused) return 0;
    throw fault;
  }
}

/** What the audit has suffered since `kept` (null the first time): "cut", "rewritten" or nothing. */
export function auditFault(kept, now, then) {
  if (kept === null || kept.lines === 0) return "";
  if (now.lines < kept.lines) return "cut";
  if (then.lines === kept.lines && then.head === kept.head) return "";
  return then.lines === 0 && now.hour - kept.hour >= YEAR ? "" : "rewritten";
}
