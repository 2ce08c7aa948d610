// What stands around every screen: the place, the field, and the person's own settings.

import { button } from "./element.js";

/** @import {Stage} from "./screens.js" */

export class Bar {
  /** @param {Stage} stage */
  constructor(stage) {
    this.stage = stage;
    this.place = /** @type {HTMLElement} */ (document.getElementById("place"));
    this.about = /** @type {HTMLElement} */ (document.getElementById("about"));
    this.bar = /** @type {HTMLElement} */ (document.getElementById("bar"));
    this.said = /** @type {HTMLElement} */ (document.getElementById("said-once"));
  }

  build() {
    speechSynthesis?.addEventListener?.("voiceschanged", () => this.update());
  }

  /**
   * Say something once, to eye and ear.
   * @param {string} text
   */
  say(text) {
    this.said.textContent = text;
    setTimeout(() => { if (this.said.textContent === text) this.said.textContent = ""; }, 4_000);
  }

  /** @param {string} language */
  languageName(language) {
    return names()[language] ?? language;
  }

  /** Follow the screen that is shown and the settings of the person. */
  update() {
    const settings = this.stage.app.device?.settings;
    const root = document.documentElement;
    root.toggleAttribute("data-large", Boolean(settings?.large));
    root.toggleAttribute("data-contrast", Boolean(settings?.contrast));
    this.name();
    this.bar.setAttribute("aria-label", this.stage.t("Cách hiển thị"));
    this.bar.replaceChildren(...this.#switches());
  }

  /** Say where this stands and what is rated; the focus stays where it is. */
  name() {
    const { stage } = this;
    const { device } = stage.app;
    this.place.textContent = stage.name(device?.point?.names) || stage.t("Hài Lòng");
    const field = device?.point?.fields.find(({ code }) => code === stage.rating?.field);
    this.about.textContent = field && stage.rating ? stage.t("Lĩnh vực: %(field)s", { field: stage.name(field.names) }) : "";
    const sample = document.getElementById("sample");
    if (sample) sample.textContent = stage.t("Dữ liệu mẫu");
  }

  #switches() {
    const { stage } = this;
    if (!stage.app.device || ["sleeping", "problem"].includes(stage.shown)) return [];
    const made = [this.#toggle("large", stage.t("Chữ to")), this.#toggle("contrast", stage.t("Tương phản"))];
    const voice = this.#voice();
    if (voice) made.push(button(stage.t("Đọc to"), () => this.#read(voice), "small"));
    const next = this.#nextLanguage();
    // the first screen offers each language as its own start
    if (next && stage.shown !== "attract") {
      const change = button(this.languageName(next), () => this.#speak(next), "small language");
      change.lang = next;
      made.push(change);
    }
    return made;
  }

  /**
   * @param {"large" | "contrast"} name
   * @param {string} text
   */
  #toggle(name, text) {
    const settings = this.stage.app.device?.settings;
    const made = button(text, () => {
      if (!settings) return;
      settings[name] = !settings[name];
      document.documentElement.toggleAttribute(`data-${name}`, settings[name]);
      made.setAttribute("aria-pressed", String(settings[name]));
    }, "small");
    made.setAttribute("aria-pressed", String(Boolean(settings?.[name])));
    return made;
  }

  #nextLanguage() {
    const { languages } = this.stage.app;
    const next = languages[(languages.indexOf(this.stage.language) + 1) % languages.length];
    return next === this.stage.language ? null : next;
  }

  /** @param {string} language */
  #speak(language) {
    const { stage } = this;
    stage.language = language;
    void stage.rating?.draft?.add({ language }).catch(() => undefined);
    stage.redraw();
    this.bar.querySelector("button.language")?.scrollIntoView({ block: "nearest" });
  }

  #voice() {
    const voices = globalThis.speechSynthesis?.getVoices() ?? [];
    // a voice that is not on the device would send what stands on the screen to somebody else
    return voices.find(({ lang, localService }) => localService && lang.toLowerCase().startsWith(this.stage.language));
  }

  /** @param {SpeechSynthesisVoice} voice */
  #read(voice) {
    speechSynthesis.cancel();
    const said = [...this.stage.main.querySelectorAll("h1, .lead, .hint, .answer span, .rows button, .report, .code")];
    const utterance = new SpeechSynthesisUtterance(said.map(({ textContent }) => textContent).join(". "));
    utterance.voice = voice;
    utterance.lang = voice.lang;
    speechSynthesis.speak(utterance);
  }
}

/** @returns {Record<string, string>} */
function names() {
  return Object.fromEntries([...document.querySelectorAll("template[data-language]")].map((each) => {
    const { language = "", name = "" } = /** @type {HTMLElement} */ (each).dataset;
    return [language, name];
  }));
}
