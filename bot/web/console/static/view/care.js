// So that nobody carries too much alone: stepping back from a case and a pause, without a reason and without a name on a list.

import { h } from "../dom.js";
import { name, plainName, shown, urgencyName } from "../shown.js";
import { ask } from "../ui.js";

/** Whether the person was answered by somebody and can be told that somebody else answers from now on. */
export const hearsOfIt = ({ row, reachableUntil }) => row.replies > 0 && row.reachable_until !== null && Date.now() / 1000 < reachableUntil;

/** Step back without asking anything: what the dialog below does, and what a pause does with what it gives back. */
export async function stepBack(desk, opened) {
  const told = hearsOfIt(opened) ? await desk.told("stepped_back", opened.summary.language) : null;
  await desk.stepBack(opened, told?.text ?? null);
}

/** A sentence as the person gets it, with its English. */
export function sentenceShown({ english, text, language, direction, reviewed }) {
  return h("blockquote", h("p", { lang: language, dir: direction }, shown(text, { ours: true })),
    language !== "en" && h("p.help", { lang: "en", dir: "ltr" }, "In English: ", english),
    !reviewed && h("p.help", "A draft: no native reader has reviewed it yet."));
}

/** Ask once, never why; `done()` when the case waits again. */
export async function askStepBack(desk, opened, done) {
  const told = hearsOfIt(opened) ? await desk.told("stepped_back", opened.summary.language) : null;
  return ask("Step back from this case?", [
    h("p", "You need not say why. It goes back to the queue at its old place, and a colleague takes it. Your leads see how often this happens in the whole organisation, in tens, and nobody's name."),
    told ? [h("p", "The person reads, in the way they chose for answers:"), sentenceShown(told)]
      : h("p", opened.row.replies > 0 ? "The person cannot be told: no reply finds them any more." : "The person was not answered yet: for them nothing changes, and they are told nothing."),
  ], [
    { label: "Cancel" },
    { label: "Step back", kind: "primary", work: async () => { await desk.stepBack(opened, told?.text ?? null); await done(); } },
  ]);
}

const MINUTES = [5, 15, 30, 60];

/** Ask for how long, and what becomes of one's own cases; `done(until)` when the pause has begun. */
export function askPause(desk, rows, title, done) {
  const own = rows.filter((row) => row.mine).map((row, at) => {
    const isNeeded = row.urgency === "now";
    return { row, isNeeded, isGiven: false, box: h("input", { id: `leave-${at}`, type: "checkbox", checked: isNeeded, disabled: isNeeded }) };
  });
  const go = async (minutes) => {
    for (const each of own.filter(({ box, isGiven }) => box.checked && !isGiven)) {
      await stepBack(desk, await desk.open(each.row.id));
      desk.leave(each.row.id);
      each.isGiven = true;
    }
    await done(await desk.pause(minutes));
  };
  return ask(title, [
    h("p", "Nothing rings and no case comes to you until it is over. Colleagues see that you are away, not why. It is written down nowhere."),
    own.length > 0 && h("fieldset.choices", h("legend", "Your open cases: which go back to the queue?"),
      own.map(({ row, isNeeded, box }) => h("p.check", box, h("label", { for: box.id }, name(row.designation), `, ${plainName(row.need || row.queue)}, ${urgencyName(row.urgency)}`,
        isNeeded && " (needed now: it does not wait for you)"))),
      h("p.help", "The others wait for you. A colleague can take them over, and one that becomes urgent goes back to the queue by itself.")),
  ], [
    { label: "No pause", kind: "quiet" },
    ...MINUTES.map((minutes) => ({ label: minutes === 60 ? "1 hour" : `${minutes} minutes`, kind: minutes === 15 ? "primary" : "", work: () => go(minutes) })),
  ]);
}

/** For leads: a number that is nobody's. */
export function loadSection(desk) {
  const said = h("p");
  const section = h("section.card", h("h2", "How heavy it is"), said,
    h("p.help", "Of the whole organisation, within a year, in whole tens, as it was at the last midnight (UTC). Nobody's name is told, on no page."));
  desk.server.call("GET", "/load").then(({ stepped_back: times }) => {
    said.append("Somebody stepped back from a case: ", times > 0 ? `at least ${times} times.` : "fewer than ten times.");
  }).catch(() => section.remove());
  return section;
}
