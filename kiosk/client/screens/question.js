// Questions: native radios and boxes, so that a keyboard, a switch and a screen reader know them.

import { button, face, heading, make, screen } from "./element.js";

/** @import {Option, Question} from "../types.d.ts" */
/** @import {Rating} from "./rating.js" */

const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

/**
 * Ask a required question. A touch, Space or Enter answers; arrow keys only move the mark.
 * @param {Rating} rating
 * @param {number} place
 */
export function question(rating, place) {
  const { stage } = rating;
  const asked = /** @type {Question} */ (rating.required[place]);
  const chosen = rating.chosen[asked.id]?.[0];
  const go = button(stage.t("Tiếp tục"), () => answer(), "main");
  go.hidden = chosen === undefined;
  let isArrow = false;
  const answer = () => {
    const mark = form.querySelector("input:checked");
    if (mark instanceof HTMLInputElement) void rating.answer(place, Number(mark.value));
  };
  const answers = inOrder(asked, rating.point.best_first).map((option) =>
    row("radio", asked, option, option.value === chosen));
  const form = make("form", {
    keydown: (event) => {
      isArrow = ARROWS.has(event.key);
      // no browser tells of Space on a mark that is set already
      const isSet = event.target instanceof HTMLInputElement && event.target.checked;
      if (event.key !== " " || !isSet) return;
      event.preventDefault();
      answer();
    },
    pointerdown: () => { isArrow = false; },
    submit: (event) => { event.preventDefault(); answer(); },
    click: (event) => {
      if (!(event.target instanceof HTMLInputElement)) return;
      if (isArrow) go.hidden = false;
      else answer();
    },
  }, make("fieldset", {}, legend(asked.text), make("div", { class: `answers n${answers.length}` }, ...answers)), go);
  const canChange = !rating.draft && place === 0 && rating.point.fields.length > 1;
  return screen("question", form,
    canChange && make("div", { class: "steps" }, button(stage.t("Đổi lĩnh vực"), () => rating.begin(), "quiet")));
}

/**
 * Ask what is optional; what is chosen is kept at once.
 * @param {Rating} rating
 * @param {number} number  of the optional question
 * @param {number} place  of the part
 */
export function several(rating, number, place) {
  const { stage } = rating;
  const asked = /** @type {Question} */ (rating.optional[number]);
  const kind = asked.choose === "many" ? "checkbox" : "radio";
  const chosen = new Set(rating.chosen[asked.id] ?? []);
  const alerts = new Set(asked.scale.options.filter(({ alert }) => alert).map(({ value }) => value));
  const told = make("div", { class: "told", role: "status" });
  const tell = () => told.replaceChildren(...([...chosen].some((value) => alerts.has(value)) ? [report(rating)] : []));
  tell();
  const change = (/** @type {any} */ event) => {
    if (!(event.target instanceof HTMLInputElement)) return;
    const value = Number(event.target.value);
    if (kind === "radio") chosen.clear();
    if (event.target.checked) chosen.add(value);
    else chosen.delete(value);
    tell();
    rating.keep(asked, [...chosen]).catch(() => stage.bar.say(stage.t("Chưa ghi được. Xin chạm lại, hoặc báo cán bộ.")));
  };
  const groups = grouped(asked.scale.options).map(([name, options]) =>
    make("div", { class: "group", role: name ? "group" : false, "aria-label": name || false },
      name && make("p", { class: "group-name" }, name),
      ...options.map((option) => row(kind, asked, option, chosen.has(option.value)))));
  const hint = kind === "checkbox" ? stage.t("Không bắt buộc. Có thể chọn nhiều ý.") : stage.t("Không bắt buộc.");
  return screen("several",
    make("form", { change, submit: (event) => event.preventDefault() },
      make("fieldset", {}, legend(asked.text, given(rating), make("p", { class: "hint" }, hint)),
        make("div", { class: `groups${groups.length > 1 ? "" : " one"}` }, ...groups))),
    steps(rating, place, told));
}

/**
 * Make what leads on from an optional part: the same for every answer.
 * @param {Rating} rating
 * @param {number} place
 * @param {HTMLElement | null} [told]
 * @param {() => Promise<boolean>} [keep]  false where something has to be put right first
 */
export function steps(rating, place, told = null, keep = async () => true) {
  const { stage } = rating;
  const onward = async (/** @type {() => void} */ next) => {
    if (await keep()) next();
  };
  return make("div", { class: "steps" }, told,
    place === 0 ? button(stage.t("Đổi câu trả lời"), () => rating.ask(0), "quiet")
      : button(stage.t("Quay lại"), () => rating.more(place - 1), "quiet"),
    rating.hasMore(place) && button(stage.t("Nói thêm"), () => onward(() => rating.more(place + 1)), "quiet"),
    button(stage.t("Gửi đánh giá"), () => onward(() => rating.thank()), "main"));
}

/**
 * Say what was answered, so that a slip is seen.
 * @param {Rating} rating
 */
export function given(rating) {
  const asked = rating.required[0];
  const option = asked?.scale.options.find(({ value }) => value === rating.chosen[asked.id]?.[0]);
  return option && make("p", { class: "given" }, face(option.face),
    make("span", {}, rating.stage.t("Đã ghi: %(answer)s", { answer: option.label })));
}

/** @param {Rating} rating */
function report(rating) {
  const { stage, point } = rating;
  return make("div", { class: "report" },
    make("p", { class: "report-head" }, make("strong", {}, stage.t("Phản ánh ngay hành vi nhũng nhiễu")),
      point.report?.phone ? make("span", { class: "phone" }, stage.t("Gọi %(phone)s", { phone: point.report.phone })) : null),
    make("p", {}, `${stage.t("Đánh giá này sẽ được chuyển đến người có trách nhiệm thanh tra.")} ${stage.name(point.report?.texts)}`));
}

/**
 * @param {string} text
 * @param {...(HTMLElement | undefined)} parts
 */
function legend(text, ...parts) {
  return make("legend", {}, make("div", { class: "ask" }, parts[0], heading(text), ...parts.slice(1)));
}

/**
 * @param {string} kind
 * @param {Question} asked
 * @param {Option} option
 * @param {boolean} isChosen
 */
function row(kind, asked, option, isChosen) {
  return make("label", { class: "answer" },
    make("input", { type: kind, name: asked.id, value: String(option.value), checked: isChosen, autocomplete: "off" }),
    face(option.face), make("span", {}, option.label));
}

/**
 * Best first or last by the city's setting; what stands outside the scale comes last.
 * @param {Question} asked
 * @param {boolean} isBestFirst
 * @returns {Option[]}
 */
function inOrder(asked, isBestFirst) {
  const inside = asked.scale.options.filter(({ outside }) => !outside);
  const outside = asked.scale.options.filter((option) => option.outside);
  return [...(isBestFirst ? inside : inside.reverse()), ...outside];
}

/**
 * @param {Option[]} options
 * @returns {[string, Option[]][]}
 */
function grouped(options) {
  /** @type {Map<string, Option[]>} */
  const groups = new Map();
  for (const option of options) {
    const name = option.group ?? "";
    groups.set(name, [...(groups.get(name) ?? []), option]);
  }
  return [...groups];
}
