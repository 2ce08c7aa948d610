// How the device is, for whoever mounts it or looks after it.

import { button, make, screen, top } from "./element.js";

/** @import {Status, Trouble} from "../types.d.ts" */
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
  const at = (/** @type {number | null} */ time) => (time === null ? stage.t("chưa có") : new Date(time).toLocaleString(stage.language));
  const seconds = Math.round((status.clockOffset ?? 0) / 1000);
  const paper = device?.questionnaire;
  /** @type {[string, string, boolean][]} */
  const rows = [
    [stage.t("Khóa của thiết bị"), device?.keys ? stage.t("đã tạo, không lấy ra được") : stage.t("chưa có"), Boolean(device?.keys)],
    [stage.t("Lưu trữ"), storage(stage, status), status.storage !== "tight"],
    [stage.t("Mở được khi mất mạng"), status.shellCached ? stage.t("có") : stage.t("chưa"), status.shellCached],
    [stage.t("Phiếu hỏi"), paper ? `${paper.id} · ${paper.sha256.slice(0, 8)}` : stage.t("chưa có"), Boolean(paper)],
    [stage.t("Đồng hồ lệch"), stage.t("%(seconds)s giây", { seconds }), Math.abs(seconds) < 300],
    [stage.t("Liên lạc gần nhất"), at(status.lastContact), status.lastContact !== null && !status.isOffline],
    [stage.t("Chờ gửi"), String(status.queue), true],
    [stage.t("Bị từ chối"), String(status.quarantine.length), status.quarantine.length === 0],
    [stage.t("Điểm tiếp nhận"), device?.standing?.point ?? "", true],
    [stage.t("Phiên bản"), status.version.slice(0, 8), true],
    ...status.troubles.map((code) => /** @type {[string, string, boolean]} */ ([stage.t("Cần xem"), trouble(stage, code), false])),
  ];
  return rows.map(([name, value, isWell]) => make("div", { class: isWell ? "well" : "odd" },
    make("dt", {}, name),
    make("dd", {}, make("span", { class: "mark", "aria-hidden": "true" }, isWell ? "✓" : "!"), value,
      !isWell && make("span", { class: "unseen" }, ` (${stage.t("cần xem")})`))));
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
 */
function trouble(stage, code) {
  /** @type {Record<Trouble, string>} */
  const words = {
    revoked: stage.t("thiết bị đã bị thu hồi"),
    device_unknown: stage.t("máy chủ không biết thiết bị này"),
    counter_twice: stage.t("có bản sao khác dùng khóa này"),
    clock_off: stage.t("đồng hồ sai"),
    quarantine: stage.t("có đánh giá bị từ chối"),
    storage_tight: stage.t("sắp hết chỗ"),
    papers_missing: stage.t("chưa nhận được phiếu hỏi"),
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
