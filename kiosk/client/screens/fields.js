// Which field the procedure belongs to: what this point handles, the most used first.

import { make, screen, top } from "./element.js";

/** @import {Rating} from "./rating.js" */

/** @param {Rating} rating */
export function fields(rating) {
  const { stage, point } = rating;
  const rows = point.fields.map(({ code, names }) =>
    make("button", { type: "button", class: "press row", "data-field": code, click: () => rating.choose(code) }, stage.name(names)));
  const many = rows.length > 8 ? " many" : "";
  return screen("fields",
    top(stage.t("Thủ tục của Quý Ông/Bà thuộc lĩnh vực nào?")),
    make("div", { class: "body" }, make("div", { class: `rows${many}` }, ...rows)));
}
