// Elements from text. Nothing on this page ever becomes markup: textContent only.

export const byId = (id) => document.getElementById(id);

export function element(name, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export function list(into, sentences) {
  into.replaceChildren(...sentences.map((text) => element("li", { text })));
}
