// A scanner that types like a keyboard: much faster than any hand, and with Enter at its end.

const FAST = 60;
const LEAST = 6;

export class Wedge {
  /** @param {(text: string) => void} scanned */
  constructor(scanned) {
    this.scanned = scanned;
    this.text = "";
    this.last = 0;
    this.key = this.key.bind(this);
    addEventListener("keydown", this.key, true);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const isFast = event.timeStamp - this.last < FAST;
    if (event.key === "Enter" && isFast && this.text.length >= LEAST) {
      // this Enter belongs to the scanner: it presses no button
      event.preventDefault();
      event.stopImmediatePropagation();
      this.#takeOut();
      this.scanned(this.text);
      this.text = "";
    } else if (event.key.length === 1) {
      this.text = isFast ? this.text + event.key : event.key;
      this.last = event.timeStamp;
    } else if (event.key !== "Shift") this.text = "";
  }

  /** What the scanner typed into a text is no part of it. */
  #takeOut() {
    const into = document.activeElement;
    if (!(into instanceof HTMLTextAreaElement || into instanceof HTMLInputElement)) return;
    if (into.value.endsWith(this.text)) into.value = into.value.slice(0, -this.text.length);
  }

  stop() {
    removeEventListener("keydown", this.key, true);
  }
}
