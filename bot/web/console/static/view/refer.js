// A second organisation: proposing it to the person with the very words that would leave, and how each referral stands.

import { button, field, fill, h } from "../dom.js";
import { dateOf, name, shown } from "../shown.js";
import { ask } from "../ui.js";
import { namesIn, personalIn } from "./personal.js";
import { isGone } from "./possible.js";

/** As the person reads them in English; a test compares with their sentences. */
export const LABELS = {
  place: "Place",
  address: "How to speak to you",
  age: "Age",
  safety: "What keeps you safe",
  words: "Your words",
  note: "Note from the helper",
  sogiesc: "About who you are",
};
const STATES = {
  offered: "The person is asked", sent: "Sent, not taken yet", accepted: "Taken", declined: "Not taken",
  done: "Finished", lapsed: "Nobody answered in time", revoked: "Taken back by the person",
};
const REASONS = {
  person: "the person said no", full: "no room at the moment", area: "not there, or not on this",
  language: "nobody speaks the language", other: "another reason",
};
const RUNNING = ["offered", "sent", "accepted"];
const LOOK_AGAIN = 60_000; // milliseconds after which a case that is drawn anew is asked about again
const UNREADABLE = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** What somebody typed, as it may stand in an offer: on one line, and nothing in it that cannot be read. */
export const offered = (text) => text.toWellFormed().replace(UNREADABLE, " ").replace(/\s+/g, " ").trim();

/** Whether another organisation referred this case: its summary says who. */
export const isReferred = (opened) => opened.summary.shared.some(({ slot }) => slot === "from");

/** Whether the person can be asked about a second organisation: never about a complaint, never when no question finds them. */
export const mayRefer = (opened) => opened.row.mine && !isGone(opened) && !opened.team.complaints.includes(opened.row.queue);

/** Whether this organisation can say that it does not take the case: what was referred is given back instead. */
export const mayDecline = (opened) => (opened.row.mine || opened.row.status === "waiting") && !isGone(opened) && !isReferred(opened);

/** How the referrals of a case stand; nothing of the other cases. */
export class Referrals {
  #askedFor = "";
  #askedAt = 0;

  constructor(desk) {
    this.desk = desk;
    this.list = h("div", h("p.help", "Nobody else was asked."));
    this.element = h("details", { open: true }, h("summary", "Other organisations"), this.list);
  }

  /** Ask the server when something happened in the case, or a minute went by; not each time that the page is drawn. */
  async show({ id, messages, replies, status }) {
    const about = `${id} ${messages} ${replies} ${status}`;
    if (this.#askedFor === about && Date.now() - this.#askedAt < LOOK_AGAIN) return;
    [this.#askedFor, this.#askedAt] = [about, Date.now()];
    let referrals;
    try {
      ({ referrals } = await this.desk.referrals(id));
    } catch (fault) {
      this.#askedFor = "";
      throw fault;
    }
    fill(this.list, referrals.length === 0 ? h("p.help", "Nobody else was asked.")
      : h("ul", referrals.map((one) => h("li", h("strong", name(one.name)), `: ${STATES[one.state]}`,
        one.reason && `, ${REASONS[one.reason]}`, `, ${dateOf(one.hour * 3600)}`))));
  }
}

/** Ask whom, about what and with which words; `send(offer, told)` asks the person. */
export async function askRefer(desk, opened, send) {
  const known = await desk.referrals(opened.row.id);
  const running = known.referrals.filter(({ state }) => RUNNING.includes(state));
  const free = known.receivers.filter(({ organisation }) =>
    !running.some(({ to }) => to === organisation) && !opened.summary.excluded.includes(organisation));
  if (free.length === 0 || running.length >= known.most) {
    return ask("Refer to another organisation?", [h("p", free.length === 0
      ? "No other organisation can open a case now: nobody there has a key. Try again later."
      : `A case has at most ${known.most} referrals at a time. Wait for one to end.`)], [{ label: "Close" }]);
  }
  const form = new Form(opened, free, known);
  return ask("Refer to another organisation?", [
    h("p", "The person is asked in their chat, with exactly the words below. Nothing leaves before they say yes, and they may say no."),
    form.element,
  ], [
    { label: "Cancel" },
    { label: "Ask the person", kind: "primary", work: async () => {
      if (!form.isComplete()) return false;
      await send(form.offer(), form.told());
      return true;
    } },
  ]);
}

class Form {
  #receivers;
  #rows;

  constructor(opened, receivers, { fields, longest }) {
    this.#receivers = receivers;
    this.to = h("select", { id: "refer-to" }, receivers.map(({ organisation, name: called, on_duty: isOn }) =>
      h("option", { value: organisation }, `${called}${isOn ? ", on duty" : ""}`)));
    this.queue = h("select", { id: "refer-queue" });
    this.allow = h("input", { id: "refer-allow", type: "checkbox" });
    this.allowRow = h("p.check", this.allow, h("label", { for: "refer-allow" },
      "This is not an LGBTIQ+ organisation. It needs to know about who they are; the person is told so."));
    this.typed = typedBy(opened);
    this.warning = h("p.trouble", { role: "status", hidden: true });
    this.preview = h("div.notice", { role: "region", "aria-live": "polite", "aria-label": "What would leave" });
    const known = prefilled(opened.summary);
    this.#rows = fields.map((key) => {
      const box = h("input", { id: `refer-${key}`, type: "checkbox" });
      const text = field("textarea", {
        id: `refer-${key}-text`, rows: "2", dir: "auto", maxlength: String(longest), hidden: true, "aria-label": LABELS[key],
      });
      text.value = offered((known[key] ?? "").slice(0, longest));
      const row = h("div", h("p.check", box, h("label", { for: box.id }, LABELS[key])), text);
      box.addEventListener("change", () => {
        text.hidden = !box.checked;
        if (box.checked) text.focus();
        this.#draw();
      });
      text.addEventListener("input", () => this.#draw());
      return { key, box, text, row };
    });
    this.to.addEventListener("change", () => this.#drawQueues());
    this.queue.addEventListener("change", () => this.#draw());
    this.allow.addEventListener("change", () => this.#draw());
    this.element = h("div",
      h("p", h("label", { for: this.to.id }, "Which organisation"), this.to),
      h("p", h("label", { for: this.queue.id }, "About what"), this.queue),
      h("fieldset", h("legend", "What may leave: the least that helps"), this.#rows.map(({ row }) => row), this.allowRow),
      h("h3", "What the person is asked to agree to"), this.preview, this.warning);
    this.#drawQueues();
  }

  get #receiver() {
    return this.#receivers.find(({ organisation }) => organisation === this.to.value);
  }

  #drawQueues() {
    fill(this.queue, Object.entries(this.#receiver.queues).map(([id, label]) => h("option", { value: id }, label)));
    this.#draw();
  }

  /** Of who somebody is nothing goes to others unless it was allowed for this one. */
  #chosen() {
    const closed = !this.#receiver.lgbtiq && !this.allow.checked;
    return this.#rows.map(({ key, box, text }) => ({ field: key, value: box.checked ? offered(text.value) : "" }))
      .filter(({ field: key, value }) => value && !(key === "sogiesc" && closed));
  }

  #draw() {
    const sogiesc = this.#rows.find(({ key }) => key === "sogiesc");
    this.allowRow.hidden = this.#receiver.lgbtiq || !sogiesc.box.checked;
    fill(this.preview, h("p", "To ", h("strong", name(this.#receiver.name)), ", with the name of your organisation, the language of the case, and:"),
      h("ul", h("li", `Topic: ${this.#receiver.queues[this.queue.value]}`),
        this.#chosen().map(({ field: key, value }) => h("li", { dir: "auto" }, `${LABELS[key]}: `, shown(value)))));
    this.#drawWarning();
  }

  /** Numbers, addresses and names that the person typed: often nobody there needs them. */
  #drawWarning() {
    const chosen = this.#chosen();
    const found = [...new Set(chosen.flatMap(({ field: key, value }) => [...personalIn(value), ...(key === "place" ? [] : namesIn(value, this.typed))]))];
    const isTheirs = chosen.some(({ field: key }) => key === "words");
    this.warning.hidden = found.length === 0 && !isTheirs;
    fill(this.warning, found.length > 0 && ["Look again: this may show who they are: ", found.map((each, at) => [at > 0 && ", ", name(each)]), ". "],
      isTheirs && "“Your words” leave as they are written here. ", "Leave out what the other team does not need.");
  }

  /** Whether nothing that was ticked is left out without a word; otherwise the first such place has the focus. */
  isComplete() {
    const sent = this.#chosen().map(({ field: key }) => key);
    const open = this.#rows.find(({ key, box }) => box.checked && !sent.includes(key));
    if (open === undefined) return true;
    (offered(open.text.value) ? this.allow : open.text).focus();
    return false;
  }

  offer() {
    return { fields: this.#chosen(), queue: this.queue.value, to: this.to.value };
  }

  /** What colleagues read of it. */
  told() {
    const lines = this.#chosen().map(({ field: key, value }) => `${LABELS[key]}: ${value}`);
    return [`To ${this.#receiver.name}, about: ${this.#receiver.queues[this.queue.value]}`, ...lines].join("\n");
  }
}

/** Every word that the person wrote in this case. */
const typedBy = ({ summary, lines }) => [summary.note, ...summary.shared.map(({ value }) => value),
  ...lines.filter(({ sender }) => sender === "person").map(({ text }) => text ?? "")];

/** What the person shared already, where it has a place in the list; nothing of it is ticked. */
function prefilled({ shared, wishes, note }) {
  const of = (...slots) => shared.filter(({ slot }) => slots.includes(slot)).map(({ value }) => value).join(", ");
  return { place: of("city", "country"), address: wishes.join(", ") || of("interpreter"), words: note };
}

/** Why a case that another organisation referred is not taken; `send(reason)` gives it back. */
export function askDecline(reasons, send) {
  return ask("Give this referral back?", [
    h("p", "It is deleted here. The person and who referred them hear the reason that you choose."),
  ], [
    { label: "Cancel" },
    ...reasons.map((reason) => ({ label: REASONS[reason], work: () => send(reason) })),
  ]);
}

/** The two buttons of a case that have to do with others. */
export const referButtons = (opened, refer, decline) => [
  mayRefer(opened) && button("Refer ...", refer, { kind: "quiet" }),
  isReferred(opened) && opened.row.replies === 0 && (opened.row.mine || opened.row.status === "waiting")
    && button("Give referral back ...", decline, { kind: "quiet" }),
];
