// Quiet for some hours: a case takes no more words, and nobody is put on a list.

import { clockOf } from "../shown.js";
import { ask } from "../ui.js";

const HOURS = [1, 4, 12, 24];

/** Whether a mute holds now. */
export const isMuted = (row) => row.muted_until !== null && row.muted_until > Date.now() / 1000;

/** Ask for how long; `set(hours)` does it. */
export function askMute(row, set) {
  return ask("Take no more words for a while?", [
    `The person hears that this cannot be sent at the moment. Emergency numbers, words of crisis and everything else still work, and you can still write to them. ${
      isMuted(row) ? `It is so until ${clockOf(row.muted_until)}.` : "It ends by itself; nothing of the person is kept for it."}`,
  ], [
    { label: "Cancel" },
    ...HOURS.map((hours) => ({ label: hours === 1 ? "1 hour" : `${hours} hours`, work: () => set(hours) })),
    ...(isMuted(row) ? [{ label: "Take words again", kind: "primary", work: () => set(0) }] : []),
  ]);
}
