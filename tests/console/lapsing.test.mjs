// What the directory says of vettings that lapse soon: `node --test tests/console`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { lapsing } from "../../bot/web/console/static/view/directory.js";

const service = (...todo) => ({ todo });
const lapses = (mark) => ({ what: "lapses", detail: "2026-12-01", mark });

test("the nearest are told first, each service once", () => {
  const services = [service(lapses(30)), service({ what: "flagged", detail: "", mark: 0 }, lapses(3)), service(lapses(30)), service(lapses(14))];
  assert.equal(lapsing(services), "Vetting lapses: 1 within 3 days, 1 within 14 days, 2 within 30 days. What lapses is not offered any more.");
});

test("nothing is said while nothing lapses", () => {
  assert.equal(lapsing([service(), service({ what: "lapsed", detail: "2026-11-01", mark: 0 })]), "");
});
