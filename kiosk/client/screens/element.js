// Makes elements; the only place where the screens touch the page's markup.

/** @typedef {Node | string | null | undefined | false} Part */
/** @typedef {Record<string, string | boolean | ((event: any) => unknown)>} Attributes */

/**
 * Make an element: functions become listeners, true an empty attribute, false none.
 * @param {string} tag
 * @param {Attributes} [attributes]
 * @param {...Part} parts
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...parts) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...parts.filter((part) => part !== null && part !== undefined && part !== false));
  return made;
}

/**
 * Make a button.
 * @param {string} text
 * @param {() => unknown} press
 * @param {string} [kind]  "main" for the one that leads on
 * @returns {HTMLElement}
 */
export function button(text, press, kind = "") {
  return make("button", { type: "button", class: `press ${kind}`.trim(), click: press }, text);
}

/**
 * Return the drawn face of that name from the shell, or null where it has none.
 * @param {string | undefined} name
 * @returns {Node | null}
 */
export function face(name) {
  const found = name ? document.getElementById(`face-${name}`) : null;
  return found instanceof HTMLTemplateElement ? found.content.cloneNode(true) : null;
}

/**
 * Make the heading that a screen is announced by; it takes the focus when the screen appears.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function heading(text) {
  return make("h1", { tabindex: "-1" }, text);
}

/**
 * Make the upper part of a screen: what is to be read, nothing to be touched.
 * @param {string} text
 * @param {...Part} parts
 * @returns {HTMLElement}
 */
export function top(text, ...parts) {
  return make("div", { class: "ask" }, heading(text), ...parts);
}

/**
 * Make a screen.
 * @param {string} name
 * @param {...Part} parts
 * @returns {HTMLElement}
 */
export function screen(name, ...parts) {
  return make("section", { class: `screen ${name}`, "data-screen": name }, ...parts);
}
