// Whether the emergency services are called: one asks, another one agrees, and the person hears it before, where that is safe.
// This page calls nobody.

import { button, fill, h } from "../dom.js";
import { clockOf, name } from "../shown.js";
import { ask, warn } from "../ui.js";
import { sentenceShown } from "./care.js";

/** Ask a colleague; `done()` when the question stands. */
export function askEmergency(desk, opened, done) {
  const choices = [["yes", "Yes: they are told before anybody is called"], ["no", "No, or not known: telling them now could put them in danger"]];
  const inputs = choices.map(([value]) => h("input", { type: "radio", name: "safe", id: `safe-${value}`, value }));
  return ask("Ask a colleague about the emergency services?", [
    h("p", "Nobody decides this alone. A colleague reads the case and agrees or not; both of you are in the audit. Only what the person told here may be passed on: there is no number and no place."),
    h("fieldset.choices", h("legend", "Is it safe to tell the person before?"),
      choices.map(([value, label], at) => h("p.check", inputs[at], h("label", { for: `safe-${value}` }, label)))),
    h("p.help", "This page calls nobody. If nobody answers within 15 minutes, nothing was decided: call your lead, or ask again."),
  ], [
    { label: "Cancel" },
    {
      label: "Ask a colleague", kind: "primary",
      work: async () => {
        const chosen = inputs.find((input) => input.checked);
        if (!chosen) {
          inputs[0].focus();
          return false;
        }
        await desk.askEmergency(opened, chosen.value === "yes");
        await done();
        return true;
      },
    },
  ]);
}

/** How it stands beside one case, and what each of the two does next. */
export class Emergency {
  #desk;
  #did;
  #drawn = "";

  /** `did` is `{changed, names, failed}`. */
  constructor(desk, did) {
    this.#desk = desk;
    this.#did = did;
    this.element = h("section.emergency", { "aria-label": "Emergency services", hidden: true });
  }

  async show(opened) {
    try {
      const found = opened.row.emergency === null ? null : await this.#desk.emergency(opened.row.id);
      const drawn = `${JSON.stringify(found)} ${opened.row.mine} ${opened.row.replies} ${opened.row.messages}`;
      if (this.#drawn === drawn) return;
      this.#drawn = drawn;
      this.element.hidden = found === null;
      fill(this.element, found !== null && this.#of(found, opened));
    } catch (fault) {
      this.#did.failed(fault);
    }
  }

  #of(found, opened) {
    const who = (id) => (id === this.#desk.id ? "You" : name(this.#did.names().get(id) ?? "A colleague"));
    const isMine = found.asked_by === this.#desk.id;
    const before = found.safe ? "They are told before." : "Telling them before is not safe, or not known to be.";
    const do_ = (path) => this.#do(() => this.#desk.emergencyStep(opened.row.id, path));
    const takeBack = button(isMine ? "Take it back" : "I do not agree", () => do_("drop"), { kind: "quiet" });
    const two = [who(found.asked_by), " and ", found.agreed_by === this.#desk.id ? "you" : who(found.agreed_by), " agreed"];
    const called = button("We called", () => do_("called"), { kind: "primary" });
    switch (found.stand) {
      case "asked":
        return [
          h("p", { role: "status" }, h("strong", who(found.asked_by), isMine ? " ask" : " asks", " whether the emergency services are called"), `, with only what the person told here. ${before} The question stands until ${clockOf(found.until)}.`),
          h("div.actions", !isMine && button("I agree", () => this.#do(() => this.#desk.agreeEmergency(opened.row.id, found.safe)), { kind: "primary" }), takeBack),
        ];
      case "agreed":
        return [
          h("p", { role: "status" }, h("strong", two, " to call the emergency services"), `, until ${clockOf(found.until)}. ${before}`),
          h("div.actions", found.safe ? opened.row.mine && button("Tell the person ...", () => this.#tell(opened), { kind: "primary" }) : called, takeBack),
        ];
      case "told":
        return [
          h("p", { role: "status" }, h("strong", two, ", and the person was told"), `. Call with only what they told here, until ${clockOf(found.until)}; read first whether they answered.`),
          h("div.actions", called, takeBack),
        ];
      case "dropped":
        return h("p", { role: "status" }, "The emergency services are not called: one of you did not agree, or took it back. Talk with each other.");
      default:
        return h("p", { role: "status" }, "The time is over: nothing is decided about the emergency services. Ask again, or call your lead.");
    }
  }

  async #tell(opened) {
    const told = await this.#desk.told("emergency", opened.summary.language);
    await ask("Tell the person now?", [h("p", "They read:"), sentenceShown(told)], [
      { label: "Cancel" },
      {
        label: "Tell them", kind: "primary",
        work: async () => {
          await this.#desk.tellEmergency(opened, told.text);
          await this.#did.changed();
        },
      },
    ]);
  }

  async #do(work) {
    try {
      await work();
    } catch (fault) {
      warn(fault);
    }
    await this.#did.changed();
  }
}
