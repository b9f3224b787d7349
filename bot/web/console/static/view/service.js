// One service as a vetter sees it: how it stands, who vouches, what sources say, what happened; and what to do about it.

import { button, field, fill, h } from "../dom.js";
import { name } from "../shown.js";
import { ask } from "../ui.js";
import { plain, settled, stateChip, todoWords } from "./directory.js";
import { weeklySection } from "./weekly.js";

const POINTS = {
  reached: "I called, wrote or visited, and somebody there answered.",
  agreed: "They want to be listed.",
  read_back: "I read phone, address, hours and languages to them.",
  safety_asked: "I put each safety question to them.",
  no_complaint: "I looked for complaints, and none is open.",
  independent: "I do not work there.",
};
const HAPPENED = {
  proposed: "vouched, as the first", vetted: "vouched, as the second", suspended: "suspended it", reinstated: "put it back",
  flagged: "Somebody reported it", dismissed: "let it stand", changed: "changed", safety_proposed: "asked for another answer to",
  safety_accepted: "agreed about", safety_rejected: "declined about",
};
const REPORTED = "Reported, and being looked into.";
const SIX_MONTHS = 183; // days
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const dayOf = (text) => (text ? day.format(new Date(`${text}T00:00:00Z`)) : "");

/** Fill `stage` with a service; `back` leads to the list. */
export async function showService(stage, desk, one, { level, back }) {
  const path = `/directory/${one.organisation}/${one.service}`;
  const opened = await desk.server.call("GET", path);
  const heading = h(`h${level}`, { tabindex: "-1" }, name(opened.listed.name));
  const body = h("div");
  const draw = (now) => fill(body, sections(now, { desk, path, draw, level: level + 1 }));
  fill(stage, h("div.actions", button("← Directory", back, { kind: "quiet" })), heading, body);
  draw(opened);
  heading.focus({ preventScroll: true });
}

function sections(opened, context) {
  return [
    standing(opened, context),
    opened.editable && weeklySection(opened, context),
    safetySection(opened, context),
    factsSection(opened, context),
    historySection(opened, context),
  ];
}

const title = (context, text) => h(`h${context.level}`, text);

// --- how it stands -----------------------------------------------------------------------------------------

function standing(opened, context) {
  const { listed } = opened;
  const has = (what) => listed.todo.some((one) => one.what === what);
  return h("section.card",
    h("p.line", name(listed.organisation_name), stateChip(listed), listed.status !== "active" && h("span.chip", listed.status), listed.demo && h("span.chip", "Demo")),
    h("p", h("strong", listed.offered ? "Offered to people today." : "Not offered to anybody."),
      listed.state === "vetted" && listed.expires && ` Vouched for until ${dayOf(listed.expires)} by ${opened.vetted_by.join(" and ")}.`),
    listed.todo.length > 0 && h("ul.todos", listed.todo.map((one) => h("li", todoWords(one)))),
    opened.replaced_by && h("p", `Replaced by ${opened.replaced_by}.`),
    listed.own && h("p.help", "It is of your organisation: others vouch for it and put it back."),
    h("div.actions", deeds(opened, context, { isFlagged: has("flagged") })));
}

function deeds(opened, { desk, path, draw }, { isFlagged }) {
  const { listed } = opened;
  const is = (state) => listed.state === state;
  const vouches = desk.may.has("vet") && !listed.own && !is("suspended") && !opened.proposed_mine;
  const reasoned = (label, deed, news, help) => withReason(label, help, (reason) => settled(desk, `${path}/${deed}`, { reason }, news, draw));
  return [
    desk.may.has("suspend") && !is("suspended") && (isFlagged
      ? button("Suspend now", () => settled(desk, `${path}/suspend`, { reason: REPORTED }, "Suspended. Nobody is told of it from now on.", draw), { kind: "primary" })
      : button("Suspend ...", () => reasoned("Suspend this service?", "suspend", "Suspended. Nobody is told of it from now on.", "Nobody is told of it from the next message on."))),
    desk.may.has("reinstate") && isFlagged && !listed.own && button("Let it stand ...", () => reasoned("Let it stand?", "dismiss", "It stands, and the report is looked into.", "The report is looked into with that.")),
    vouches && button(opened.proposed_by ? "Vouch as the second ..." : "Vouch for it ...", () => vouch(opened, { desk, path, draw })),
    desk.may.has("reinstate") && is("suspended") && !listed.own && button("Put it back ...", () => reasoned("Put it back?", "reinstate", "It is back, as it was vouched for before.", "It is offered again if two people still vouch for it.")),
  ].filter(Boolean);
}

function withReason(label, help, work) {
  const reason = field("textarea", { id: "reason", rows: "3", maxlength: "500" });
  return ask(label, [
    h("p", help),
    h("label", { for: "reason" }, "Why"), reason,
    h("p.help", "Everybody who sees the directory reads this. Write nobody's name."),
  ], [{ label: "Cancel" }, { label: label.replace(/\?$/, ""), kind: "primary", work: () => work(reason.value) }]);
}

function vouch(opened, { desk, path, draw }) {
  const boxes = opened.points.map((point) => [point, h("input", { id: `point-${point}`, type: "checkbox" })]);
  const evidence = field("textarea", { id: "evidence", rows: "3", maxlength: "500" });
  const expires = field("input", { id: "expires", type: "date", value: new Date(Date.now() + SIX_MONTHS * 86_400_000).toISOString().slice(0, 10) });
  return ask(opened.proposed_by ? "Vouch as the second?" : "Vouch for it?", [
    opened.proposed_by && h("p", name(opened.proposed_by), " vouched already. Look by yourself, and do not read theirs first."),
    h("fieldset", h("legend", "I did all of this"), boxes.map(([point, box]) => h("p.check", box, h("label", { for: box.id }, POINTS[point] ?? plain(point))))),
    h("label", { for: "evidence" }, "How I know"), evidence,
    h("label", { for: "expires" }, "It holds until"), expires,
    h("p.help", "Everybody who sees the directory reads this. Write nobody's name."),
  ], [{ label: "Cancel" }, {
    label: "Vouch", kind: "primary",
    work: () => settled(desk, `${path}/vet`, {
      evidence: evidence.value,
      checklist: boxes.filter(([, box]) => box.checked).map(([point]) => point),
      expires: expires.value || null,
    }, opened.proposed_by ? "Vouched. Two people did now." : "Vouched. Somebody else has to, too.", draw),
  }]);
}

// --- safety ----------------------------------------------------------------------------------------------------

function safetySection(opened, context) {
  const { desk, path, draw } = context;
  const waits = new Map(opened.waiting.map((one) => [one.word, one]));
  const decide = (one) => desk.may.has("vet") && !one.mine && !opened.listed.own && h("div.actions",
    button("Agree", () => settled(desk, `${path}/safety/agree`, { word: one.word }, "Agreed: it counts from now on.", draw), { "aria-label": `Agree about ${plain(one.word)}` }),
    button("Decline ...", () => withReason("Decline?", "The answer stays as it was.", (reason) => settled(desk, `${path}/safety/decline`, { word: one.word, reason }, "Declined.", draw)), { kind: "quiet", "aria-label": `Decline about ${plain(one.word)}` }));
  return h("section.card", title(context, "Safety"),
    h("p.help", "A new answer waits for a second person. Until then a safe answer counts as unknown."),
    h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Safety answers" }, h("table",
      h("thead", h("tr", h("th", { scope: "col" }, "Question"), h("th", { scope: "col" }, "Answer"), h("th", { scope: "col" }, "Waits"))),
      h("tbody", opened.safety_words.map((word) => h("tr",
        h("th", { scope: "row" }, plain(word)),
        h("td", opened.safety[word] ?? "unknown"),
        h("td", waits.has(word) && [`${waits.get(word).answer}, asked for by `, name(waits.get(word).by), ` (${waits.get(word).source})`, decide(waits.get(word))])))))),
    opened.editable && h("div.actions", button("Ask for another answer ...", () => askSafety(opened, context))));
}

function askSafety(opened, { desk, path, draw }) {
  const word = h("select", { id: "safety-word" }, opened.safety_words.map((each) => h("option", { value: each }, plain(each))));
  const answer = h("select", { id: "safety-answer" }, ["unknown", "yes", "no"].map((each) => h("option", { value: each }, each)));
  const source = field("input", { id: "safety-source", maxlength: "500" });
  return ask("Ask for another answer?", [
    h("label", { for: "safety-word" }, "Question"), word,
    h("label", { for: "safety-answer" }, "Answer"), answer,
    h("label", { for: "safety-source" }, "Who told you, or where it stands"), source,
  ], [{ label: "Cancel" }, {
    label: "Ask", kind: "primary",
    work: () => settled(desk, `${path}/safety`, { word: word.value, answer: answer.value, source: source.value }, "Asked. A second person has to agree.", draw),
  }]);
}

// --- facts and history ---------------------------------------------------------------------------------------

function factsSection(opened, context) {
  const facts = [
    ["Needs", opened.needs.map(plain).join(", ")], ["Languages", opened.languages.join(", ")],
    ["Website", opened.website], ["Address", opened.address],
    ["Vouched for by", opened.vetted_by.join(", ")], ["On", dayOf(opened.vetted_on)], ["How they know", opened.evidence],
    ["Points done", opened.checklist.map(plain).join(", ")],
  ].filter(([, value]) => value);
  return h("section.card", title(context, "What is written"),
    h("dl.facts", facts.map(([label, value]) => [h("dt", label), h("dd", name(value))])),
    opened.contested.length > 0 && h("p.notice", `Sources disagree about ${opened.contested.join(", ")}: nobody is told of it. Find out which is right, and correct the file.`),
    opened.sources.length > 0 && h("div.scroll", { tabindex: "0", role: "region", "aria-label": "Sources" }, h("table",
      h("thead", h("tr", ["Fact", "Source", "Read on", "Says"].map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", opened.sources.map((one) => h("tr",
        h("th", { scope: "row" }, plain(one.fact), one.conflict && h("span.chip.now", "disagrees")),
        h("td", name(one.source)), h("td", dayOf(one.checked_on)), h("td", name(one.value))))))));
}

function historySection(opened, context) {
  return h("section.card", title(context, "Since the files were released"),
    opened.history.length === 0 && h("p", "Nothing."),
    h("ol.history", opened.history.toReversed().map((one) => h("li",
      h("strong", dayOf(one.day)), " ", one.by && [name(one.by), " "], HAPPENED[one.kind] ?? one.kind,
      one.field && ` ${plain(one.field.replace("safety/", ""))}`, one.value && [": ", name(one.value)], one.until && ` until ${dayOf(one.until)}`,
      one.words && [" (", name(one.words), ")"]))),
    h("p.help", "What stands in the files before that is told by ", h("code", `fener directory history ${opened.listed.organisation}/${opened.listed.service}`), "."));
}
