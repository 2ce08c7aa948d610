// Thanks: the receipt as a code and to be scanned, a moment to take it back, then the next person.

// @ts-types="../vendor/qrcode.d.ts"
import qrcode from "../vendor/qrcode.js";
import { button, make, screen, top } from "./element.js";

/** @import {Rating} from "./rating.js" */

const UNDO = 4_000;
const STAY = 15_000;
const TICK = 1_000;

/** @param {Rating} rating */
export function thanks(rating) {
  const { stage, draft, point } = rating;
  const receipt = draft?.receipt ?? "";
  const left = make("span", { class: "left", "aria-hidden": "true" });
  const take = button(stage.t("Rút lại đánh giá"), () => void undo(), "quiet");
  let seconds = STAY / TICK;
  const show = () => { left.textContent = stage.t("Màn hình tự đóng sau %(seconds)s giây", { seconds }); };
  const ticking = setInterval(() => {
    seconds -= 1;
    show();
    if (!made.isConnected) clearInterval(ticking);
    else if (seconds <= 0) close();
  }, TICK);
  const sealing = setTimeout(() => {
    take.remove();
    void draft?.seal();
  }, UNDO);
  const stop = () => {
    clearInterval(ticking);
    clearTimeout(sealing);
  };
  const close = () => {
    stop();
    void rating.end();
  };
  const undo = async () => {
    stop();
    rating.isOver = true;
    await draft?.undo().catch(() => undefined);
    stage.put(() => undone(rating));
    setTimeout(() => stage.shown === "undone" && stage.home(), UNDO);
  };
  show();
  const made = screen("thanks",
    top(stage.t("Xin cảm ơn Quý Ông/Bà"),
      make("p", { class: "lead" }, stage.t("Đánh giá đã được ghi nhận."))),
    make("div", { class: "body" },
      make("div", { class: "receipt" },
        make("div", {},
          make("p", { class: "hint" }, stage.t("Mã biên nhận")),
          make("p", { class: "code" }, spaced(receipt)),
          make("p", {}, stage.t("Quét mã hoặc ghi lại để xem đánh giá của Quý Ông/Bà đã được tính. Không bắt buộc."))),
        point.public_url ? picture(`${point.public_url.replace(/\/$/, "")}/bien-nhan/${receipt}`, stage.t("Mã QR dẫn đến biên nhận")) : null)),
    make("div", { class: "steps" }, left, take, button(stage.t("Xong"), close, "main")));
  return made;
}

/** @param {Rating} rating */
function undone(rating) {
  const { stage } = rating;
  return screen("undone",
    top(stage.t("Đã rút lại đánh giá"), make("p", { class: "lead" }, stage.t("Không có câu trả lời nào được ghi."))),
    make("div", { class: "steps" }, button(stage.t("Xong"), () => stage.home(), "main")));
}

/** @param {string} receipt */
function spaced(receipt) {
  return receipt.replace(/^(.{4})(.{4})(.*)$/, "$1 $2 $3");
}

/**
 * @param {string} text
 * @param {string} label
 */
function picture(text, label) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (code.isDark(row, column)) path += `M${column + 4} ${row + 4}h1v1h-1z`;
    }
  }
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("viewBox", `0 0 ${size + 8} ${size + 8}`);
  made.setAttribute("class", "qr");
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", label);
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "path");
  drawn.setAttribute("d", path);
  made.append(drawn);
  return made;
}
