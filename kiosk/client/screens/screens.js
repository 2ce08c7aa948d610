// Decides which screen a device shows while nobody is rating, and when it sleeps.

import { attract, closed, problem, revoked, sleeping } from "./attract.js";
import { Bar } from "./bar.js";
import { isOpen, opensNext } from "./hours.js";
import { Rating } from "./rating.js";
import { enrol } from "./enrol.js";
import { staff } from "./staff.js";

/** @import {App} from "../types.d.ts" */

const LOOK = 20_000;
const HOLD = 3_000;
const ECHO = 500;

/**
 * Show the device's screens.
 * @param {App} app
 */
export function show(app) {
  Object.assign(globalThis, { app });
  new Stage(app).begin();
}

export class Stage {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.language = app.languages[0] ?? "vi";
    /** @type {Rating | null} */
    this.rating = null;
    this.isStaff = false;
    this.shown = "";
    this.shownAt = 0;
    /** @type {() => HTMLElement} */
    this.draw = () => document.createElement("section");
    this.main = /** @type {HTMLElement} */ (document.getElementById("main"));
    this.bar = new Bar(this);
  }

  /** Draw the first screen and keep watch over what changes it. */
  begin() {
    this.bar.build();
    this.home();
    this.app.device?.onChange(() => this.look());
    setInterval(() => this.look(), LOOK);
    this.#watchPlace();
    addEventListener("click", (event) => this.#ignoreEcho(event), true);
    // Back, a closed page and a page taken from the browser's memory: nothing of a person is left
    history.replaceState(null, "");
    history.pushState(null, "");
    addEventListener("popstate", () => {
      history.pushState(null, "");
      void this.rating?.end();
    });
    addEventListener("pagehide", () => void this.rating?.end());
    addEventListener("pageshow", (event) => {
      if (event.persisted) this.home();
    });
    matchMedia("(orientation: portrait)").addEventListener("change", () => this.rating?.forgetTyped());
  }

  /**
   * Return a text in the person's language.
   * @param {string} key  the Vietnamese text
   * @param {Record<string, string | number>} [values]  for %(name)s
   * @returns {string}
   */
  t(key, values = {}) {
    const text = this.app.words[this.language]?.[key] ?? key;
    return text.replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole));
  }

  /**
   * Return a name of the register in the person's language.
   * @param {Record<string, string> | undefined} names
   * @returns {string}
   */
  name(names) {
    return names?.[this.language] ?? names?.[this.app.languages[0] ?? "vi"] ?? "";
  }

  /**
   * Show a screen and put the focus on its heading, or on what it asks to be typed at once.
   * @param {() => HTMLElement} draw
   * @param {HTMLElement} [made]  what it has made already
   */
  put(draw, made = draw()) {
    this.draw = draw;
    this.shownAt = performance.now();
    this.shown = made.dataset["screen"] ?? "";
    document.documentElement.lang = this.language;
    document.documentElement.dataset["kind"] = this.app.device?.standing?.kind ?? "";
    document.body.dataset["screen"] = this.shown;
    this.main.replaceChildren(made);
    this.bar.update();
    scrollTo(0, 0);
    const first = made.querySelector("[autofocus]") ?? made.querySelector("h1");
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }

  /** Draw the same screen anew, as after a change of language. */
  redraw() {
    this.put(this.draw);
  }

  /** Say that nobody is here any more: everything that was a person's is reset. */
  home() {
    const { app } = this;
    this.rating = null;
    this.isStaff = false;
    this.language = app.languages[0] ?? "vi";
    speechSynthesis?.cancel();
    if (app.device) Object.assign(app.device.settings, { large: false, contrast: false });
    this.put(this.#resting()[1]);
    app.rest();
  }

  /** Look again whether the screen of a resting device is still the right one. */
  look() {
    if (this.rating || this.isStaff) return;
    const [name, draw] = this.#resting();
    if (name === this.shown) this.bar.name();
    else this.put(draw);
  }

  /** Begin a rating in a language. @param {string} language */
  start(language) {
    this.language = language;
    this.app.wake();
    this.rating = new Rating(this);
    this.rating.begin();
  }

  /** Show how the device is, for staff. */
  staff() {
    if (!this.app.device?.standing) return;
    this.isStaff = true;
    this.app.wake();
    this.put(() => staff(this));
  }

  /** The second half of a double touch belongs to the screen before. @param {MouseEvent} event */
  #ignoreEcho(event) {
    if (event.detail < 2 || performance.now() - this.shownAt > ECHO) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #now() {
    return this.app.device?.now() ?? Date.now();
  }

  /** @returns {[string, () => HTMLElement]} the screen's name, and what draws it */
  #resting() {
    const { device } = this.app;
    if (!device) return ["problem", () => problem(this)];
    const { standing, point } = device;
    if (!standing) return ["enrol", () => enrol(this)];
    if (standing.is_revoked) return ["revoked", () => revoked(this)];
    if (point && !point.in_force) return ["closed", () => closed(this)];
    if (!device.isReady) return ["staff", () => staff(this)];
    const now = this.#now() + (device.contact?.clockOffset ?? 0);
    if (isOpen(point?.hours, now, point?.time_zone)) return ["attract", () => attract(this)];
    return ["sleeping", () => sleeping(this, opensNext(point?.hours, now, point?.time_zone))];
  }

  /** Whoever holds the place's name for three seconds is shown how the device is. */
  #watchPlace() {
    const place = /** @type {HTMLElement} */ (document.getElementById("place"));
    let timer = 0;
    const release = () => clearTimeout(timer);
    place.addEventListener("contextmenu", (event) => event.preventDefault());
    place.addEventListener("pointerdown", () => {
      release();
      timer = setTimeout(() => {
        if (!this.rating) this.staff();
      }, HOLD);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) place.addEventListener(name, release);
  }
}
