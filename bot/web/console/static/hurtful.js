// Whether a message holds words that insult or press whoever reads it: translations/<lang>/abuse.yaml of all languages at once.
// It is decided in this browser, after the message was opened here: the server never learns which message it was.

const LETTERS = new Map(Object.entries({
  ى: "ي", ی: "ي", ې: "ي", ۍ: "ي", ے: "ي", ک: "ك", ة: "ه", ہ: "ه", ھ: "ه", ۃ: "ه", ە: "ه", ں: "ن", ء: "", ـ: "", ı: "i", đ: "dj",
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ж: "z", з: "z", и: "i", ј: "j", к: "k", л: "l", м: "m", н: "n", о: "o", п: "p", р: "r",
  с: "s", т: "t", ћ: "c", у: "u", ф: "f", х: "h", ц: "c", ч: "c", ш: "s", ђ: "dj", љ: "lj", њ: "nj", џ: "dz",
}));

/** Its words without case, accents, punctuation and variants of a letter; a letter held down counts once. */
export function wordsOf(text) {
  const plain = text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/['’‘]/gu, "");
  const letters = [...plain].map((letter) => LETTERS.get(letter) ?? letter).join("");
  return letters.replace(/(\p{L})\1{2,}/gu, "$1").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/** Entries are words side by side; a star ends the start of a word. */
export class Hurtful {
  #byFirst = new Map(); // first word -> entries; what begins with a start of a word stands under ""

  constructor(entries) {
    for (const entry of entries) {
      const words = entry.split(/\s+/u).flatMap((piece) => wordsOf(piece).map((word, at, all) => ({ word, isStart: piece.endsWith("*") && at === all.length - 1 })));
      if (words.length === 0) continue;
      const key = words[0].isStart ? "" : words[0].word;
      this.#byFirst.set(key, [...(this.#byFirst.get(key) ?? []), words]);
    }
  }

  /** Whether one of them stands in `text`. */
  hurts(text) {
    const typed = wordsOf(text ?? "");
    const fits = (entry, at) => entry.every(({ word, isStart }, by) => (isStart ? typed[at + by]?.startsWith(word) : typed[at + by] === word) === true);
    return typed.some((word, at) => [...(this.#byFirst.get(word) ?? []), ...(this.#byFirst.get("") ?? [])].some((entry) => fits(entry, at)));
  }
}
