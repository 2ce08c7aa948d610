// What a device shows while nobody is rating.

import { button, make, screen, top } from "./element.js";

/** @import {Stage} from "./screens.js" */

/**
 * Invite: purpose, how long it takes, the languages. No figure, no comment, no earlier answer.
 * @param {Stage} stage
 */
export function attract(stage) {
  const starts = stage.app.languages.map((language) => {
    const words = stage.app.words[language] ?? {};
    const said = (/** @type {string} */ key) => words[key] ?? key;
    return make(
      "button",
      { type: "button", class: "press main start", lang: language, click: () => stage.start(language) },
      make("strong", {}, said("Bắt đầu đánh giá")),
      make("span", {}, stage.bar.languageName(language)),
    );
  });
  return screen(
    "attract",
    top(
      stage.t("Quý Ông/Bà vừa làm thủ tục tại đây?"),
      make("p", { class: "lead" }, stage.t("Xin cho biết Quý Ông/Bà có hài lòng không, để nơi này phục vụ tốt hơn.")),
    ),
    make("div", { class: "body" },
      make("ul", { class: "promise" },
        make("li", {}, stage.t("Mười giây")),
        make("li", {}, stage.t("Không cần tên")),
        make("li", {}, stage.t("Khen hay chê đều như nhau")),
      ),
      make("div", { class: "starts" }, ...starts)),
  );
}

/**
 * Sleep outside the opening hours; nothing can be rated then.
 * @param {Stage} stage
 * @param {{inDays: number, time: string} | null} next
 */
export function sleeping(stage, next) {
  const when = { time: next?.time ?? "" };
  const day = next?.inDays === 0 ? stage.t("Mở lại lúc %(time)s hôm nay.", when)
    : next?.inDays === 1 ? stage.t("Mở lại lúc %(time)s ngày mai.", when)
      : stage.t("Mở lại lúc %(time)s, sau %(days)s ngày.", { ...when, days: next?.inDays ?? "" });
  return screen(
    "sleeping",
    top(stage.t("Ngoài giờ làm việc"), next && make("p", { class: "lead" }, day)),
  );
}

/** @param {Stage} stage */
export function revoked(stage) {
  return notice(stage, "revoked", stage.t("Thiết bị này đã ngừng nhận đánh giá"),
    stage.t("Xin đánh giá bằng điện thoại với mã QR tại quầy, hoặc hỏi cán bộ."));
}

/** @param {Stage} stage */
export function closed(stage) {
  const { successor = null } = stage.app.device?.point ?? {};
  return notice(stage, "closed", stage.t("Điểm tiếp nhận này không còn hoạt động"),
    successor ? stage.t("Điểm thay thế có mã %(point)s. Xin hỏi cán bộ.", { point: successor })
      : stage.t("Xin hỏi cán bộ nơi đánh giá mới."));
}

/** @param {Stage} stage */
export function problem(stage) {
  if (stage.app.problem?.code === "insecure") {
    return notice(stage, "problem", stage.t("Trang này cần HTTPS"),
      stage.t("Thiết bị chỉ giữ được khóa khi trang mở bằng https:// hoặc trên localhost. Xin mở lại bằng địa chỉ https://."));
  }
  return notice(stage, "problem", stage.t("Thiết bị không lưu được dữ liệu"),
    stage.t("Trình duyệt không cho trang lưu dữ liệu. Xin tắt chế độ ẩn danh, kiểm tra dung lượng rồi mở lại."));
}

/**
 * @param {Stage} stage
 * @param {string} name
 * @param {string} title
 * @param {string} text
 */
function notice(stage, name, title, text) {
  const isTold = name !== "problem";
  return screen(name, top(title, make("p", { class: "lead" }, text)),
    isTold && make("div", { class: "body" }, button(stage.t("Dành cho cán bộ"), () => stage.staff())));
}
