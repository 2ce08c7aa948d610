// Speaking to the server: signed requests, and what its answers mean.

import { DeviceProblem } from "./problem.js";
import { bytes, sign } from "./sealing.js";

const SIGNATURE = "Device-Signature";
const PATIENCE = 30_000;
const API = "../api/v1/";

/** A refusal, or no answer at all (status 0). */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {number} retryAfter  milliseconds, 0 where the server does not say
   */
  constructor(status, code, retryAfter = 0) {
    super(`${status} ${code}`);
    this.name = "Refusal";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** @returns {DeviceProblem} the same for the screens */
  get problem() {
    const isMuch = this.status === 429 ? "too_many" : this.code;
    const code = this.status === 0 ? "offline" : this.status >= 500 ? "unavailable" : isMuch;
    return new DeviceProblem(code, this.message, Math.ceil(this.retryAfter / 1000));
  }
}

/**
 * @param {string} path  below /api/v1/
 * @returns {Promise<any>}
 */
export async function get(path) {
  return await ask(path, { cache: "no-cache" });
}

/**
 * Post what is signed over its very bytes.
 * @param {string} path
 * @param {CryptoKeyPair} keys
 * @param {object} said
 * @returns {Promise<any>}
 */
export async function post(path, keys, said) {
  const body = bytes(JSON.stringify(said));
  const headers = { "Content-Type": "application/json", [SIGNATURE]: await sign(keys, body) };
  return await ask(path, { method: "POST", body, headers, cache: "no-store" });
}

/**
 * @param {string} path
 * @param {RequestInit} how
 * @returns {Promise<any>}
 */
async function ask(path, how) {
  /** @type {RequestInit} */
  const always = { credentials: "omit", redirect: "error", signal: AbortSignal.timeout(PATIENCE) };
  let response;
  let said;
  try {
    response = await fetch(API + path, { ...how, ...always });
    said = await response.json().catch(() => null);
  } catch (error) {
    throw new Refusal(0, String(error));
  }
  if (!response.ok) {
    throw new Refusal(response.status, String(said?.code ?? ""), wait(response));
  }
  // a net that asks for a password first answers 200 with a page of its own
  if (said === null) throw new Refusal(0, "not JSON");
  return said;
}

/**
 * @param {Response} response
 * @returns {number} milliseconds
 */
function wait(response) {
  const told = response.headers.get("Retry-After") ?? "";
  if (/^\d+$/.test(told)) return Number(told) * 1000;
  const from = Date.parse(response.headers.get("Date") ?? "");
  const until = Date.parse(told);
  return Number.isNaN(until - from) ? 0 : Math.max(0, until - from);
}
