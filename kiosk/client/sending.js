// Sending what is sealed, until the server has said of each item what became of it.

import { PROTOCOL } from "./sealing.js";
import { Refusal, get, post } from "./server.js";

/** @import {Contact, Item, Place, QuestionnairePaper, Reply, Standing, StorageState} from "./types.d.ts" */
/** @import {Store} from "./store.js" */

const ITEMS = 100;
const LOCK = "hai-long-sending";
const HEARTBEAT = 5 * 60_000;
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 5 * 60_000;
const SOON = 400;
const TIGHT_SHARE = 0.8;
const TIGHT_LEFT = 20 * 1024 * 1024;

/**
 * @typedef {object} Surroundings
 * @property {Store} store
 * @property {string} version
 * @property {() => number} now
 * @property {() => Promise<void>} tend  seals what a closed tab left open
 * @property {() => Promise<void>} changed  tells this tab and the others
 */

/** Sends from one tab at a time, as long as the page is open. */
export class Sender {
  /** @param {Surroundings} around */
  constructor(around) {
    this.around = around;
    this.isOffline = false;
    /** @type {StorageState} */
    this.storage = "unknown";
    /** What the last refusal of a whole batch was, "" after a success. */
    this.refusal = "";
    this.size = ITEMS;
    this.failures = 0;
    this.isStopped = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.dueAt = Infinity;
  }

  /** Begin; from now on there is always a next time. */
  start() {
    addEventListener("online", () => {
      if (this.isOffline) this.failures = 0;
      this.soon();
    });
    this.soon();
  }

  /** Let go of the timer; for a page that is about to close. */
  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  /** Send in a moment, because there is something to send. */
  soon() {
    if (this.failures === 0) this.#wake(SOON);
  }

  /** @param {number} milliseconds */
  #wake(milliseconds) {
    const at = performance.now() + milliseconds;
    if (this.isStopped || at >= this.dueAt) return;
    clearTimeout(this.timer);
    this.dueAt = at;
    this.timer = setTimeout(() => this.#turn(), milliseconds);
  }

  async #turn() {
    this.dueAt = Infinity;
    let pause = HEARTBEAT;
    try {
      await this.around.tend();
      // another tab that sends is as good as this one, but what comes of it is known there alone
      await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        await this.#drain();
        this.failures = 0;
      });
    } catch (error) {
      pause = this.#pause(error);
    }
    await this.around.changed();
    this.#wake(pause);
  }

  /**
   * Send now and wait for it.
   * @returns {Promise<void>}
   */
  async sendNow() {
    try {
      await this.around.tend();
      await navigator.locks.request(LOCK, () => this.#drain());
      this.failures = 0;
    } catch (error) {
      clearTimeout(this.timer);
      this.dueAt = Infinity;
      this.#wake(this.#pause(error));
      throw error instanceof Refusal ? error.problem : error;
    } finally {
      await this.around.changed();
    }
  }

  /**
   * @param {unknown} error
   * @returns {number} how long to wait: longer each time, and not all devices at once
   */
  #pause(error) {
    this.failures += 1;
    const told = error instanceof Refusal ? error.retryAfter : 0;
    const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    return told + longest * (0.5 + Math.random() / 2);
  }

  /** Send batch after batch until nothing is left; at least one, to say that the device is there. */
  async #drain() {
    const { store } = this.around;
    const keys = await store.get("keys");
    const place = await store.place();
    if (!keys || !place) return;
    this.storage = await storageState();
    /** @type {Set<number>} */
    const again = new Set();
    let standing = place.standing;
    for (let isMore = true; isMore; ) {
      const items = await store.queue(this.size);
      const reply = await this.#send(keys, standing.id, items);
      if (reply) {
        await store.settle(items, reply, this.#contact(reply), again);
        standing = reply.device;
      }
      isMore = (await store.counts()).queue > 0;
      await this.around.changed();
    }
    await this.#takeOver(standing);
  }

  /**
   * @param {CryptoKeyPair} keys
   * @param {string} id
   * @param {Item[]} items
   * @returns {Promise<Reply | null>} null where the batch has to be cut smaller
   */
  async #send(keys, id, items) {
    const counters = items.map((item) => item.counter);
    const { queue } = await this.around.store.counts();
    const outage = await this.around.store.get("outage");
    const envelope = {
      protocol: PROTOCOL,
      sent_at: this.around.now(),
      items,
      first: counters[0] ?? 0,
      last: counters.at(-1) ?? 0,
      queue,
      version: this.around.version,
      storage: this.storage,
      ...(outage && { outage }),
    };
    try {
      const reply = await post(`devices/${id}/batches`, keys, envelope);
      check(reply, id, counters);
      this.isOffline = false;
      this.refusal = "";
      this.size = ITEMS;
      return reply;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.isOffline = error.status === 0;
      await this.#refused(error, items);
      return null;
    }
  }

  /**
   * Cut a batch that cannot be read until the one item is found that is the cause; any other
   * refusal waits.
   * @param {Refusal} refusal
   * @param {Item[]} items
   * @returns {Promise<void>}
   */
  async #refused(refusal, items) {
    this.refusal = refusal.status ? refusal.code || String(refusal.status) : "";
    if (refusal.code === "revoked") await this.#revoked();
    const isOfItems = refusal.status === 413 || (refusal.status === 400 && refusal.code === "malformed");
    if (!isOfItems || items.length === 0) {
      await this.around.store.failed(word(refusal), this.around.now());
      throw refusal;
    }
    const only = items.length === 1 ? items[0] : undefined;
    this.size = only ? ITEMS : Math.ceil(items.length / 2);
    if (only) {
      const apart = { item: only, code: refusal.code || "refused", detail: refusal.message };
      await this.around.store.quarantine([apart], this.around.now());
    }
  }

  async #revoked() {
    const place = await this.around.store.place();
    if (!place || place.standing.is_revoked) return;
    const standing = { ...place.standing, is_revoked: true };
    await this.around.store.keepPlace({ ...place, standing });
  }

  /**
   * @param {Reply} reply
   * @returns {Contact}
   */
  #contact(reply) {
    return { at: this.around.now(), clockOffset: reply.clock_offset, ...reply.counters };
  }

  /**
   * Take over where the device stands now, with the papers that belong to it, as a whole.
   * @param {Standing} standing
   * @returns {Promise<void>}
   */
  async #takeOver(standing) {
    await this.around.store.keepPlace(await fetchPlace(this.around.store, standing));
  }
}

/**
 * @param {Refusal} refusal
 * @returns {string} its code, as the server can read it again
 */
function word({ status, code }) {
  if (status === 0) return "offline";
  return /^[a-z0-9_]{1,40}$/.test(code) ? code : String(status);
}

/**
 * Fetch what a device shows where it stands.
 * @param {Store} store
 * @param {Standing} standing
 * @returns {Promise<Place>}
 */
export async function fetchPlace(store, standing) {
  const point = await get(`points/${encodeURIComponent(standing.point)}`);
  const sha256 = point.questionnaire ?? standing.questionnaire;
  const questionnaire = sha256 ? await fetchPaper(store, sha256) : null;
  return { standing: { ...standing, questionnaire: sha256 }, point, questionnaire };
}

/**
 * @param {Store} store
 * @param {string} sha256
 * @returns {Promise<QuestionnairePaper>}
 */
async function fetchPaper(store, sha256) {
  try {
    return await get(`questionnaires/${sha256}`);
  } catch (error) {
    const kept = await store.paper(sha256);
    if (kept) return kept;
    throw error;
  }
}

/**
 * @param {any} reply
 * @param {string} id
 * @param {number[]} counters
 */
function check(reply, id, counters) {
  const fits =
    reply?.protocol === PROTOCOL &&
    reply.device?.id === id &&
    Array.isArray(reply.counters?.missing) &&
    reply.outcomes?.length === counters.length &&
    counters.every((counter, index) => {
      const told = reply.outcomes[index].counter;
      return told === null || told === counter;
    });
  if (!fits) throw new Refusal(0, "an answer that is none");
}

/**
 * Tell how safe the device's storage is, before it bites.
 * @returns {Promise<StorageState>}
 */
export async function storageState() {
  if (!navigator.storage?.estimate) return "unknown";
  const { usage = 0, quota = 0 } = await navigator.storage.estimate();
  if (!quota) return "unknown";
  if (usage > TIGHT_SHARE * quota || quota - usage < TIGHT_LEFT) return "tight";
  return (await navigator.storage.persisted()) ? "persisted" : "best_effort";
}
