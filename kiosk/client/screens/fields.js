// Which field the procedure belongs to: what this point handles, the most used first.

import { button, make, screen, top } from "./element.js";

/** @import {Rating} from "./rating.js" */

const AT_ONCE = 8;
const WITHOUT_PAGES = 10;

/**
 * @param {Rating} rating
 * @param {number} [from]  the first that is shown, where there are too many for one screen
 * @returns {HTMLElement}
 */
export function fields(rating, from = 0) {
  const { stage, point } = rating;
  const number = point.fields.length > WITHOUT_PAGES ? AT_ONCE : WITHOUT_PAGES;
  const rows = point.fields.slice(from, from + number).map(({ code, names }) =>
    make("button", { type: "button", class: "press row", "data-field": code, click: () => rating.choose(code) }, stage.name(names)));
  const to = (/** @type {number} */ place) => rating.to(() => fields(rating, place));
  const hasMore = from + number < point.fields.length;
  return screen("fields",
    top(stage.t("Thủ tục của Quý Ông/Bà thuộc lĩnh vực nào?")),
    make("div", { class: "body" }, make("div", { class: `rows${rows.length > 5 ? " many" : ""}` }, ...rows)),
    (from > 0 || hasMore) && make("div", { class: "steps" },
      from > 0 && button(stage.t("Quay lại"), () => to(from - number), "quiet"),
      hasMore && button(stage.t("Lĩnh vực khác"), () => to(from + number), "quiet")));
}
