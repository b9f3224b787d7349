// The queue: most urgent first, nothing of what was said.

import { h } from "../dom.js";
import { clockOf, languageName, name, plainName, urgencyName, waitingSince } from "../shown.js";

/** Whose a case is, in words. */
export function holder(row, names, away = new Map()) {
  if (row.mine) return "Yours";
  if (row.status === "waiting") return "Waiting";
  const until = away.get(row.claimed_by);
  const isAway = until ? `, away until ${clockOf(until)}` : "";
  return row.claimed_by ? `With ${names.get(row.claimed_by) ?? "a colleague"}${isAway}` : plainName(row.status);
}

/** A separator for eyes only. */
export const dot = () => h("span.dot", { "aria-hidden": "true" }, "·");

/** One line of the queue. */
function item(row, { open, current, watch, names, away }) {
  const fresh = watch.fresh(row);
  const isOpen = row.id === current;
  const link = h("button.case", {
    type: "button", "data-case": row.designation, "aria-current": isOpen ? "true" : null,
    on: { click: () => open(row.id) },
  },
  h("span.line", h(`span.chip.${row.urgency === "now" || row.urgency === "soon" ? row.urgency : "normal"}`, urgencyName(row.urgency)),
    h("strong", name(row.designation)), fresh > 0 && h("span.badge", String(fresh), h("span.unseen", " new"))),
  h("span.line", plainName(row.need || row.queue), dot(), languageName(row.language)),
  h("span.line.help", h("span.unseen", "for "), waitingSince(row.opened_hour), dot(), h(`span.${row.mine ? "mine" : "theirs"}`, name(holder(row, names, away))),
    row.notes > 0 && [dot(), row.notes === 1 ? "1 note" : `${row.notes} notes`],
    row.emergency === "asked" && !row.mine && [dot(), h("strong.asks", "asks for a second person")],
    row.mine && row.channel && [dot(), h("span.live-now", "live")]));
  return h("li", link);
}

const GROUPS = [
  ["Waiting", (row) => row.status === "waiting"],
  ["Mine", (row) => row.mine],
  ["With colleagues", (row) => row.status !== "waiting" && !row.mine],
];

/** The whole queue, in three groups. */
export function queueList(rows, context) {
  if (rows.length === 0) {
    return h("div.empty", h("p", "No open case."), h("p.help", "You need not watch: a new one rings, and the tab's title counts it."));
  }
  return h("div", GROUPS.map(([title, isIn]) => {
    const inside = rows.filter(isIn);
    return inside.length > 0 && h("section", h("h3", title, " ", h("span.count", String(inside.length))),
      h("ul.cases", inside.map((row) => item(row, context))));
  }));
}
