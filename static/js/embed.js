// Tells the page around the frame how high the content is, so that it may fit the frame to it.
// The height is that of the content, never of the frame: it cannot grow by being followed.

const LEAST = 44;
const MOST = 1000;
let told = 0;

const tell = () => {
  const height = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
  const clamped = Math.min(Math.max(height, LEAST), MOST);
  if (clamped === told) return;
  told = clamped;
  window.parent.postMessage({ type: "hai-long:height", version: 1, height: clamped }, "*");
};

if (window.parent !== window) {
  new ResizeObserver(tell).observe(document.querySelector("main"));
  document.fonts.ready.then(tell);
}
