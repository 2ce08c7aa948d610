// A new device: the one-time code on a keypad.

import { DeviceProblem } from "../problem.js";
import { keypad } from "./keypad.js";
import { button, make, screen, top } from "./element.js";

/** @import {Stage} from "./screens.js" */

const DIGITS = 8;

/** @param {Stage} stage */
export function enrol(stage) {
  const field = /** @type {HTMLInputElement} */ (make("input", {
    id: "code", class: "typed", type: "text", inputmode: "none", autocomplete: "off", maxlength: String(DIGITS),
    autofocus: true, "aria-describedby": "code-hint",
    keydown: (event) => { if (event.key === "Enter") void send(); },
  }));
  const said = make("p", { class: "said", role: "status" });
  let isSending = false;
  const send = async () => {
    if (isSending) return;
    isSending = true;
    said.textContent = stage.t("Đang kích hoạt…");
    try {
      await stage.app.device?.enrol(field.value.trim());
      stage.staff();
    } catch (error) {
      said.textContent = reason(stage, error);
      if (stage.app.device?.standing) stage.staff();
    } finally {
      isSending = false;
    }
  };
  return screen("enrol",
    top(stage.t("Kích hoạt thiết bị"),
      make("p", { class: "lead", id: "code-hint" }, stage.t("Nhập mã 8 chữ số do cán bộ quản trị cấp. Mã dùng một lần, trong 15 phút."))),
    make("div", { class: "body pad" },
      make("label", { for: "code" }, stage.t("Mã kích hoạt")), field, said,
      keypad(stage, field, "123456789".split(""), ["0"]),
      button(stage.t("Kích hoạt"), send, "main")));
}

/**
 * @param {Stage} stage
 * @param {unknown} error
 */
function reason(stage, error) {
  const code = error instanceof DeviceProblem ? error.code : "";
  if (code === "code") return stage.t("Mã không đúng, đã dùng hoặc đã hết hạn. Xin lấy mã mới.");
  if (code === "too_many") {
    return stage.t("Đã thử quá nhiều lần. Xin đợi %(seconds)s giây.", { seconds: /** @type {DeviceProblem} */ (error).retryAfter });
  }
  if (code === "offline") return stage.t("Chưa có mạng. Chỉ lần kích hoạt này cần mạng.");
  return stage.t("Máy chủ chưa trả lời được. Xin thử lại sau ít phút.");
}
