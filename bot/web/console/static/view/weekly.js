// What changes every week: hours, room, phones, a notice. What it means is shown while it is written, before it counts.

import { button, field, fill, h } from "../dom.js";
import { languageName, paragraph } from "../shown.js";
import { say, warn } from "../ui.js";
import { settled } from "./directory.js";

const PAUSE = 400; // milliseconds after the last key before the server is asked what it means
const ROOM = [["unknown", "Nobody knows"], ["open", "There is room"], ["waiting list", "A waiting list"], ["full", "Full"]];
const SEEN_BY = [["public", "everybody"], ["matched", "who needs it"], ["caseworker", "caseworkers only"], ["internal", "our office only"]];
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const today = () => new Date().toISOString().slice(0, 10);

/** A card with the form, the week in words and the card as people would read it. */
export function weeklySection(opened, { desk, path, draw, level }) {
  const form = new WeeklyForm(opened.weekly, () => later());
  const week = h("p.means", { role: "status" });
  const cards = h("div");
  const source = field("input", { id: "weekly-source", maxlength: "500" });
  const save = button("Say it from now on", async () => {
    const values = form.changed();
    if (Object.keys(values).length === 0) return warn("Nothing is different from before.");
    try {
      await settled(desk, `${path}/change`, { values, source: source.value }, "It counts from now on.", draw);
    } catch (fault) {
      warn(fault);
    }
  }, { kind: "primary" });
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    try {
      const told = await desk.server.call("POST", `${path}/preview`, { values: form.changed() });
      if (number !== asked) return;
      form.tell(told.faults);
      fill(week, told.week.length > 0 && ["Means: ", told.week.map(dayWords).join("; "), "."]);
      fill(cards, told.cards.length > 0 && cardPreview(told.cards, form));
      save.disabled = told.faults.length > 0;
    } catch (fault) {
      if (number === asked && form.element.isConnected) warn(fault);
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.element.isConnected && look(), PAUSE); // left or locked meanwhile: nothing of it is sent
  };
  look();
  return h("section.card.weekly", h(`h${level}`, "This week"),
    form.element, week,
    h("label", { for: "weekly-source" }, "Who told you, or where it stands"), source,
    h("div.actions", save), cards);
}

function dayWords({ day, spans, unsure }) {
  const hours = spans.map(([from, to]) => `${from}–${to}`).join(", ");
  return `${weekday.format(new Date(`${day}T00:00:00Z`))} ${hours || (unsure ? "ask first" : "closed")}`;
}

function cardPreview(cards, form) {
  const choice = h("select", { id: "card-language" }, cards.map((one) => h("option", { value: one.language, selected: one.language === form.language }, one.name)));
  const place = h("div.person-card");
  const show = () => {
    form.language = choice.value;
    const one = cards.find((each) => each.language === choice.value) ?? cards[0];
    place.dir = one.direction;
    place.lang = one.language;
    fill(place, paragraph(one.text, { ours: true }));
  };
  choice.addEventListener("change", show);
  show();
  return [h("label", { for: "card-language" }, "The card as a person reads it, in"), choice, place];
}

class WeeklyForm {
  language = "en"; // of the card that is shown
  #before;
  #faults = new Map();
  #roomIsTold = false;

  constructor(weekly, changed) {
    this.#before = weekly;
    this.open = this.#input("hours-open", { value: weekly.hours?.open ?? "", placeholder: "Mo-Fr 09:00-17:00; PH off" }, "hours");
    this.zone = this.#input("hours-zone", { value: weekly.hours?.zone ?? "Europe/Belgrade" }, "hours");
    this.room = h("select", { id: "room" }, ROOM.map(([value, label]) => h("option", { value, selected: value === (weekly.capacity?.state ?? "unknown") }, label)));
    this.phones = h("ul.rows");
    for (const phone of weekly.phones ?? []) this.#addPhone(phone);
    this.notices = h("ul.rows");
    for (const [language, text] of Object.entries(weekly.notice?.text ?? { en: "" })) this.#addNotice(language, text);
    this.until = this.#input("notice-until", { type: "date", value: weekly.notice?.until ?? "", min: today() }, "notice");
    this.element = h("div",
      h("fieldset", h("legend", "Hours"), h("label", { for: "hours-open" }, "Open, as OpenStreetMap writes it; empty: not known"), this.open,
        h("label", { for: "hours-zone" }, "Time zone"), this.zone, this.#fault("hours")),
      h("fieldset", h("legend", "Room"), h("label", { for: "room" }, "As of today"), this.room, this.#fault("capacity"),
        weekly.capacity?.on && h("p.help", `Last told on ${weekly.capacity.on}. After 14 days it counts as unknown.`),
        h("div.actions", button("It is so today", () => { this.#roomIsTold = true; say("Today stands beside it once you save."); changed(); }, { kind: "quiet" }))),
      h("fieldset", h("legend", "Phones"), this.phones, this.#fault("phones"),
        h("div.actions", button("Add a number", () => { this.#addPhone({ number: "", visibility: "matched", label: {} }).focus(); changed(); }, { kind: "quiet" }))),
      h("fieldset", h("legend", "Notice"), h("p.help", "What is different these days, in 160 characters. It disappears by itself."), this.notices,
        h("label", { for: "notice-until" }, "Last day"), this.until, this.#fault("notice"),
        h("div.actions", button("Add a language", () => { this.#addNotice("", "").focus(); }, { kind: "quiet" }))));
    this.room.addEventListener("change", () => { this.#roomIsTold = true; });
    this.element.addEventListener("input", changed);
    this.element.addEventListener("change", changed);
    this.element.addEventListener("removed", changed);
  }

  /** The fields that differ from before, as the server takes them. */
  changed() {
    const open = this.open.value.trim();
    const values = {
      hours: open ? { open, zone: this.zone.value.trim() } : null,
      capacity: this.#room(),
      phones: [...this.phones.children].map((row) => row.read()).filter((phone) => phone.number),
      notice: this.#notice(),
    };
    return Object.fromEntries(Object.entries(values).filter(([key, value]) => !same(value, plainly(this.#before[key]))));
  }

  /** Say beside each field what is wrong with it. */
  tell(faults) {
    for (const [key, place] of this.#faults) {
      const mends = faults.filter((one) => one.field === key).map((one) => one.mend);
      fill(place, mends.join(" "));
      place.parentElement.querySelectorAll("input, select, textarea").forEach((each) => each.setAttribute("aria-invalid", String(mends.length > 0)));
    }
  }

  /** Told anew today, or as it was. */
  #room() {
    if (!this.#roomIsTold) return this.#before.capacity;
    return this.room.value === "unknown" ? { state: "unknown" } : { state: this.room.value, on: today() };
  }

  #notice() {
    const text = Object.fromEntries([...this.notices.children].map((row) => row.read()).filter(([language, words]) => language && words));
    if (Object.keys(text).length === 0) return null;
    return { text, until: this.until.value || today() };
  }

  #input(id, attributes, key) {
    return field("input", { id, "aria-describedby": `fault-${key}`, ...attributes });
  }

  #fault(key) {
    const place = h("p.trouble", { id: `fault-${key}`, role: "status" });
    this.#faults.set(key, place);
    return place;
  }

  #addPhone(phone) {
    const number = this.#input(null, { "aria-label": "Number", value: phone.number, inputmode: "tel" }, "phones");
    const seen = h("select", { "aria-label": "Who may see it" }, SEEN_BY.map(([value, label]) => h("option", { value, selected: value === phone.visibility }, label)));
    const label = field("input", { "aria-label": "What it reaches, in English", value: phone.label?.en ?? "", placeholder: "what it reaches" });
    const row = h("li.joined", number, seen, label, button("Remove", () => this.#remove(row), { kind: "quiet", "aria-label": "Remove this number" }));
    row.read = () => ({ number: number.value.trim(), visibility: seen.value, label: plainly({ ...phone.label, en: label.value.trim() }) });
    this.phones.append(row);
    return number;
  }

  #addNotice(language, text) {
    const code = field("input", { "aria-label": "Language, such as en, sr, fa", value: language, maxlength: "12", size: "4", class: "code" });
    const words = field("textarea", { "aria-label": "Notice", "aria-describedby": "fault-notice", rows: "2", maxlength: "200", dir: "auto" }, text);
    const row = h("li.joined", code, words, button("Remove", () => this.#remove(row), { kind: "quiet", "aria-label": `Remove the notice${language ? ` in ${languageName(language)}` : ""}` }));
    row.read = () => [code.value.trim(), words.value.trim()];
    this.notices.append(row);
    return code;
  }

  #remove(row) {
    row.remove();
    this.element.dispatchEvent(new Event("removed"));
  }
}

/** Without what is empty: so that two values are compared by what they say. */
function plainly(value) {
  if (Array.isArray(value)) return value.map(plainly);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null && each !== "" && !(typeof each === "object" && Object.keys(each).length === 0)).map(([key, each]) => [key, plainly(each)]));
}

function same(one, other) {
  return JSON.stringify(sorted(plainly(one))) === JSON.stringify(sorted(plainly(other ?? null)));
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}
