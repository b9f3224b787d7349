// One's own place here: sign out on every device, or leave the organisation.

import { button, h } from "../dom.js";
import { ask, attempt } from "../ui.js";

/** A card with both. */
export function sessionSection(desk, lock) {
  const leave = () => ask("Leave this organisation?", [
    h("p", "From now on nothing is sealed to you, and you are signed out everywhere. You cannot come back with these keys: that takes a new link."),
    h("p", "Tell your lead, so that the keyring does not name you any longer."),
  ], [
    { label: "Stay", kind: "primary" },
    {
      label: "Leave",
      work: async () => {
        await desk.server.call("POST", "/leave");
        lock("You left the organisation.", { listens: false });
      },
    },
  ]);
  const everywhere = () => attempt(async () => {
    await desk.server.call("POST", "/logout/everywhere");
    await lock("You are signed out on every device.", { listens: false });
  });
  return h("section.card", h("h2", "My session"),
    h("p.help", "A session ends by itself after eight hours, or fifteen minutes after its page was closed."),
    h("div.actions", button("Sign out everywhere", everywhere), button("Leave the organisation", leave, { kind: "quiet" })));
}
