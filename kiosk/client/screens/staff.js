// How the device is, for whoever mounts it or looks after it.

import { button, make, screen, top } from "./element.js";

/** @import {Gap, Outage, Status, Trouble} from "../types.d.ts" */
/** @import {Stage} from "./screens.js" */

/** @param {Stage} stage */
export function staff(stage) {
  const list = make("dl", { class: "checks" });
  const said = make("p", { class: "said", role: "status" });
  const { device } = stage.app;
  const fill = async () => {
    const status = await device?.status();
    if (status) list.replaceChildren(...checks(stage, status));
  };
  const forget = device?.onChange(() => (list.isConnected ? void fill() : forget?.()));
  void fill();
  const send = async () => {
    said.textContent = stage.t("Đang gửi…");
    try {
      await device?.sendNow();
      said.textContent = stage.t("Đã gửi xong.");
    } catch {
      said.textContent = stage.t("Chưa gửi được. Thiết bị tự gửi lại; đánh giá vẫn được giữ.");
    }
    await fill();
  };
  const keyboard = button(stage.t("Cho viết ý kiến: có bàn phím"), async () => {
    await device?.set({ has_keyboard: !device.settings.has_keyboard });
    keyboard.setAttribute("aria-pressed", String(device?.settings.has_keyboard));
  });
  keyboard.setAttribute("aria-pressed", String(Boolean(device?.settings.has_keyboard)));
  return screen("staff",
    top(device?.isReady ? stage.t("Thiết bị sẵn sàng") : stage.t("Thiết bị chưa sẵn sàng"),
      make("p", { class: "lead" }, device?.standing?.name ?? "")),
    make("div", { class: "body" }, list, said,
      make("p", { class: "hint" }, stage.t("Tệp hàng chờ không mã hóa: nó chứa những đánh giá chưa gửi, gồm cả lời đã viết. Xin giữ kín."))),
    make("div", { class: "steps" },
      button(stage.t("Gửi ngay"), send, "quiet"),
      button(stage.t("Xuất hàng chờ"), () => download(stage), "quiet"),
      keyboard,
      button(stage.t("Về màn hình đánh giá"), () => stage.home(), "main")));
}

/**
 * @param {Stage} stage
 * @param {Status} status
 */
function checks(stage, status) {
  const { device } = stage.app;
  const form = new Intl.DateTimeFormat(stage.language, { dateStyle: "medium", timeStyle: "short" });
  const at = (/** @type {number | null} */ time) => (time === null ? stage.t("chưa có") : form.format(time));
  const { missing, outage } = status;
  const isRight = !status.troubles.includes("clock_off");
  const paper = device?.questionnaire;
  /** @type {[string, string, boolean][]} */
  const rows = [
    [stage.t("Khóa của thiết bị"), device?.keys ? stage.t("đã tạo, không lấy ra được") : stage.t("chưa có"), Boolean(device?.keys)],
    [stage.t("Lưu trữ"), storage(stage, status), status.storage !== "tight"],
    [stage.t("Mở được khi mất mạng"), status.shellCached ? stage.t("có") : stage.t("chưa"), status.shellCached],
    [stage.t("Phiếu hỏi"), paper ? `${paper.id} · ${paper.sha256.slice(0, 8)}` : stage.t("chưa có"), Boolean(paper)],
    [stage.t("Đồng hồ"), offset(stage, status.clockOffset), isRight],
    [stage.t("Liên lạc gần nhất"), at(status.lastContact), status.lastContact !== null && !status.isOffline],
    ...(outage ? [row(stage.t("Không gửi được từ"), `${at(outage.since)}: ${why(stage, outage)}`)] : []),
    [stage.t("Chờ gửi"), String(status.queue), true],
    [stage.t("Bị từ chối"), String(status.quarantine.length), status.quarantine.length === 0],
    [stage.t("Điểm tiếp nhận"), device?.standing?.point ?? "", true],
    [stage.t("Phiên bản"), status.version.slice(0, 8), true],
    ...(missing.length ? [row(stage.t("Số thứ tự máy chủ còn thiếu"), numbers(stage, missing))] : []),
    ...status.troubles.flatMap((code) => trouble(stage, code) ?? []).map((said) => row(stage.t("Cần xem"), said)),
  ];
  return rows.map(([name, value, isWell]) => make("div", { class: isWell ? "well" : "odd" },
    make("dt", {}, name),
    make("dd", {}, make("span", { class: "mark", "aria-hidden": "true" }, isWell ? "✓" : "!"), value,
      !isWell && make("span", { class: "unseen" }, ` (${stage.t("cần xem")})`))));
}

/**
 * @param {string} name
 * @param {string} value
 * @returns {[string, string, boolean]} something to look at
 */
function row(name, value) {
  return [name, value, false];
}

/**
 * @param {Stage} stage
 * @param {number | null} milliseconds  server time less device time
 * @returns {string} how far the clock is off, in the greatest unit that fits
 */
function offset(stage, milliseconds) {
  if (milliseconds === null) return stage.t("chưa có");
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 2) return stage.t("đúng giờ");
  /** @type {[string, number][]} */
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, each]) => seconds >= 2 * each) ?? ["second", 1];
  const style = { style: "unit", unit, unitDisplay: "long" };
  const length = new Intl.NumberFormat(stage.language, /** @type {Intl.NumberFormatOptions} */ (style)).format(Math.floor(seconds / size));
  return milliseconds > 0 ? stage.t("chậm %(length)s", { length }) : stage.t("nhanh %(length)s", { length });
}

/**
 * @param {Stage} stage
 * @param {Outage} outage
 * @returns {string} why nothing could be handed in, and how often that was tried
 */
function why(stage, { code, times }) {
  /** @type {Record<string, string>} */
  const words = {
    offline: stage.t("không có trả lời"),
    unavailable: stage.t("máy chủ không ghi được"),
    busy: stage.t("máy chủ bận"),
  };
  const said = words[code] ?? stage.t("máy chủ từ chối: %(code)s", { code });
  return `${said} (${stage.t("đã thử %(times)s lần", { times })})`;
}

/**
 * @param {Stage} stage
 * @param {Gap[]} gaps
 */
function numbers(stage, gaps) {
  const said = new Intl.NumberFormat(stage.language);
  return gaps.map(([first, last]) => (first === last ? said.format(first) : `${said.format(first)}–${said.format(last)}`)).join(", ");
}

/**
 * @param {Stage} stage
 * @param {Status} status
 */
function storage(stage, { storage: state }) {
  const words = {
    persisted: stage.t("trình duyệt hứa giữ"),
    best_effort: stage.t("giữ khi còn chỗ"),
    tight: stage.t("sắp hết chỗ"),
    unknown: stage.t("không rõ"),
  };
  return words[state];
}

/**
 * @param {Stage} stage
 * @param {Trouble} code
 * @returns {string | undefined} undefined for what has a row of its own
 */
function trouble(stage, code) {
  /** @type {Partial<Record<Trouble, string>>} */
  const words = {
    revoked: stage.t("thiết bị đã bị thu hồi"),
    device_unknown: stage.t("máy chủ không biết thiết bị này"),
    counter_twice: stage.t("có bản sao khác dùng khóa này"),
    refused: stage.t("máy chủ từ chối thiết bị"),
  };
  return words[code];
}

/** @param {Stage} stage */
async function download(stage) {
  const blob = await stage.app.device?.exportQueue();
  if (!blob) return;
  const href = URL.createObjectURL(blob);
  make("a", { href, download: "hang-cho.json" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
