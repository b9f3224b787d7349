// Words that hurt are found in every language however they are written, and nothing that a person in danger says is among them.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { Hurtful, wordsOf } from "../../bot/web/console/static/hurtful.js";

const TRANSLATIONS = new URL("../../translations/", import.meta.url);
const entriesOf = (path) => readFileSync(new URL(path, TRANSLATIONS), "utf8").split("\n").filter((line) => line.startsWith("  - "))
  .map((line) => line.slice(4).replace(/^"(.*)"$/, "$1"));
const languages = readdirSync(TRANSLATIONS, { withFileTypes: true }).filter((each) => each.isDirectory()).map(({ name }) => name);
const shipped = new Hurtful(languages.flatMap((code) => entriesOf(`${code}/abuse.yaml`)));

for (const code of languages) {
  test(`every entry of ${code} is found in the middle of a message and in capitals`, () => {
    const entries = entriesOf(`${code}/abuse.yaml`);
    assert.ok(entries.length >= 15);
    for (const entry of entries) {
      const said = entry.replace("*", "");
      assert.ok(new Hurtful([entry]).hurts(`hm, ${said.toLocaleUpperCase(code === "tr" ? "tr" : "en")}!!! 12`), entry);
      assert.ok(shipped.hurts(said), entry);
    }
  });

  test(`no words of danger of ${code} are put out of sight`, () => {
    for (const entry of entriesOf(`${code}/crisis.yaml`)) {
      assert.equal(shipped.hurts(entry.replace(/\*/g, "").replace(/\.\.\.|…|\+/g, " ")), false, entry);
    }
  });
}

test("what somebody tells of what was said to them stays in sight", () => {
  for (const said of [
    "they called me a faggot and beat me", "he said he will kill me", "my family says I am disgusting", "I am a trans woman, I am a lesbian",
    "they wrote whore on my door", "he made me send photos", "zvali su me peder", "به من می‌گویند کونی", "my brother wants to rape me",
  ]) assert.equal(shipped.hurts(said), false, said);
});

test("letters held down, signs between words and another script are the same words", () => {
  for (const said of ["Fuuuuck   YOU", "fuck, you", "fück you!", "јеби се", "JEBI SE", "You BITCHES"]) assert.ok(shipped.hurts(said), said);
});

test("part of a longer word is another word", () => {
  const list = new Hurtful(["you fag", "crkni", "whor*"]);
  for (const said of ["you faggots", "if you", "crknite", "fag you"]) assert.equal(list.hurts(said), false, said);
  assert.ok(list.hurts("such whores"));
});

test("nothing, signs and very long messages are read as well", () => {
  for (const said of ["", null, "?!", "🏳️‍🌈", "a ".repeat(20_000)]) assert.equal(shipped.hurts(said), false);
  assert.ok(shipped.hurts(`${"word ".repeat(10_000)}fuck you`));
});

test("folding twice changes nothing", () => {
  for (const said of ["İğrençsiniz", "Pošalji", "гады", "أهلا وسهلا"]) assert.deepEqual(wordsOf(wordsOf(said).join(" ")), wordsOf(said));
});
