// Which pages stand beside a case: `node --test tests/console`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitting } from "../../bot/web/console/static/view/playbooks.js";

const page = (title, { needs = [], queues = [], urgencies = [] } = {}) => ({ title, needs, queues, urgencies });
const PAGES = [
  page("The first reply"), page("Asylum", { needs: ["legal_asylum"], queues: ["legal"] }),
  page("Danger", { queues: ["crisis"], urgencies: ["now"] }), page("Health", { needs: ["hiv_sti"], queues: ["health"] }),
];
const titles = (about) => fitting(PAGES, { need: "", queue: "", urgency: "", ...about }).map((each) => each.title);

test("a page of the case's need stands before the one for every case", () => {
  assert.deepEqual(titles({ need: "legal_asylum", queue: "general", urgency: "soon" }), ["Asylum", "The first reply"]);
});

test("danger comes first, whatever the case is about", () => {
  assert.deepEqual(titles({ need: "hiv_sti", queue: "health", urgency: "now" }), ["Danger", "Health", "The first reply"]);
});

test("without a need the queue decides", () => {
  assert.deepEqual(titles({ queue: "legal", urgency: "normal" }), ["Asylum", "The first reply"]);
});

test("a case that fits nothing has the page for every case", () => {
  assert.deepEqual(titles({ need: "", queue: "", urgency: "" }), ["The first reply"]);
});
