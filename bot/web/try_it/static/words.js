// Every sentence of this page that depends on what the server says. The chat's own words come from the server.

export const words = {
  you: "You",
  fener: "Fener",
  caseworker: "A caseworker, through Fener",
  tapped: "You tapped",
  notSent: "This was not sent.",
  again: "Send again",
  busy: "This page is busy. Please try again in a minute.",
  away: "The server cannot be reached. Trying again.",

  memory: {
    nothing: "Nothing of the conversation.",
    page: "The random number of this page, while it is open, a minute longer at most.",
    place: (about) => `The place in the conversation with your answers, sealed, for ${minutes(about.idle_minutes)} after your last message.`,
    linked: (about) => `That this page has a case, sealed, for ${minutes(about.idle_minutes)}.`,
    replies: (about) => `The answers of the last ${minutes(about.replay_minutes)}, sealed, in case one must be sent again.`,
    lastReply: (about) => `The last answer, sealed, for ${minutes(about.replay_minutes)}, in case it must be sent again.`,
    route: (about) => `The way back to this page, sealed, for ${minutes(about.route_minutes)} after your last message, so that a caseworker's answer comes by itself.`,
  },
  disk: {
    nothing: "Nothing.",
    sealed: (to) => `One case, sealed to ${to}. This server cannot open it again.`,
    plain: "Beside it, readable here: topic, urgency, language, its code words and the hour.",
    mark: "Not your address: a keyed mark of it, and of the messages that made the case, against which the next one is compared.",
    until: (about) => `Deleted ${days(about.after_close_days)} after it is closed, after ${days(about.at_most_days)} at most.`,
    apart: (to, about) => `The case you opened, sealed to ${to}. Nothing was added to it. It is deleted ${days(about.after_close_days)} after it is closed, after ${days(about.at_most_days)} at most.`,
    cut: (to) => `The case you opened stays with ${to}, sealed. Nothing on disk leads from it to you any more.`,
    gone: "Nothing of your case.",
    audit: "In the audit, for a year: that there was a case, at which hour, at which organisation. Not whose.",
    note: "The caseworker's answer, sealed, until your next message, 24 hours at most.",
  },
  did: {
    "case opened": (to) => `What you agreed to was sealed to ${to} and written to disk. Only then were you told.`,
    "message added": (to) => `Your words were sealed to ${to} and added to your case.`,
    "case changed": () => "Your case was changed on disk.",
    "case renewed": () => "Your case was given fresh keys on disk.",
    "case deleted": () => "Your case was deleted from disk.",
    "case cut loose": (to) => `Your case stays with ${to}, and what tied it to you was destroyed.`,
    "close asked": (to) => `${to} was asked, sealed, to close your case.`,
    "notes read": () => "On disk the answer was marked as shown; it is deleted with your next message, after 24 hours at most.",
    "notes deleted": () => "The answer that waited for you was deleted from disk. The caseworkers' sealed copy stays with the case.",
    "route dropped": () => "The way back to you was destroyed.",
    erased: () => "Everything that led to you was destroyed.",
  },
  wrote: "Nothing was written to disk.",
  unchanged: "This changed nothing.",
  failed: "Something went wrong. Nothing of this message is kept, except what was already sealed into your case.",
  arrived: (to) => `An answer from ${to} came by itself. It is marked as shown on disk and deleted with your next message, after 24 hours at most.`,
  short: {
    nothing: "On disk: nothing.",
    case: (to) => `On disk: one case, sealed to ${to}.`,
    gone: "On disk: nothing of your case.",
    apart: "On disk: the case you opened, sealed.",
    cut: "On disk: nothing that leads to you.",
  },
};

function minutes(number) {
  return number === 1 ? "a minute" : `${number} minutes`;
}

function days(number) {
  return number === 1 ? "a day" : `${number} days`;
}
