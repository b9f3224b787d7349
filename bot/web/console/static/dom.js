// Elements from plain data. Text goes in as text: nothing here can turn a string into markup or script.

const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "open"]);

/** `h("p.note", {id: "x", on: {click}}, "text", node)`: an element with classes, attributes, listeners, children. */
export function h(name, ...rest) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(" ");
  const [first] = rest;
  const isPlain = first !== null && typeof first === "object" && !(first instanceof Node) && !Array.isArray(first);
  if (isPlain) apply(element, rest.shift());
  add(element, rest);
  return element;
}

function apply(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (PROPERTIES.has(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** Replace everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren();
  add(element, children);
  return element;
}

/** A text field that browsers neither remember, correct nor translate. */
export function field(name, attributes = {}) {
  return h(name, {
    autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", translate: "no", ...attributes,
  });
}

/** A button that cannot be pressed twice while it works. */
export function button(label, work, { kind = "", ...attributes } = {}) {
  const element = h(`button${kind ? `.${kind}` : ""}`, { type: "button", ...attributes }, label);
  element.addEventListener("click", async (event) => {
    if (element.getAttribute("aria-busy") === "true") return;
    element.setAttribute("aria-busy", "true");
    try {
      await work(event);
    } finally {
      element.removeAttribute("aria-busy");
    }
  });
  return element;
}
