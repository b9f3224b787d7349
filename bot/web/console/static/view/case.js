// One case, opened in this browser: who asks for what, what they agreed to, and the conversation.

import { button, fill, h } from "../dom.js";
import { clockOf, dateOf, languageName, name, paragraph, plainName, regionName, timeOf, urgencyName, waitingSince } from "../shown.js";
import { ask, warn } from "../ui.js";
import { agreedList } from "./agreed.js";
import { Blur, blurButton } from "./blur.js";
import { heldBy } from "./asking.js";
import { askStepBack } from "./care.js";
import { Composer } from "./composer.js";
import { Emergency, askEmergency } from "./emergency.js";
import { askMute, isMuted } from "./mute.js";
import { Playbooks } from "./playbooks.js";
import { casePossible, isGone, whereItGoes } from "./possible.js";
import { dot, holder } from "./queue.js";
import { Referrals, askDecline, askRefer, mayDecline, referButtons } from "./refer.js";
import { WISHES } from "../bodies.js";
import { WishesRead, wishesList } from "./wishes.js";

const OUTCOMES = [
  "We helped here", "Passed on to another organisation", "Information was enough", "The person asked to close",
  "The person no longer answers", "Not something we can help with", "Not meant seriously",
];
const REASONS = ["My shift ends", "Another language is needed", "Another colleague knows more", "I know this person", "Too much for me now"];

const DECLINED = ["No capacity now", "Not our area", "We lack the language", "Conflict of interest", "Another safety reason"]; // as bot/handoff/declining.py

const EVENTS = {
  cancel: "The person asks you to close this case.",
  moved: "The conversation moved to another phone or channel, with the return code that the person had. Whoever has it reads your answers now: make sure that it is them.",
  erased: "The person erased the conversation and asks you to delete it: close the case as soon as you can.",
  sealed: "A message that was sealed to colleagues only.",
  unreadable: "A colleague wrote something here that cannot be read.",
};

export class CaseView {
  #desk;
  #did;
  #shownLines = new Set();
  #blur = new Blur();
  #doing = Promise.resolve(); // deeds go one after the other: a reply right behind a claim finds the case claimed

  /** `did` are the things that the page does for us: `{changed, back, left, pause, away, hurts, names, rules, closed, failed, settle}`. */
  constructor(desk, did) {
    this.#desk = desk;
    this.#did = did;
    this.opened = null;
    this.readAt = 0;
    this.composer = new Composer((mode, text) => this.#send(mode, text), (language) => desk.phrases(language), () => desk.asks());
    this.playbooks = new Playbooks(() => desk.playbooks());
    this.wishes = new WishesRead(() => {
      this.#drawComposer();
      this.composer.to("reply");
    });
    this.emergency = new Emergency(desk, { changed: () => did.changed(), names: () => did.names(), failed: did.failed });
    this.heading = h("h1", { tabindex: "-1" });
    this.head = h("header.case-head");
    this.facts = h("div.facts");
    this.log = h("div.log", { role: "log", "aria-label": "Conversation", "aria-live": "polite", tabindex: "0" });
    this.sent = h("p.sent", { role: "status" });
    this.element = h("article.case-view", this.head,
      h("div.case-body", h("div.talk", this.emergency.element, this.log, this.sent, this.wishes.element, this.composer.element), h("aside", { "aria-label": "About this case" }, this.facts, this.playbooks.element)));
  }

  /** Show a case as it is now; the conversation grows in place. */
  show(opened, { isNew = false } = {}) {
    const hadFocus = this.element.contains(document.activeElement) ? document.activeElement.dataset.act : "";
    const wasOnHeading = document.activeElement === this.heading;
    this.opened = opened;
    this.readAt = Date.now();
    this.#drawHead();
    if (isNew) this.#drawFacts();
    this.#drawComposer();
    void this.emergency.show(opened);
    void this.playbooks.show({ need: opened.row.need, queue: opened.row.queue, urgency: opened.row.urgency });
    this.#drawReach();
    this.#drawLines(isNew);
    if (opened.row.status !== "closed") this.referrals.show(opened.row).catch((fault) => this.#did.failed(fault));
    if (hadFocus) (this.head.querySelector(`[data-act="${hadFocus}"]`) ?? this.heading).focus({ preventScroll: true });
    if (wasOnHeading) this.heading.focus({ preventScroll: true });
  }

  /**
   * The chat became live, or a reply waits again: told without reading the case once more. The queue tells it for
   * one's own cases only; of others we know what was so when they were opened, and only while that can still hold.
   */
  tellChannel({ mine, channel }) {
    const { row } = this.opened;
    const holds = Date.now() - this.readAt < this.#did.rules().live_minutes * 60_000;
    const now = mine ? channel : holds ? row.channel : null;
    if (mine) this.readAt = Date.now();
    if (row.channel === now) return;
    row.channel = now;
    this.#drawReach();
  }

  wipe() {
    this.opened = null;
    this.composer.wipe();
    this.element.replaceChildren();
  }

  get isMine() {
    return this.opened.row.mine;
  }

  #reason() {
    const { row, reachableUntil, team } = this.opened;
    if (row.status === "closed") return "This case is closed.";
    if (!team.isMember) return "You are not in the keyring yet: ask your lead to sign you in.";
    if (row.reachable_until === null) return "This person erased the conversation. No reply can find them.";
    if (Date.now() / 1000 >= reachableUntil) return "This person was away too long. No reply can find them.";
    if (row.claimed_by && !row.mine) return `${holder(row, this.#did.names(), this.#did.away())}. You can write a note to them${this.#isLeft() ? ", or take the case over" : ""}.`;
    return "";
  }

  #drawComposer() {
    const { summary } = this.opened;
    const reason = this.#reason();
    const unread = this.wishes.reason(this.opened, reason === "");
    this.composer.update({ language: summary.language, words: summary.codeWords, held: heldBy(summary), reason: reason || unread });
  }

  #drawHead() {
    const { row, summary } = this.opened;
    const isOpen = row.status !== "closed";
    fill(this.heading, name(summary.designation));
    const act = (label, work, key, kind = "") => button(label, work, { kind, "data-act": key, "aria-keyshortcuts": key });
    fill(this.head,
      button("← Queue", () => this.#did.back(), { kind: "quiet back" }),
      h("div.title", this.heading,
        h("p.line", h(`span.chip.${summary.urgency === "normal" && row.urgency === "normal" ? "normal" : row.urgency}`, urgencyName(row.urgency)),
          plainName(row.need || row.queue), dot(), languageName(summary.language), dot(), `waiting ${waitingSince(row.opened_hour)}`,
          dot(), name(holder(row, this.#did.names(), this.#did.away())), isMuted(row) && [dot(), `takes no words until ${clockOf(row.muted_until)}`])),
      isOpen && h("div.actions",
        row.status === "waiting" && act("Claim", () => this.claim(), "c", "primary"),
        this.#isLeft() && act("Take over", () => this.claim(), "c", "primary"),
        row.mine && act("Give back", () => this.giveBack(), "b"),
        row.mine && button("Step back", () => this.#stepBack(), { kind: "quiet" }),
        row.mine && button("That was heavy ...", () => this.#did.pause(), { kind: "quiet" }),
        (row.mine || row.status === "waiting") && act("Close", () => this.close(), "x"),
        referButtons(this.opened, () => this.#refer(), () => this.#sendBack()),
        mayDecline(this.opened) && button("Decline ...", () => this.decline(), { kind: "quiet" }),
        row.mine && button("Emergency services ...", () => this.#askEmergency(), { kind: "quiet" }),
        this.#mayMute() && button(isMuted(row) ? "Muted ..." : "Mute ...", () => this.#mute(), { kind: "quiet" }),
        button(this.#blur.all ? "Show their words" : "Blur their words", () => this.#blurAll(), { kind: "quiet" })),
      summary.crisis.length > 0 && h("p.crisis", h("strong", "Words of crisis: "), summary.crisis.map(plainName).join(", ")));
  }

  #drawFacts() {
    const { summary } = this.opened;
    this.reach = h("dd");
    this.possible = h("div");
    this.agreed = h("div");
    this.referrals = new Referrals(this.#desk);
    const { organisations } = this.#did.rules();
    const place = [summary.country && regionName(summary.country), summary.area].filter(Boolean).join(", ");
    const shared = summary.shared.filter(({ slot }) => !Object.hasOwn(WISHES, slot)); // a wish stands above already
    fill(this.facts,
      h("dl",
        h("dt", "Code words"), h("dd", h("strong.code-words", name(summary.codeWords)), h("p.help", "Say them first, in your first message: by them the person knows that you are real. Never ask for them.")),
        h("dt", "Reachable until"), this.reach,
        h("dt", "Language"), h("dd", languageName(summary.language)),
        h("dt", "Interpreter and wishes"), h("dd", wishesList(summary)),
        summary.excluded.length > 0 && [h("dt", "Not to be passed to"), h("dd", h("ul", summary.excluded.map((each) => h("li", name(organisations[each] ?? each)))))],
        place && [h("dt", "Where"), h("dd", name(place))],
        h("dt", "Opened"), h("dd", timeOf(summary.opened))),
      h("h2", "What they shared"),
      shared.length > 0
        ? h("dl", shared.map(({ slot, label, value }) => [h("dt", { dir: "auto" }, name(label)), this.#shared(slot, value)]))
        : h("p.help", "Nothing but their words."),
      this.referrals.element,
      h("details", { open: true }, h("summary", "What is possible here"), this.possible),
      h("details", { open: true }, h("summary", "What they agreed to"), this.agreed));
  }

  #shared(slot, value) {
    const hurts = this.#hides(`shared-${slot}`, value);
    if (!hurts) return h("dd", { dir: "auto" }, name(value));
    const words = h("div.words", { dir: "auto" }, name(value));
    return h("dd", hurts, blurButton(this.#blur, `shared-${slot}`, words), words);
  }

  #drawReach() {
    const { opened } = this;
    const rules = this.#did.rules();
    fill(this.reach, isGone(opened) ? h("strong", "No reply can find them any more") : dateOf(opened.reachableUntil));
    fill(this.possible, casePossible(opened, rules, this.readAt));
    fill(this.agreed, agreedList(opened));
    this.composer.tell(whereItGoes(opened, rules));
  }

  #drawLines(isNew) {
    const { summary, lines } = this.opened;
    const nearEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    if (isNew) {
      this.log.replaceChildren();
      this.#shownLines.clear();
    }
    const first = { id: "summary", sender: "person", kind: "message", text: summary.note, at: summary.opened };
    for (const line of summary.note ? [first, ...lines] : lines) {
      if (this.#shownLines.has(line.id)) continue;
      this.#shownLines.add(line.id);
      const element = this.#line(line);
      if (!isNew) element.classList.add("arrives");
      this.log.append(element);
    }
    if (this.log.childElementCount === 0) this.log.append(h("p.event", { "data-empty": "" }, "No words yet: the person only asked to be written to."));
    else if (this.log.childElementCount > 1) this.log.querySelector("[data-empty]")?.remove();
    if (isNew || nearEnd) requestAnimationFrame(() => { this.log.scrollTop = this.log.scrollHeight; });
  }

  #line(line) {
    const when = line.at === null ? "" : h("time", { datetime: new Date(line.at * 1000).toISOString() }, timeOf(line.at));
    if (line.kind === "declined") return h("p.event", "Your organisation said that it cannot take this. To colleagues only: ", name(line.text ?? ""), " ", when);
    if (EVENTS[line.kind]) return h("p.event", EVENTS[line.kind], " ", when);
    const isMine = line.signer === this.#desk.kid;
    const who = line.sender === "person" ? "The person" : isMine ? "You" : name(line.name || "A colleague");
    const note = line.sender === "note" ? ", to colleagues only" : line.kind === "referral" ? ", asking whether another organisation may help:" : "";
    const words = paragraph(line.text);
    if (line.sender !== "person") return h(`div.message.${line.sender}`, h("p.who", who, note, " ", when), words);
    const hurts = this.#hides(line.id, line.text);
    return h("div.message.person", h("p.who", who, " ", when, blurButton(this.#blur, line.id, words)), hurts, words);
  }

  /** What hurts begins out of sight; a line says so, since nobody should wonder what they do not see. */
  #hides(id, text) {
    if (!this.#did.hurts(text)) return false;
    this.#blur.begin(id);
    return h("p.hurts", "Holds words that may hurt: out of sight until you press “Show”.");
  }

  #send(mode, text) {
    return this.#do(async () => {
      const { opened } = this; // as the deed before left it
      if (mode === "note") {
        await this.#desk.addNote(opened, text);
        fill(this.sent, "Note kept. Only colleagues can read it.");
        return;
      }
      const isOut = await this.#desk.reply(opened, text);
      fill(this.sent, isOut
        ? `Sent ${clockOf(Date.now() / 1000)}: the chat is live, they have it now.`
        : `Sealed and waiting: it reaches them with their next message, until ${dateOf(opened.reachableUntil)}.`);
    });
  }

  /** Do it after what is being done; whether it went. The case is read again, also when somebody else was faster. */
  #do(work) {
    const next = () => this.opened !== null && this.#doNow(work);
    this.#doing = this.#doing.then(next, next);
    return this.#doing;
  }

  async #doNow(work) {
    fill(this.sent);
    let went = true;
    try {
      await work();
    } catch (fault) {
      went = false;
      this.#did.failed(fault);
    }
    await this.#did.changed();
    return went;
  }

  #mayMute() {
    const { row } = this.opened;
    return this.#desk.may.has("mute") && (row.mine || row.status === "waiting" || this.#desk.role === "lead");
  }

  #mute() {
    const { row } = this.opened;
    return askMute(row, async (hours) => {
      await this.#desk.server.call("POST", `/cases/${row.id}/mute`, { hours });
      await this.#did.changed();
    }).then(() => this.#did.settle());
  }

  #refer() {
    const { opened } = this;
    if (!this.wishes.element.hidden) {
      this.wishes.element.scrollIntoView({ block: "center" });
      return warn("Read first how to speak with them.");
    }
    return askRefer(this.#desk, opened, async (offer, told) => {
      await this.#desk.refer(opened, offer, told);
      fill(this.sent, "The person is asked in their chat. Nothing leaves before they say yes.");
      await this.#did.changed();
    }).then(() => this.#did.settle());
  }

  #sendBack() {
    const { opened } = this;
    return this.#desk.referrals(opened.row.id).then(({ reasons }) => askDecline(reasons, async (reason) => {
      await this.#desk.sendBack(opened.row.id, reason);
      await this.#did.closed(opened.row);
    })).then(() => this.#did.settle());
  }

  /** Every message of the person at once; each can be shown by itself. */
  #blurAll() {
    this.#blur.turnAll();
    this.#drawHead();
    this.#drawLines(true);
  }

  /** Whether a colleague has it who is not there for it: then it may be taken over. */
  #isLeft() {
    const { row } = this.opened;
    return row.status === "claimed" && !row.mine && (row.alone || this.#did.away().has(row.claimed_by));
  }

  claim() {
    if (this.opened.row.status !== "waiting" && !this.#isLeft()) return;
    this.#do(() => this.#desk.claim(this.opened.row.id));
  }

  giveBack() {
    if (!this.isMine) return;
    const reasons = radios("reason", REASONS);
    const words = wordsField("reason-words");
    const { opened } = this;
    ask("Give this case back to the queue?", [
      h("p", "It waits for a colleague again. Your reason is sealed; only colleagues read it."),
      reasons.element, words.element,
    ], [
      { label: "Cancel" },
      {
        label: "Give back", kind: "primary",
        work: async () => {
          const told = [reasons.value(), words.value()].filter(Boolean).join(". ");
          if (!told) return reasons.remind();
          await this.#desk.giveBack(opened, `Given back: ${told}`);
          await this.#did.changed();
          return true;
        },
      },
    ]);
  }

  #askEmergency() {
    return askEmergency(this.#desk, this.opened, () => this.#did.changed());
  }

  /** Give it back without a reason; whoever steps back is at the queue again and need not look at it. */
  #stepBack() {
    return askStepBack(this.#desk, this.opened, () => this.#did.left()).then(() => this.#did.settle());
  }

  /** Say for the organisation that it cannot take the case: it ends here, and the person is asked about another one. */
  decline() {
    const { opened } = this;
    const reasons = radios("declined", DECLINED);
    const words = wordsField("declined-words");
    ask("Decline this case for your organisation?", [
      h("p", "The person hears that your organisation cannot take it, in the way they chose to be told. They are asked before anything goes to another organisation, and what they wrote to you goes nowhere."),
      h("p", "The case closes here. Your reason is sealed; only colleagues read it."),
      reasons.element, words.element,
    ], [
      { label: "Cancel" },
      {
        label: "Decline the case", kind: "primary",
        work: async () => {
          if (!reasons.value()) return reasons.remind();
          await this.#desk.decline(opened, [`Declined: ${reasons.value()}`, words.value()].filter(Boolean).join(". "));
          await this.#did.closed(opened.row);
          return true;
        },
      },
    ]).then(() => this.#did.settle());
  }

  close() {
    const { opened } = this;
    if (opened.row.status === "closed" || (opened.row.claimed_by && !opened.row.mine)) return;
    const outcomes = radios("outcome", OUTCOMES);
    const words = wordsField("outcome-words");
    ask("Close this case?", [
      h("p", "Replies that wait can still be collected. Then nothing ties this case to its person, and after 14 days it is deleted."),
      outcomes.element, words.element,
    ], [
      { label: "Cancel" },
      {
        label: "Close the case", kind: "primary",
        work: async () => {
          if (!outcomes.value()) return outcomes.remind();
          await this.#desk.close(opened, [`Outcome: ${outcomes.value()}`, words.value()].filter(Boolean).join(". "));
          await this.#did.closed(opened.row);
          return true;
        },
      },
    ]).then(() => this.#did.settle());
  }
}

/** A closed list to choose one from. */
function radios(group, labels) {
  const inputs = labels.map((label, at) => h("input", { type: "radio", name: group, id: `${group}-${at}`, value: label }));
  const element = h("fieldset.choices", h("legend", group === "outcome" ? "How did it end?" : "Why?"),
    inputs.map((input, at) => h("p.check", input, h("label", { for: input.id }, labels[at]))));
  return {
    element,
    value: () => inputs.find((input) => input.checked)?.value ?? "",
    remind: () => {
      inputs[0].focus();
      return false;
    },
  };
}

function wordsField(id) {
  const area = h("textarea", { id, rows: "2", maxlength: "1000", dir: "auto", autocomplete: "off", spellcheck: "false", translate: "no" });
  return { element: h("p", h("label", { for: id }, "More, for colleagues (not needed)"), area), value: () => area.value.trim() };
}
