// What is possible here and what is not: said from what the server and the keyring know, and nothing besides.

import { h } from "../dom.js";
import { clockOf, dateOf, name } from "../shown.js";

const APPS = { whatsapp: "WhatsApp", telegram: "Telegram", sms: "SMS", simulator: "the try page" };
const HOUR = 3_600; // seconds
const DAY = 86_400; // seconds

const appName = (channel) => APPS[channel] ?? channel;

/** Whether no reply can find this person any more. */
export const isGone = ({ row, reachableUntil }) => row.reachable_until === null || Date.now() / 1000 >= reachableUntil;

/** One sentence for the place where one writes, and the longest text of one message where it is known. */
export function whereItGoes(opened, rules) {
  const { channel } = opened.row;
  if (isGone(opened)) return { text: "", isLive: false, longest: null };
  if (channel === null) {
    const lengths = rules.channels.map((each) => each.longest).filter(Boolean);
    return { text: "Not live: a reply waits for their next message.", isLive: false, longest: lengths.length > 0 ? Math.min(...lengths) : null };
  }
  const { longest } = rules.channels.find((each) => each.name === channel) ?? { longest: null };
  return { text: `Live on ${appName(channel)}: a reply goes out at once, unless they asked to be asked first.`, isLive: true, longest };
}

/** What holds for one case. `readAt`: when the server was asked, in milliseconds. */
export function casePossible(opened, rules, readAt) {
  const { row, readers } = opened;
  const latest = row.opened_hour * HOUR + rules.at_most_days * DAY;
  return facts([
    ["A reply", nowLine(opened, rules, readAt)],
    ["The app", appLine(row.channel, rules)],
    ["Passes", "Text only, both ways: no pictures, voice messages, files or places."],
    ["Not possible", "To see a number or a name, to call, or to write first."],
    ["Can open it", [listed(readers.names.map((each) => name(each))), readers.others > 0 && `; ${readers.others} ${readers.others === 1 ? "key" : "keys"} since replaced or withdrawn`]],
    ["Deleted", `${days(rules.after_close_days)} after closing, on ${dateOf(latest)} at the latest.`],
    demoLine(opened.team.keyring, rules),
  ]);
}

/** What holds on this server, before a case is open. */
export function networkPossible(team, rules, kid) {
  return facts([
    ["People write by", rules.channels.length > 0 ? [listed(rules.channels.map((each) => each.name === "simulator" ? "the try page of this server" : appName(each.name))), ". You see no number and no name."] : "Nothing: no messenger is switched on."],
    ["On duty", onDuty(team, rules, kid)],
    team.keyring && ["Can receive cases", receiving(team)],
    ["A reply", `Goes out at once until ${rules.live_minutes} minutes after their last message. Later it waits for their next one, ${days(rules.answer_days)} at most. You cannot call and cannot write first.`],
    ["Passes", "Text only, both ways: no pictures, voice messages, files or places."],
    ["Deleted", `A case goes ${days(rules.after_close_days)} after closing, ${days(rules.at_most_days)} after it was opened at the latest.`],
    team.keyring && ["Keyring", `Valid until ${dateOf(team.keyring.expires)}; it is renewed when a lead works.`],
    demoLine(team.keyring, rules),
  ]);
}

/** Whether the organisation is made up is in its keyring; that the installation is a demo, in its settings. */
function demoLine(keyring, rules) {
  if (keyring?.demo) return ["Demo", "Your organisation is made up: no real help comes of it."];
  return rules.demo && ["Demo", "This installation runs as a demo."];
}

function facts(lines) {
  return h("dl.possible", lines.filter(Boolean).map(([what, said]) => [h("dt", what), h("dd", said)]));
}

function nowLine(opened, rules, readAt) {
  const { row } = opened;
  if (isGone(opened)) return h("strong", "No reply can find this person any more.");
  if (row.channel === null) {
    return [h("strong", "Not live."), " It waits, sealed, and reaches them when they write again."];
  }
  const when = row.mine ? "" : ` (seen at ${clockOf(readAt / 1000)})`;
  return [h("strong", `Live now${when}.`), ` It goes out at once, unless they asked to be asked first. ${rules.live_minutes} minutes after their last message it waits for the next one.`];
}

function appLine(channel, rules) {
  const longest = rules.channels.find((each) => each.name === channel)?.longest;
  const parts = longest ? `${appName(channel)} takes ${longest} characters in one message; more arrives in parts.` : "";
  switch (channel) {
    case null:
      return ["Which one they use is kept nowhere. ", rules.channels.length > 0 && ["On here: ", listed(rules.channels.map(withLength)), "."]];
    case "whatsapp":
      return `${parts} It takes nothing from us later than 24 hours after their last message; we forget the way back long before.`;
    case "simulator":
      return "The try page of this server. It knows them only while it is open: once they close it, no reply can find them.";
    default:
      return parts || appName(channel);
  }
}

const withLength = ({ name: channel, longest }) => (longest ? `${appName(channel)} (${longest} characters in one message)` : appName(channel));

function onDuty(team, rules, kid) {
  if (!rules.in_duty_hours) return "Nobody: now is outside your organisation's duty hours. New cases are sealed to all who can receive them, and people are told that an answer takes longer.";
  const awayKids = new Set(team.staff.filter(({ id }) => team.away.has(id)).map(({ kid }) => kid));
  const members = (team.keyring?.members ?? []).filter((member) => team.duty.has(member.kid) && !awayKids.has(member.kid));
  if (members.length === 0) return "Nobody. New cases are sealed to all who can receive them, and people are told that an answer takes longer.";
  return listed(members.map((member) => [name(member.alias), member.kid === kid ? " (you)" : "", ` until ${clockOf(team.duty.get(member.kid))}`]));
}

function receiving(team) {
  const able = team.keyring.members.filter((member) => member.duty !== null);
  if (able.length === 0) return "Nobody: people who ask for a person are told so.";
  const others = able.length === 1 ? ". If these keys are lost, nobody can open the cases." : "";
  return [listed(able.map((member) => name(member.alias))), others];
}

const days = (number) => (number === 1 ? "1 day" : `${number} days`);

/** "a, b and c" of texts or nodes. */
function listed(items) {
  return items.flatMap((item, at) => [at === 0 ? "" : at === items.length - 1 ? " and " : ", ", item]);
}
