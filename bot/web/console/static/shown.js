// Other people's words as text on the page: what is hidden in them is shown, and nothing in them can act.

import { h } from "./dom.js";

const NAMES = new Map([
  [0x00ad, "SHY"], [0x061c, "ALM"], [0x180e, "MVS"], [0x200b, "ZWSP"], [0x200e, "LRM"], [0x200f, "RLM"],
  [0x2028, "LSEP"], [0x2029, "PSEP"], [0x202a, "LRE"], [0x202b, "RLE"], [0x202c, "PDF"], [0x202d, "LRO"], [0x202e, "RLO"],
  [0x2060, "WJ"], [0x2066, "LRI"], [0x2067, "RLI"], [0x2068, "FSI"], [0x2069, "PDI"], [0xfeff, "BOM"],
]);
// Joiners (200C, 200D) and line breaks are how people write; every other invisible character gets a mark.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu;
const WRITTEN = new Set(["\n", "\t", "\u200c", "\u200d"]);

/** Text and marks to put into one element; `ours` drops the isolates that our own sentences hold. */
export function shown(text, { ours = false } = {}) {
  const plain = (ours ? text.replace(/[\u2066-\u2069]/g, "") : text).replace(/\r\n?/g, "\n");
  const nodes = [];
  let from = 0;
  for (const found of plain.matchAll(HIDDEN)) {
    if (WRITTEN.has(found[0])) continue;
    const code = found[0].codePointAt(0);
    if (code >= 0xe0000 && code <= 0xe007f) continue; // tags of flag emoji draw nothing and turn nothing round
    nodes.push(plain.slice(from, found.index), mark(code));
    from = found.index + found[0].length;
  }
  nodes.push(plain.slice(from));
  return nodes;
}

function mark(code) {
  const number = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  return h("span.hidden-mark", { title: `a hidden character: ${number}` }, NAMES.get(code) ?? number);
}

/** Words in a paragraph that keeps its own direction. */
export const paragraph = (text, options) => h("p.words", { dir: "auto" }, shown(text, options));

/** A short name on one line, cut where it gets too long. */
export const name = (text) => h("bdi", shown(String(text).slice(0, 80)));

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });

export const dateOf = (seconds) => day.format(new Date(seconds * 1000));

export const clockOf = (seconds) => clock.format(new Date(seconds * 1000));

/** "14:05", or with the date when it was not today. */
export function timeOf(seconds) {
  const isToday = new Date(seconds * 1000).toDateString() === new Date().toDateString();
  return isToday ? clockOf(seconds) : `${dateOf(seconds)}, ${clockOf(seconds)}`;
}

/** How long since a whole hour: the server stores no finer time. */
export function waitingSince(hour) {
  const hours = Math.floor(Date.now() / 3_600_000) - hour;
  if (hours < 1) return "under 1 hour";
  if (hours < 48) return hours === 1 ? "1 hour" : `${hours} hours`;
  return `${Math.floor(hours / 24)} days`;
}

const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const regions = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });

function named(names, code) {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

export const languageName = (code) => named(languages, code);

export const regionName = (code) => (/^[A-Z]{2}$/.test(code) ? named(regions, code) : code);

/** "legal_asylum" as "Legal asylum". */
export function plainName(id) {
  const words = id.replace(/[._-]+/g, " ").trim();
  return words ? words[0].toUpperCase() + words.slice(1) : "Not said";
}

export const urgencyName = (urgency) => ({ now: "Now", soon: "Soon" })[urgency] ?? "Normal";
