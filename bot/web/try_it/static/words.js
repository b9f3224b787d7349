// The page's own sentences. They come from the server in the language that the visitor chose; the chat's come with it.

const PLACEHOLDER = /\{([a-z]+)\}/g;

let words = {};

// The sentence called `key`, with its values.
export function say(key, values = {}) {
  return (words[key] ?? "").replace(PLACEHOLDER, (whole, name) => values[name] ?? whole);
}

// The first of the visitor's languages that the page has.
export function preferred(languages) {
  const codes = languages.map(({ code }) => code);
  const wanted = navigator.languages.map((each) => each.toLowerCase().split("-")[0]);
  return wanted.find((code) => codes.includes(code)) ?? "en";
}

// Speak `language` from now on: everything that stands in the page and that is said later.
export async function speak(language) {
  const how = { credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
  const answer = await fetch(`words/${language}`, how).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  words = told.words;
  document.documentElement.lang = told.language;
  document.documentElement.dir = told.direction;
  for (const each of document.querySelectorAll("[data-say]")) {
    each.textContent = say(each.dataset.say, { leave: say("leave") });
  }
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", say(each.dataset.label));
  for (const each of document.querySelectorAll("[data-hint]")) each.placeholder = say(each.dataset.hint);
  document.getElementById("draft").hidden = !told.draft;
}
