// The directory: every service, what there is to do about it, and the way to one of them. No case is in here.

import { button, field, fill, h } from "../dom.js";
import { name } from "../shown.js";
import { attempt, say } from "../ui.js";
import { showService } from "./service.js";

const AT_ONCE = 100; // services on the page; more are found by their names
const WHICH = [["todo", "With something to do"], ["lapses", "Lapsing soon"], ["offered", "Offered today"], ["own", "Of my organisation"], ["all", "All"]];
const URGENT = new Set(["flagged", "suspended", "lapsed"]);
const TODO = {
  flagged: (one) => `Reported on ${one.detail}: look into it`,
  safety: (one) => `Another answer to “${plain(one.detail)}” waits`,
  suspended: (one) => (one.detail ? `Suspended on ${one.detail}` : "Suspended"),
  lapsed: (one) => `Lapsed on ${one.detail}`,
  lapses: (one) => `Lapses within ${one.mark} days, on ${one.detail}`,
  proposed: (one) => (one.detail ? `${one.detail} vouches: a second vetter has to` : "A second vetter has to vouch"),
  conflict: (one) => `Sources disagree: ${one.detail}`,
  checklist: () => "The checklist has gaps",
  capacity: (one) => (one.detail ? `Room was last told on ${one.detail}` : "Nobody said whether there is room"),
  unverified: () => "Nobody vouches for it",
};
const STATES = { unverified: "Unverified", proposed: "One vetter", vetted: "Vetted", suspended: "Suspended", lapsed: "Lapsed" };

export const plain = (word) => word.replace(/[_-]+/g, " ");

/** How many vettings lapse soon, the nearest first, in a sentence; nothing where none does. */
export function lapsing(services) {
  const within = new Map();
  for (const { mark } of services.flatMap((one) => one.todo.filter(({ what }) => what === "lapses"))) within.set(mark, (within.get(mark) ?? 0) + 1);
  const told = [...within].sort(([one], [other]) => one - other).map(([mark, count]) => `${count} within ${mark} days`);
  return told.length > 0 ? `Vetting lapses: ${told.join(", ")}. What lapses is not offered any more.` : "";
}

/** What there is to do, in words. */
export const todoWords = (one) => (TODO[one.what] ?? (() => one.what))(one);

export const stateChip = ({ state }) => h(`span.chip${state === "suspended" || state === "lapsed" ? ".now" : state === "vetted" ? "" : ".soon"}`, STATES[state]);

/** Fill `place` with the directory; `level` is that of its heading. */
export async function showDirectory(place, desk, { level = 1 } = {}) {
  const heading = h(`h${level}`, { tabindex: "-1" }, "Directory");
  const stage = h("div");
  fill(place, h("div.column.directory", heading, stage));
  if (level === 1) heading.focus({ preventScroll: true });
  const kept = { words: "", which: "todo" };
  const toList = () => attempt(async () => drawList(stage, await desk.server.call("GET", "/directory"), kept, open));
  const open = (one) => attempt(() => showService(stage, desk, one, { level: level + 1, back: async () => { await toList(); focusOn(stage, one); } }));
  await toList();
}

function focusOn(stage, one) {
  const same = stage.querySelector(`[data-service="${CSS.escape(`${one.organisation}/${one.service}`)}"]`);
  (same ?? stage.querySelector("input"))?.focus();
}

function drawList(stage, { whole, services }, kept, open) {
  const words = field("input", { id: "find-service", type: "search", value: kept.words });
  const which = h("select", { id: "which-services" }, WHICH.map(([value, label]) => h("option", { value, selected: value === kept.which }, label)));
  const count = h("p.help", { role: "status" });
  const list = h("ul.services");
  const soon = lapsing(services);
  const draw = () => {
    Object.assign(kept, { words: words.value, which: which.value });
    const found = services.filter((one) => fits(one, kept)).sort(byUrgency);
    fill(count, found.length > AT_ONCE ? `${found.length} services; the first ${AT_ONCE} are shown.` : `${found.length} services.`);
    fill(list, found.slice(0, AT_ONCE).map((one) => h("li", row(one, open))));
  };
  words.addEventListener("input", draw);
  which.addEventListener("change", draw);
  fill(stage,
    !whole && h("p.notice", h("strong", "The directory's history was changed by somebody else. "), "Nothing is offered to anybody until the operator has looked (docs: Vet a service)."),
    h("div.finding", h("div", h("label", { for: "find-service" }, "Find"), words), h("div", h("label", { for: "which-services" }, "Show"), which)),
    soon && h("p.notice.lapsing", soon), count, list);
  draw();
}

const ORDER = Object.keys(TODO);
const urgency = (one) => (one.todo.length > 0 ? ORDER.indexOf(one.todo[0].what) * 100 + one.todo[0].mark : 10_000);
const titled = (one) => `${one.organisation_name} ${one.name}`;

function byUrgency(one, other) {
  return urgency(one) - urgency(other) || titled(one).localeCompare(titled(other));
}

function fits(one, { words, which }) {
  const asked = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const text = `${titled(one)} ${one.organisation} ${one.country}`.toLocaleLowerCase();
  const isWanted = { all: true, todo: one.todo.length > 0, lapses: one.todo.some(({ what }) => what === "lapses"), offered: one.offered, own: one.own }[which];
  return isWanted && asked.every((word) => text.includes(word));
}

function row(one, open) {
  const [first] = one.todo;
  return button([
    h("span.line", h("strong", name(one.name)), stateChip(one), one.status !== "active" && h("span.chip", one.status), one.demo && h("span.chip", "Demo")),
    h("span.line.soft", name(one.organisation_name), h("span.dot", { "aria-hidden": "true" }, "·"), one.offered ? "offered" : "not offered"),
    first && h(`span.todo${URGENT.has(first.what) ? ".urgent" : ""}`, todoWords(first), one.todo.length > 1 && ` (and ${one.todo.length - 1} more)`),
  ], () => open(one), { kind: "service", "data-service": `${one.organisation}/${one.service}` });
}

/** After a deed: what happened, and the service as it stands now. */
export async function settled(desk, path, body, news, draw) {
  const opened = await desk.server.call("POST", path, body);
  say(news);
  draw(opened);
}
