// Checkpoints of the audit against the vectors that Python wrote: `node --test tests/console`.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { auditFault, linesOf, readCheckpoint } from "../../bot/web/console/static/crypto/checkpoint.js";
import { fromBase64 } from "../../bot/web/console/static/crypto/wire.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/checkpoint_v1.json", import.meta.url), "utf8"));
const server = fromBase64(vector.server, "vector");
const read = (name, organisation = vector.organisation) => readCheckpoint(vector[name], server, organisation);
const refuses = (attempt, code) => assert.rejects(attempt, (fault) => fault.code === code);

test("what the server signed is read", async () => {
  assert.deepEqual(await read("seven"), { lines: 7, head: "a".repeat(64), hour: 498_000 });
  assert.equal(await linesOf(vector.seven), 7);
});

test("what another key signed, or for another organisation, is refused", async () => {
  await refuses(read("by_a_stranger"), "checkpoint.signature");
  await refuses(read("seven", "pt-lantern-demo"), "checkpoint.organisation");
});

test("a changed letter is refused wherever it stands, and counts no lines that matter", async () => {
  for (let at = 0; at < vector.seven.length; at += 7) {
    const letter = vector.seven[at] === "A" ? "B" : "A";
    const text = vector.seven.slice(0, at) + letter + vector.seven.slice(at + 1);
    await assert.rejects(readCheckpoint(text, server, vector.organisation), (fault) => typeof fault.code === "string");
    assert.equal(typeof (await linesOf(text)), "number");
  }
  for (const text of ["", "{}", "null", "[]", "\u0000", "x".repeat(40_000)]) assert.equal(await linesOf(text), 0);
});

test("a chain that only grew is fine", async () => {
  assert.equal(auditFault(await read("seven"), await read("nine"), await read("seven")), "");
  assert.equal(auditFault(null, await read("nine"), await read("nothing")), "");
  assert.equal(auditFault(await read("nothing"), await read("nine"), await read("nothing")), "");
});

test("a chain that lost its end, or was made anew, is not", async () => {
  assert.equal(auditFault(await read("seven"), await read("five"), await read("nothing")), "cut");
  assert.equal(auditFault(await read("seven"), await read("nine"), await read("seven_of_another_chain")), "rewritten");
  assert.equal(auditFault(await read("seven"), await read("nine"), await read("nothing")), "rewritten");
});

test("lines that went with their year are not missed", async () => {
  assert.equal(auditFault(await read("seven"), await read("a_year_later"), await read("nothing")), "");
});
