// What in a text may show who somebody is: numbers, addresses, user names, and names as the person typed them. It only
// warns, so it rather finds too much; bot/nlu/personal.py asks the person about the same in their own words.

const FINDERS = [
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/gu, // an e-mail address
  /(?<![\w@.])@[\w.]{3,32}/gu, // a user name
  /\b(?:https?:\/\/|www\.|t\.me\/|wa\.me\/)\S+/giu, // a link
  /(?<![\p{L}\p{Nd}])[A-Z]{1,3}[ -]?\p{Nd}{6,9}(?!\p{Nd})/gu, // a paper
  /\+?(?<!\p{Nd})\p{Nd}(?:[\s().\-/]{0,3}\p{Nd}){5,18}(?!\p{Nd})/gu, // a number, in any script's digits
];
const SAYS_A_NAME = /(?:my name is|call me|me llamo|je m.appelle|me chamo|zovem se|ime mi je|зовем се|меня зовут|adım|اسمي|نام من|میرا نام|نوم مې)\s+(\p{L}[\p{L}\p{M}]+)/giu;
const CAPITAL = /(?<![.!?…:\n]\s{0,4}|^\s{0,4}|[\p{L}\p{M}])\p{Lu}[\p{L}\p{M}]{1,30}/gu;

/** Numbers, addresses, user names and links. */
export function personalIn(text) {
  const found = FINDERS.flatMap((each) => text.match(each) ?? []);
  return found.filter((one) => !found.some((other) => other !== one && other.includes(one)));
}

/** Words of `text` that the person used as a name: with a capital inside a sentence, or after "my name is". */
export function namesIn(text, typed) {
  const names = new Set(typed.flatMap((said) => [
    ...[...said.matchAll(SAYS_A_NAME)].map(([, one]) => one),
    ...(said.match(CAPITAL) ?? []),
  ]).map((one) => one.toLowerCase()));
  return (text.match(/\p{L}[\p{L}\p{M}]+/gu) ?? []).filter((word) => names.has(word.toLowerCase()));
}
