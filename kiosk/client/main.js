// Boot: the service worker, the device, then the screens.

import { open } from "./device.js";
import { DeviceProblem } from "./problem.js";
import { show } from "./screens/screens.js";
import { Updates } from "./updates.js";

/** @import {App, Texts} from "./types.d.ts" */

const { base = "", version = "", sample = "" } = document.documentElement.dataset;

/** @returns {Promise<Record<string, Texts>>} */
async function words() {
  const response = await fetch(`${base}words.json`);
  return await response.json();
}

async function boot() {
  const updates = new Updates();
  const texts = await words();
  /** @type {App} */
  const app = {
    device: null,
    problem: null,
    words: texts,
    languages: Object.keys(texts),
    version,
    isSample: sample === "true",
    rest: () => updates.rest(),
    wake: () => updates.wake(),
  };
  try {
    app.device = await open({ version });
  } catch (error) {
    app.problem = error instanceof DeviceProblem ? error : new DeviceProblem("storage", String(error));
  }
  show(app);
  await updates.start();
}

await boot();
