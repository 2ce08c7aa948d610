// What a person may type: a dossier code by keypad or scanner, a comment where there is a keyboard.

import { DeviceProblem } from "../problem.js";
import { make, screen, top } from "./element.js";
import { keypad, keysOf } from "./keypad.js";
import { given, steps } from "./question.js";

/** @import {Rating} from "./rating.js" */

/**
 * @param {Rating} rating
 * @param {number} place
 */
export function dossier(rating, place) {
  const { stage, point } = rating;
  const field = /** @type {HTMLInputElement} */ (make("input", {
    id: "dossier", class: "typed", type: "text", inputmode: "none", autocomplete: "off", spellcheck: "false",
    maxlength: "60", "aria-describedby": "dossier-hint said",
    input: () => { said.textContent = ""; },
    keydown: (event) => { if (event.key === "Enter") void keep().then((isRight) => isRight && rating.thank()); },
  }));
  const said = make("p", { class: "said", id: "said", role: "status" },
    rating.hasDossier && stage.t("Đã nhận mã hồ sơ."));
  const keep = async () => {
    const text = field.value.trim();
    if (!text) return true;
    try {
      await rating.draft?.add({ dossierCode: text });
      rating.hasDossier = true;
      return true;
    } catch (error) {
      said.textContent = error instanceof DeviceProblem && error.code === "dossier_code"
        ? stage.t("Mã này chưa đúng dạng. Xin xem lại giấy hẹn, hoặc để trống.")
        : stage.t("Chưa ghi được. Xin chạm lại, hoặc báo cán bộ.");
      return false;
    }
  };
  return screen("dossier",
    top(rating.asked.dossier ?? "", given(rating),
      make("p", { class: "hint", id: "dossier-hint" },
        stage.t("Không bắt buộc. Ví dụ %(example)s. Có thể quét mã trên giấy hẹn.", { example: point.dossier_example }))),
    make("div", { class: "body pad" },
      make("label", { for: "dossier", class: "unseen" }, rating.asked.dossier ?? ""), field, said,
      keypad(stage, field, keysOf(point.dossier_example), [])),
    steps(rating, place, null, keep));
}

/**
 * @param {Rating} rating
 * @param {number} place
 */
export function comment(rating, place) {
  const { stage } = rating;
  const field = /** @type {HTMLTextAreaElement} */ (make("textarea", {
    id: "comment", class: "typed", rows: "5", autocomplete: "off", spellcheck: "false", maxlength: "2000",
    "aria-describedby": "comment-hint", input: () => rating.idle.touch(),
  }));
  const keep = async () => {
    try {
      await rating.draft?.add({ comment: field.value });
      return true;
    } catch {
      stage.bar.say(stage.t("Chưa ghi được. Xin chạm lại, hoặc báo cán bộ."));
      return false;
    }
  };
  return screen("comment",
    top(rating.asked.comment ?? "", given(rating),
      make("p", { class: "hint", id: "comment-hint" },
        stage.t("Không bắt buộc. Xin đừng ghi tên, số điện thoại hay số giấy tờ."))),
    make("div", { class: "body" },
      make("label", { for: "comment", class: "unseen" }, rating.asked.comment ?? ""), field),
    steps(rating, place, null, keep));
}
