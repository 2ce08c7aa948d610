// Keys on the screen, for a code; the system's own keyboard stays away (inputmode="none").

import { make } from "./element.js";

/** @import {Stage} from "./screens.js" */

/**
 * Make the keys of a field: each key types at its end.
 * @param {Stage} stage
 * @param {HTMLInputElement} field
 * @param {string[]} keys
 * @param {string[]} last  keys of the last row, beside those that take back
 * @returns {HTMLElement}
 */
export function keypad(stage, field, keys, last) {
  const type = (/** @type {string} */ text) => {
    if (field.maxLength < 0 || field.value.length < field.maxLength) field.value += text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const key = (/** @type {string} */ text) => make("button", { type: "button", class: "key", click: () => type(text) }, text);
  const back = () => {
    field.value = field.value.slice(0, -1);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return make("div", { class: "keypad", role: "group", "aria-label": stage.t("Bàn phím số") },
    ...keys.map(key), ...last.map(key),
    make("button", { type: "button", class: "key", "aria-label": stage.t("Xóa một ký tự"), click: back }, "⌫"));
}

/**
 * Return the keys that a dossier code of this city needs: digits, and what its example has besides.
 * @param {string} example
 * @returns {string[]}
 */
export function keysOf(example) {
  const besides = [...new Set(example.toUpperCase())].filter((each) => !/[\d\s]/.test(each));
  return [..."1234567890", ...besides];
}
