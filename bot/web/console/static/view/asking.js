// Whether what is written asks for what helpers never ask for, or for what the case already holds. Nothing leaves from here.

const NEVER = {
  number: "for a phone number or a call",
  papers: "for papers or their numbers",
  photos: "for photos or videos",
  money: "for money",
  meet: "to meet alone or at home",
};

const TOLD = {
  story: "what happened",
  country: "in which country they are",
  need: "what they need",
  language: "which language they speak",
};

/** Letters and digits of every script, one space between words and around, so that marks and case make no difference. */
function plain(words) {
  const folded = words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().normalize("NFKC");
  return ` ${folded.replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
}

export class Asking {
  #lists = [];

  /** `lists`: kind -> words for it, in every language. */
  learn(lists) {
    this.#lists = Object.entries(lists).map(([kind, words]) => [kind, words.map(plain).filter((each) => each.trim())]);
  }

  /** What `text` asks for. `held` are the kinds that the case answers already; of the others only what is never asked. */
  found(text, held) {
    const said = plain(text);
    return this.#lists
      .filter(([kind]) => Object.hasOwn(NEVER, kind) || held.has(kind))
      .filter(([, words]) => words.some((each) => said.includes(each)))
      .map(([kind]) => kind);
  }
}

/** The kinds that a case answers: its need and language always, a story and a country where they were sent. */
export function heldBy(summary) {
  const hasCountry = summary.country || summary.shared.some(({ slot }) => slot === "country");
  return new Set(["need", "language", ...(summary.note ? ["story"] : []), ...(hasCountry ? ["country"] : [])]);
}

/** The hints for these kinds, a sentence each. */
export function hints(kinds) {
  const never = kinds.filter((kind) => Object.hasOwn(NEVER, kind)).map((kind) => NEVER[kind]);
  const told = kinds.filter((kind) => Object.hasOwn(TOLD, kind)).map((kind) => TOLD[kind]);
  return [
    never.length > 0 && `Helpers never ask ${never.join(", or ")}: impostors do. The person was told so.`,
    told.length > 0 && `The case already says ${told.join(", and ")}. Look there before you ask them again.`,
  ].filter(Boolean);
}
