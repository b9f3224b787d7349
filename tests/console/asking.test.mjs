// What a reply asks for, and should not: `node --test tests/console`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Asking, heldBy, hints } from "../../bot/web/console/static/view/asking.js";

const LISTS = {
  number: ["your phone number", "numéro de téléphone", "رقمك"], photos: ["send a photo"], papers: ["pasaportunuz"],
  story: ["what happened"], country: ["which country"], need: ["how can i help"], language: ["which language"], later: ["some day"],
};
const asking = new Asking();
asking.learn(LISTS);
const found = (text, held = []) => asking.found(text, new Set(held));

test("what helpers never ask for is found in any case, script and punctuation", () => {
  assert.deepEqual(found("Please give me YOUR  phone-number!"), ["number"]);
  assert.deepEqual(found("Quel est le numero de telephone ?"), ["number"]);
  assert.deepEqual(found("ما رَقمُك؟"), ["number"]);
  assert.deepEqual(found("PASAPORTUNUZ nerede?"), ["papers"]);
});

test("a part of a word is not the word", () => {
  assert.deepEqual(found("xsend a photographx"), []);
  assert.deepEqual(found(""), []);
});

test("what the case holds is hinted at only where it does", () => {
  assert.deepEqual(found("What happened? Which country?"), []);
  assert.deepEqual(found("What happened? Which country?", ["story"]), ["story"]);
  assert.deepEqual(found("What happened? Which country?", ["story", "country"]), ["story", "country"]);
});

test("a kind that this page does not know is left alone", () => {
  assert.deepEqual(found("some day", ["story", "need"]), []);
});

test("without the lists nothing is found", () => {
  assert.deepEqual(new Asking().found("your phone number", new Set()), []);
});

test("a case holds its need and language, and a story and a country where they were sent", () => {
  const summary = { note: "", country: "", shared: [] };
  assert.deepEqual([...heldBy(summary)], ["need", "language"]);
  assert.deepEqual([...heldBy({ ...summary, note: "x", shared: [{ slot: "country" }] })], ["need", "language", "story", "country"]);
  assert.deepEqual([...heldBy({ ...summary, country: "RS" })], ["need", "language", "country"]);
});

test("the hints say what helpers never ask, and what to look at instead of asking", () => {
  assert.deepEqual(hints([]), []);
  assert.match(hints(["number", "photos"])[0], /^Helpers never ask for a phone number or a call, or for photos or videos: impostors do\./);
  assert.match(hints(["story"])[0], /^The case already says what happened\./);
  assert.equal(hints(["papers", "country"]).length, 2);
});
