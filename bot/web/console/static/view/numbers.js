// The numbers of the network that a role may see, on one page.

import { fill, h } from "../dom.js";
import { showNetwork } from "./network.js";
import { showReport } from "./report.js";

/** Fill `place` with what `desk` may see of both. */
export async function showNumbers(place, desk, { level = 1 } = {}) {
  const [network, report] = [h("div"), h("div")];
  const heading = level === 1 && h("h1", { tabindex: "-1" }, "Numbers");
  fill(place, h("div.column.numbers", heading, network, report));
  if (heading) heading.focus({ preventScroll: true });
  await Promise.all([
    desk.may.has("network") && showNetwork(network, desk),
    desk.may.has("report") && showReport(report, desk),
  ]);
}
