// How long people wait at each organisation of the network: bands and whole tens, no case, and nothing of complaints.

import { fill, h } from "../dom.js";
import { name } from "../shown.js";
import { attempt } from "../ui.js";

const ANSWERED = {
  hour: ["within an hour", ""], day: ["within a day", ""], "three-days": ["within three days", ".soon"],
  longer: ["longer than three days", ".now"], few: ["too few cases to say", null],
};
const STUCK = { none: ["none", ""], some: ["some: look at your queue", ".now"], many: ["ten or more", ".now"], few: ["fewer than ten, or none", null] };

/** Fill `place` with the network; `level` is that of its heading. */
export async function showNetwork(place, desk, { level = 2 } = {}) {
  const stage = h("div");
  fill(place, h("section.card.network", h(`h${level}`, { tabindex: "-1" }, "The network today"), stage));
  await attempt(async () => drawNetwork(stage, await desk.server.call("GET", "/network"), level + 1));
}

function drawNetwork(stage, { organisations, hours }, level) {
  fill(stage,
    h("ul.rows.watched", organisations.map((one) => h("li",
      h(`h${level}`, name(one.name), one.own && [" ", h("span.chip", "yours")]),
      h("dl",
        h("div", h("dt", "Half get a first answer"), h("dd", mark(ANSWERED[one.first_answer]))),
        h("div", h("dt", `Waiting over ${hours} hours`), h("dd", mark(STUCK[one.stuck]))),
        h("div", h("dt", "Waiting for a first answer"), h("dd", waiting(one.queues))))))),
    organisations.length === 0 && h("p", "No organisation receives cases yet."),
    h("p.help", "As it was at the first look of this day (UTC), of cases from before midnight; it changes once a day. "
      + "“Few” is fewer than ten. Answers are those of four weeks. Whether cases of another organisation wait too long is told from ten on only. Complaints that a focal point takes are not in here."));
}

/** Where ten or more wait, by queue; the others in one word. */
function waiting(queues) {
  const many = queues.filter((queue) => queue.cases > 0);
  if (many.length === 0) return h("span.soft", "few or none in each queue");
  const others = many.length < queues.length && h("li.soft", "other queues: few or none");
  return h("ul", many.map((queue) => h("li", name(queue.name), ": ", h("strong", `${queue.cases} or more`))), others);
}

const mark = ([words, kind]) => (kind === null ? h("span.soft", words) : h(`span.chip${kind}`, words));
