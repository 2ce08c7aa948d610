// A rating that somebody is giving: kept with each step, sealed once, then forgotten.

import { DeviceProblem } from "./problem.js";
import { cleanComment, dossierCode, sealDraft, sealUndone } from "./sealing.js";

/** @import {Answers, DraftRow} from "./types.d.ts" */
/** @import {Store} from "./store.js" */

/**
 * @typedef {object} Around
 * @property {Store} store
 * @property {CryptoKeyPair} keys
 * @property {string} pattern  the shape of a dossier code
 * @property {string} question  the main question
 * @property {() => void} ended  called once when it is sealed
 */

/**
 * @typedef {object} Parts  what is optional; each part replaces what it was before
 * @property {Answers} [answers]  question → values; no values take an answer back
 * @property {string} [comment]
 * @property {string} [dossierCode]  "" takes it back
 * @property {string} [language]
 */

export class Draft {
  /** @type {DraftRow | null} what is typed lives here and on disk, and no longer than the draft */
  #row;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  /** @type {Promise<void> | null} */
  #sealed = null;
  #around;

  /**
   * @param {DraftRow} row
   * @param {string} receipt
   * @param {Around} around
   */
  constructor(row, receipt, around) {
    this.id = row.id;
    this.counter = row.counter;
    this.receipt = receipt;
    this.#row = row;
    this.#around = around;
  }

  /** @returns {boolean} */
  get isSealed() {
    return this.#sealed !== null;
  }

  /**
   * Change the main answer; raises DeviceProblem ("sealed", "storage").
   * @param {number[]} values
   * @returns {Promise<void>}
   */
  async change(values) {
    await this.add({ answers: { [this.#around.question]: values } });
  }

  /**
   * Keep optional parts; raises DeviceProblem ("dossier_code" where it has not the city's shape:
   * nothing is kept then; "sealed", "storage").
   * @param {Parts} parts
   * @returns {Promise<void>}
   */
  async add({ answers = {}, comment, dossierCode: typed, language }) {
    const code = typed ? dossierCode(typed, this.#around.pattern) : "";
    if (code === null) throw new DeviceProblem("dossier_code", "That is no dossier code of this city.");
    await this.#next(async () => {
      const row = this.#open();
      const all = { ...row.answers };
      for (const [question, values] of Object.entries(answers)) {
        if (values.length) all[question] = [...new Set(values)].sort((one, other) => one - other);
        else delete all[question];
      }
      const changed = { ...row, answers: all, language: language ?? row.language };
      if (comment !== undefined) changed.comment = cleanComment(comment);
      if (typed !== undefined) changed.dossierCode = code;
      if (!(await this.#around.store.change(changed))) throw sealedProblem();
      this.#row = changed;
    });
  }

  /**
   * Seal it, once: nothing that was typed is left but in the sealed item.
   * @returns {Promise<void>}
   */
  seal() {
    return this.#end(sealDraft);
  }

  /**
   * Take the rating back: its counter is used, its answer is gone; raises DeviceProblem
   * ("sealed") where it is too late.
   * @returns {Promise<void>}
   */
  async undo() {
    if (this.#sealed) throw sealedProblem();
    await this.#end(sealUndone);
  }

  /**
   * @param {typeof sealDraft} how
   * @returns {Promise<void>}
   */
  #end(how) {
    const { store, keys, ended } = this.#around;
    this.#sealed ??= this.#next(async () => {
      const row = this.#row;
      if (!row) return;
      try {
        await store.seal(row.id, await how(keys, row));
      } catch (error) {
        this.#sealed = null; // it is still on disk: whoever asks next tries again
        throw error;
      }
      this.#row = null;
      ended();
    });
    return this.#sealed;
  }

  /**
   * Do one step after the other, whatever became of the one before.
   * @param {() => Promise<void>} step
   * @returns {Promise<void>}
   */
  #next(step) {
    const result = this.#last.then(step, step);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** @returns {DraftRow} */
  #open() {
    if (!this.#row || this.#sealed) throw sealedProblem();
    return this.#row;
  }
}

function sealedProblem() {
  return new DeviceProblem("sealed", "This rating is sealed already.");
}
