// Time limits: warned of, with a visible countdown, and extended by any touch.

import { button, make } from "./element.js";

/** @import {Stage} from "./screens.js" */

const COUNTDOWN = 10;

export class Idle {
  /**
   * @param {Stage} stage
   * @param {() => void} leave  called when nobody answered the warning
   */
  constructor(stage, leave) {
    this.stage = stage;
    this.leave = leave;
    this.limit = 0;
    this.timer = 0;
    /** @type {HTMLDialogElement | null} */
    this.dialog = null;
    this.touch = this.touch.bind(this);
    for (const name of ["pointerdown", "keydown"]) addEventListener(name, this.touch, true);
  }

  /** Warn after so long without a touch. @param {number} limit  milliseconds */
  watch(limit) {
    this.limit = limit;
    this.touch();
  }

  /** Somebody is here. */
  touch() {
    if (!this.limit) return;
    clearTimeout(this.timer);
    this.#close();
    this.timer = setTimeout(() => this.#warn(), this.limit);
  }

  /** Watch no longer. */
  stop() {
    this.limit = 0;
    clearTimeout(this.timer);
    this.#close();
    for (const name of ["pointerdown", "keydown"]) removeEventListener(name, this.touch, true);
  }

  #close() {
    this.dialog?.remove();
    this.dialog = null;
  }

  #warn() {
    const { stage } = this;
    let left = COUNTDOWN;
    const count = make("p", { class: "count", "aria-hidden": "true" }, String(left));
    const dialog = /** @type {HTMLDialogElement} */ (make("dialog", {
      class: "warning", role: "alertdialog", "aria-labelledby": "warning", cancel: (event) => event.preventDefault(),
    },
    make("h2", { id: "warning" }, stage.t("Quý Ông/Bà còn ở đây không?")),
    make("p", {}, stage.t("Sau %(seconds)s giây màn hình trở về ban đầu. Câu trả lời đã chọn vẫn được ghi.", { seconds: COUNTDOWN })),
    count, button(stage.t("Tôi còn ở đây"), this.touch, "main")));
    document.body.append(dialog);
    dialog.showModal();
    this.dialog = dialog;
    const tick = () => {
      left -= 1;
      count.textContent = String(left);
      if (left > 0) this.timer = setTimeout(tick, 1_000);
      else this.leave();
    };
    this.timer = setTimeout(tick, 1_000);
  }
}
