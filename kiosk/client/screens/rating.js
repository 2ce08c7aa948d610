// One person's rating, from the first touch to thanks: which screen follows which.

import { Idle } from "./idle.js";
import { fields } from "./fields.js";
import { question, several } from "./question.js";
import { thanks } from "./thanks.js";
import { comment, dossier } from "./typed.js";
import { Wedge } from "./wedge.js";

/** @import {Question, Questionnaire} from "../types.d.ts" */
/** @import {Draft} from "../draft.js" */
/** @import {Stage} from "./screens.js" */

/** @typedef {{draw: () => HTMLElement, isTyping: boolean}} Part */

const LOOKING = 20_000;
const TYPING = 30_000;

export class Rating {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    const { device } = stage.app;
    if (!device?.point || !device.questionnaire) throw new Error("This device is not ready.");
    this.device = device;
    this.point = device.point;
    this.paper = device.questionnaire;
    this.field = "";
    /** @type {Draft | null} */
    this.draft = null;
    /** @type {Record<string, number[]>} question → chosen, gone with the person */
    this.chosen = {};
    this.hasDossier = false;
    this.isBusy = false;
    this.isOver = false;
    this.idle = new Idle(stage, () => void this.end());
    this.wedge = new Wedge((text) => void this.scanned(text));
  }

  /** @returns {Questionnaire} in the person's language */
  get asked() {
    const { texts } = this.paper;
    const found = texts[this.stage.language] ?? Object.values(texts)[0];
    if (!found) throw new Error("The questionnaire has no text.");
    return found;
  }

  /** @returns {Question[]} the main one first */
  get required() {
    return this.asked.questions.filter((each) => each.required);
  }

  /** @returns {Question[]} reasons first, because they say what to do better */
  get optional() {
    const rest = this.asked.questions.filter((each) => !each.required);
    return [...rest.filter((each) => each.role === "reason"), ...rest.filter((each) => each.role !== "reason")];
  }

  /** Show the first screen: the field, or the question where the point has one field. */
  begin() {
    const [only, ...others] = this.point.fields;
    if (only && !others.length) this.choose(only.code);
    else this.to(() => fields(this));
  }

  /**
   * @param {() => HTMLElement} draw
   * @param {boolean} [isTyping]
   * @param {HTMLElement} [made]  what `draw` has made already
   */
  to(draw, isTyping = false, made) {
    this.stage.put(draw, made);
    this.idle.watch(isTyping ? TYPING : LOOKING);
  }

  /** @param {string} field */
  choose(field) {
    this.field = field;
    this.ask(0);
  }

  /** Show a required question. @param {number} place */
  ask(place) {
    this.to(() => question(this, place));
  }

  /**
   * Take an answer to a required question; what is shown next is on disk first.
   * @param {number} place
   * @param {number} value
   */
  async answer(place, value) {
    const asked = this.required[place];
    if (!asked || this.isBusy || this.isOver) return;
    this.isBusy = true;
    const { language } = this.stage;
    const before = this.chosen[asked.id];
    try {
      const kept = this.#write(asked.id, [value]);
      // what comes next is made while the answer goes to disk, and shown when it is there
      this.chosen[asked.id] = [value];
      const next = this.#after(place);
      const made = next?.draw();
      await kept;
      if (!next) this.thank();
      else this.to(next.draw, next.isTyping, this.stage.language === language ? made : undefined);
    } catch {
      if (before) this.chosen[asked.id] = before;
      else delete this.chosen[asked.id];
      this.stage.bar.say(this.stage.t("Chưa ghi được. Xin chạm lại, hoặc báo cán bộ."));
    } finally {
      this.isBusy = false;
    }
  }

  /**
   * @param {string} id  of the question
   * @param {number[]} values
   */
  async #write(id, values) {
    if (this.draft) await this.draft.add({ answers: { [id]: values } });
    else this.draft = await this.device.begin({ field: this.field, language: this.stage.language, question: id, values });
  }

  /** @param {number} place @returns {Part | undefined} what follows a required question */
  #after(place) {
    const draw = () => question(this, place + 1);
    return this.required[place + 1] ? { draw, isTyping: false } : this.#parts()[0];
  }

  /**
   * Show an optional part: first the questions, then the dossier code, then the comment.
   * @param {number} place
   */
  more(place) {
    const part = this.#parts()[place];
    if (part) this.to(part.draw, part.isTyping);
    else this.thank();
  }

  /** @param {number} place @returns {boolean} whether something optional follows */
  hasMore(place) {
    return place + 1 < this.#parts().length;
  }

  /** @returns {Part[]} what is optional here, in order */
  #parts() {
    const { asked } = this;
    /** @type {Part[]} */
    const parts = this.optional.map((_, number) => ({ draw: () => several(this, number, number), isTyping: false }));
    const hasDossier = asked.dossier && this.point.dossier_pattern;
    for (const [isAsked, draw] of /** @type {const} */ ([
      [hasDossier, dossier],
      [asked.comment && this.device.settings.has_keyboard, comment],
    ])) {
      const place = parts.length;
      if (isAsked) parts.push({ draw: () => draw(this, place), isTyping: true });
    }
    return parts;
  }

  /**
   * Keep optional answers.
   * @param {Question} asked
   * @param {number[]} values
   */
  async keep(asked, values) {
    this.chosen[asked.id] = values;
    await this.draft?.add({ answers: { [asked.id]: values } });
  }

  /**
   * Take what a scanner typed, wherever the person is.
   * @param {string} text
   */
  async scanned(text) {
    if (!this.draft || this.draft.isSealed || !this.device.isDossierCode(text)) return;
    await this.draft.add({ dossierCode: text });
    this.hasDossier = true;
    this.stage.bar.say(this.stage.t("Đã nhận mã hồ sơ."));
    if (this.stage.shown === "dossier") this.thank();
  }

  /** What was typed goes with a change of language and when the device is turned. */
  forgetTyped() {
    if (!["dossier", "comment"].includes(this.stage.shown)) return;
    this.stage.redraw();
  }

  /** Show thanks, with the receipt. */
  thank() {
    this.idle.stop();
    this.wedge.stop();
    this.stage.put(() => thanks(this));
  }

  /** Seal what there is, main answer kept, and let the next person come. */
  async end() {
    if (this.isOver) return;
    this.isOver = true;
    this.idle.stop();
    this.wedge.stop();
    const { draft } = this;
    this.draft = null;
    this.chosen = {};
    this.stage.home();
    await draft?.seal();
  }
}
