// What a network can say of a quarter: every number as words in a table, a bar beside it for the eye, and two files to save.

import { fromBase64 } from "../crypto/wire.js";
import { button, fill, h } from "../dom.js";
import { attempt } from "../ui.js";
import { saveAs } from "./sheet.js";

/** Fill `place` with the report; `level` is that of its heading. */
export async function showReport(place, desk, { level = 2 } = {}) {
  const stage = h("div");
  const choice = h("select", { id: "quarter" });
  const heading = h(`h${level}`, { tabindex: "-1" }, "Report of a quarter");
  fill(place, h("section.card.report", heading,
    h("p.help", "Numbers of the whole network in whole tens, for who writes to donors. No case and no person is in them."),
    h("label", { for: "quarter" }, "Quarter"), choice, stage));
  const read = (quarter) => attempt(async () => {
    const report = await desk.server.call("GET", `/report?quarter=${quarter}`);
    if (choice.options.length === 0) fill(choice, report.quarters.map((each) => h("option", { value: each }, each)));
    choice.value = report.quarter;
    drawReport(stage, report, level + 1, (kind) => save(desk, report.quarter, kind));
  });
  choice.addEventListener("change", () => read(choice.value));
  await read("");
}

async function save(desk, quarter, kind) {
  await attempt(async () => {
    const file = await desk.server.call("GET", `/report/file?kind=${kind}&quarter=${quarter}`);
    saveAs(fromBase64(file.content, "report"), file.name);
  });
}

function drawReport(stage, report, level, saving) {
  fill(stage,
    h("p", { role: "status" }, h("strong", report.title), h("br"), report.standing),
    !report.is_over && h("p.notice", "This quarter is not over. The numbers still grow, by tens; do not send them as final."),
    h("div.actions", button("Save as PDF", () => saving("pdf")), button("Save as CSV", () => saving("csv"))),
    report.tables.map((table) => tableOf(table, level)),
    h("details", h("summary", "How it was counted, and what is held back"), h("ul", report.method.map((each) => h("li", each)))));
}

function tableOf(table, level) {
  const title = h(`h${level}`, table.title);
  if (table.rows.length === 0) return h("div", title, h("p", table.empty));
  const counts = table.rows[0].counts.length;
  const highest = Math.max(1, ...table.rows.flatMap((row) => (row.is_total ? [] : row.counts)));
  return h("div", title, h("p.help", table.about),
    h("div.scroll", { tabindex: "0", role: "region", "aria-label": table.title }, h("table",
      h("thead", h("tr", table.columns.map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", table.rows.map((row) => h(row.is_total ? "tr.total" : "tr",
        row.words.map((word, place) => (place === 0 ? h("th", { scope: "row" }, word) : h("td", word))),
        row.counts.map((count) => h("td", count === null ? h("span.soft", "not told") : `${count} or more`,
          count !== null && counts === 1 && !row.is_total && bar(count / highest)))))))));
}

/** Drawn by the page itself; the number stands beside it, so nobody needs to see it. */
function bar(share) {
  const element = h("span.share", { "aria-hidden": "true" });
  element.style.inlineSize = `${Math.round(share * 100)}%`;
  return element;
}
