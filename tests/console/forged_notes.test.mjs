// A colleague gone bad signs notes that claim more than a note may: nobody believes them, and the case stays open to read.

import assert from "node:assert/strict";
import test from "node:test";

const STATIC = "../../bot/web/console/static";
const NOW = Math.floor(Date.now() / 1000);
const CASE = "0123456789abcdef".repeat(2);

globalThis.indexedDB ??= { open: () => { throw new Error("nothing is kept here"); } };
globalThis.location ??= { origin: "http://fener.test" };

const { assembled } = await import(`${STATIC}/desk.js`);

const told = (dir, seq, body) => ({ header: { dir, seq }, signer: "a".repeat(32), recipients: [], body });
const summary = { kind: "summary", mailbox: new Uint8Array(32).fill(1), reachableUntil: NOW + 9, at: NOW };
const key = { kind: "key", mailbox: new Uint8Array(32).fill(6), reachableUntil: NOW + 99, at: NOW, digest: "", text: "" };
const moved = { ...key, kind: "moved", mailbox: new Uint8Array(32).fill(7) };
const said = (kind, text = "", digest = "") => ({ kind, text, at: NOW, digest });
const team = { keyring: { members: [], former: [] } };
const shown = (opened) => assembled({ id: CASE }, opened, team, new Map());

test("a colleague's note moves no mailbox", () => {
  const { mailbox } = shown([told("in", 1, summary), told("internal", 1, key), told("out", 1, key)]);
  assert.deepEqual(mailbox, summary.mailbox);
  assert.deepEqual(shown([told("in", 1, summary), told("in", 2, key)]).mailbox, key.mailbox);
});

test("that the conversation moved is shown and brings the new mailbox, and nobody but the person says so", () => {
  const { mailbox, lines } = shown([told("in", 1, summary), told("in", 2, key), told("in", 3, moved)]);
  assert.deepEqual(mailbox, moved.mailbox);
  assert.deepEqual(lines.map(({ sender, kind }) => [sender, kind]), [["person", "moved"]]);
  assert.deepEqual(shown([told("in", 1, summary), told("internal", 1, moved)]).mailbox, summary.mailbox);
});

test("a colleague's note never says that the person wants the case closed", () => {
  for (const kind of ["cancel", "erased", "message", "reply"]) {
    const { lines } = shown([told("in", 1, summary), told("internal", 1, said(kind))]);
    assert.deepEqual(lines.map((line) => [line.sender, line.kind, line.text]), [["note", "unreadable", null]]);
  }
  assert.equal(shown([told("in", 1, summary), told("in", 2, said("cancel"))]).lines[0].kind, "cancel");
});

test("a note with the digest of a person's message hides nothing", () => {
  const { lines } = shown([told("in", 1, summary), told("internal", 1, said("internal", "hm", "d")), told("in", 2, said("message", "help", "d"))]);
  assert.deepEqual(lines.map(({ text }) => text), ["hm", "help"]);
});

test("what a colleague wrote and nobody can read is one line, and shuts nobody out", () => {
  const spoilt = { ...told("internal", 1, null), isUnreadable: true };
  assert.deepEqual(shown([told("in", 1, summary), spoilt]).lines.map(({ kind }) => kind), ["unreadable"]);
});
