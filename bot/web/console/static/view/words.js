// Where the six words are typed: hidden from who looks over the shoulder, and shown to who wants to check them.

import { button, field, fill } from "../dom.js";

/** `{input, peek}`: the field, and the button that shows what stands in it. */
export function wordsField(id) {
  const input = field("input", { id, type: "password", required: true, "aria-describedby": `${id}-help` });
  const peek = button("Show", () => {
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    fill(peek, hidden ? "Hide" : "Show");
    peek.setAttribute("aria-pressed", String(hidden));
  }, { kind: "quiet", "aria-pressed": "false", "aria-label": "Show the words" });
  return { input, peek };
}
