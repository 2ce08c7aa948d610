// The screens of the device.

/** @import {App} from "../types.d.ts" */

/**
 * Show the device's screens.
 * @param {App} app
 */
export function show(app) {
  Object.assign(globalThis, { app });
  app.rest();
}
