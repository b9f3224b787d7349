// What the person agreed to, yes by yes: when, the exact text, its mark, and what they took back since.

import { h } from "../dom.js";
import { paragraph, timeOf } from "../shown.js";

const BACK = { cancel: "They asked to take everything back.", erased: "They erased the conversation and asked you to delete it." };

/** The whole record of an opened case, oldest first. */
export function agreedList({ summary, lines }) {
  const given = [{ at: summary.opened, consent: summary.consent, mark: summary.mark }, ...lines.filter(({ consent }) => consent)];
  const taken = lines.filter(({ kind }) => Object.hasOwn(BACK, kind));
  return h("ol.agreed", [...given, ...taken].sort((one, other) => one.at - other.at).map((each) => h("li",
    h("p.help", each.at !== null && h("time", { datetime: new Date(each.at * 1000).toISOString() }, timeOf(each.at)), each.mark && [" · text ", h("code", short(each.mark))]),
    each.consent ? h("blockquote", paragraph(each.consent, { ours: true })) : h("p", h("strong", BACK[each.kind])))));
}

/** The first letters of a SHA-256 tell two texts apart; the whole is in the saved case. */
const short = (mark) => mark.slice(0, 12);
