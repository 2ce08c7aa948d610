// The device: what the screens may ask of it. Times are milliseconds of the device's own clock.

import { Draft } from "./draft.js";
import { DeviceProblem } from "./problem.js";
import { PROTOCOL, dossierCode, newKeys, publicKey, receiptCode } from "./sealing.js";
import { Sender, fetchPlace, storageState } from "./sending.js";
import { Refusal, post } from "./server.js";
import { openStore } from "./store.js";

/** @import {Contact, DraftRow, PointPaper, QuestionnairePaper, Settings, Standing, Status, Trouble} from "./types.d.ts" */
/** @import {Store} from "./store.js" */

const CLOCK_OFF = 5 * 60_000;
const CHANNEL = "hai-long-kiosk";

/**
 * Open this device: its key, place, queue and settings, and start sending.
 *
 * A draft that a power cut or a closed tab left open is sealed with its main answer kept.
 * Raises DeviceProblem: "insecure" without HTTPS or localhost, "storage".
 * @param {{now?: () => number, version?: string}} [options]
 * @returns {Promise<Device>}
 */
export async function open({ now = () => Date.now(), version = "" } = {}) {
  if (!globalThis.isSecureContext || !crypto.subtle || !navigator.locks) {
    throw new DeviceProblem("insecure", "This page needs HTTPS or localhost.");
  }
  const store = await openStore();
  await navigator.storage?.persist?.();
  const device = new Device(store, now, version);
  await device.live();
  await device.load();
  await device.tend();
  device.sender.storage = await storageState();
  device.sender.start();
  return device;
}

/** @param {string} tab */
function lockOf(tab) {
  return `hai-long-tab-${tab}`;
}

export class Device {
  /**
   * @param {Store} store
   * @param {() => number} now
   * @param {string} version
   */
  constructor(store, now, version) {
    this.store = store;
    this.now = now;
    this.version = version;
    this.tab = crypto.randomUUID();
    /** @type {Standing | null} */
    this.standing = null;
    /** @type {PointPaper | null} */
    this.point = null;
    /** @type {QuestionnairePaper | null} */
    this.questionnaire = null;
    /** @type {Settings} */
    this.settings = { large: false, contrast: false, has_keyboard: false };
    /** @type {Contact | null} */
    this.contact = null;
    /** @type {CryptoKeyPair | null} */
    this.keys = null;
    /** @type {Draft | null} */
    this.draft = null;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.onmessage = () => void this.load().then(() => this.#tell());
    this.sender = new Sender({
      store,
      version,
      now,
      tend: () => this.tend(),
      changed: () => this.#changed(),
    });
  }

  /**
   * Hold a lock as long as this tab lives: how the others know that its draft is somebody's.
   * @returns {Promise<void>}
   */
  live() {
    return new Promise((resolve) => {
      const held = () => new Promise(() => resolve());
      void navigator.locks.request(lockOf(this.tab), held);
    });
  }

  /** Read anew what is kept, because another tab or the sender may have changed it. */
  async load() {
    this.keys = (await this.store.get("keys")) ?? null;
    this.contact = (await this.store.get("contact")) ?? null;
    const place = await this.store.place();
    const kept = await this.store.get("has_keyboard");
    this.standing = place?.standing ?? null;
    this.point = place?.point ?? null;
    this.questionnaire = place?.questionnaire ?? null;
    this.settings.has_keyboard = kept ?? this.standing?.kind === "tablet";
  }

  /**
   * Call back whenever something changed that is shown.
   * @param {() => void} callback
   * @returns {() => void} ends it
   */
  onChange(callback) {
    this.listeners.add(callback);
    return () => void this.listeners.delete(callback);
  }

  /**
   * Exchange the one-time code for a place; safe to repeat when the answer was lost.
   *
   * Raises DeviceProblem: "code", "too_many" (with retryAfter), "offline", "unavailable",
   * "enrolled", "storage"; "papers" where the place is given but its papers are still to come.
   * @param {string} code  8 digits
   * @returns {Promise<void>}
   */
  async enrol(code) {
    if (this.standing) throw new DeviceProblem("enrolled", "This device has its place already.");
    if (!this.keys) {
      const keys = await newKeys();
      await this.store.keep({ keys });
      this.keys = keys;
    }
    let said;
    try {
      const key = await publicKey(this.keys);
      said = await post("devices", this.keys, { protocol: PROTOCOL, code, key });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // what is no code of eight digits cannot even be read by the server
      throw error.code === "malformed" ? new DeviceProblem("code", error.message) : error.problem;
    }
    await this.store.reach(said.next_counter);
    await this.store.keepPlace({ standing: said.device, point: null, questionnaire: null });
    try {
      await this.store.keepPlace(await fetchPlace(this.store, said.device));
    } catch (error) {
      throw new DeviceProblem("papers", `The point's papers did not come: ${error}`);
    } finally {
      await this.#changed();
      this.sender.soon();
    }
  }

  /** @returns {boolean} whether a rating can be given here now */
  get isReady() {
    return Boolean(this.keys && this.standing && !this.standing.is_revoked && this.point && this.questionnaire);
  }

  /**
   * Begin a rating at the first tap on an answer; it is on disk when this resolves. An open one is
   * sealed first.
   *
   * Raises DeviceProblem: "not_ready", "revoked", "storage" (nothing is recorded then).
   * @param {{field: string, language: string, question: string, values: number[]}} first
   * @returns {Promise<Draft>}
   */
  async begin({ field, language, question, values }) {
    await this.draft?.seal();
    const { keys, standing, point, questionnaire } = this;
    if (standing?.is_revoked) throw new DeviceProblem("revoked", "This device is revoked.");
    if (!keys || !standing || !point || !questionnaire) {
      throw new DeviceProblem("not_ready", "This device has no place or no questionnaire yet.");
    }
    const id = crypto.randomUUID();
    const row = await this.store.begin({
      id,
      counter: 0,
      tab: this.tab,
      device: standing.id,
      questionnaire: questionnaire.sha256,
      receiving_unit: point.unit,
      point: point.point,
      kind: standing.kind,
      holder: standing.holder,
      field,
      language,
      answered_at: this.now(),
      answers: { [question]: ordered(values) },
      comment: "",
      dossierCode: "",
    });
    const ended = () => {
      this.draft = null;
      this.sender.soon();
      void this.#changed();
    };
    const around = { store: this.store, keys, pattern: point.dossier_pattern, question, ended };
    this.draft = new Draft(row, await receiptCode(id), around);
    return this.draft;
  }

  /**
   * @param {string} text
   * @returns {boolean} whether it has the shape of a dossier code here
   */
  isDossierCode(text) {
    return dossierCode(text, this.point?.dossier_pattern ?? "") !== null;
  }

  /**
   * Change settings; only `has_keyboard` is kept, the rest belongs to the person.
   * @param {Partial<Settings>} changes
   * @returns {Promise<void>}
   */
  async set(changes) {
    Object.assign(this.settings, changes);
    if (changes.has_keyboard !== undefined) {
      await this.store.keep({ has_keyboard: changes.has_keyboard });
    }
    await this.#changed();
  }

  /** @returns {Promise<Status>} how the device is, for staff */
  async status() {
    const counts = await this.store.counts();
    const { storage, isOffline } = this.sender;
    const missing = await this.store.lost(this.contact?.missing ?? []);
    return {
      queue: counts.queue,
      quarantine: counts.quarantine.map(({ counter, code }) => ({ counter, code })),
      sent: counts.sent,
      drafts: counts.drafts,
      lastContact: this.contact?.at ?? null,
      clockOffset: this.contact?.clockOffset ?? null,
      storage,
      persisted: (await navigator.storage?.persisted?.()) ?? false,
      isOffline: isOffline || !navigator.onLine,
      version: this.version,
      shellCached: await isShellCached(this.version),
      nextCounter: counts.next,
      missing,
      outage: (await this.store.get("outage")) ?? null,
      troubles: this.#troubles(counts.next, counts.quarantine.length, missing.length),
    };
  }

  /**
   * @param {number} next
   * @param {number} nApart
   * @param {number} nMissing
   * @returns {Trouble[]}
   */
  #troubles(next, nApart, nMissing) {
    const { refusal, storage } = this.sender;
    const isKnown = ["", "revoked", "device_unknown", "unavailable", "busy", "too_many"].includes(refusal);
    /** @type {[Trouble, boolean][]} */
    const holds = [
      ["revoked", Boolean(this.standing?.is_revoked)],
      ["device_unknown", refusal === "device_unknown"],
      // the server has counters that this device never gave: somebody else holds its key
      ["counter_twice", (this.contact?.highest ?? 0) >= next],
      ["counter_missing", nMissing > 0],
      ["clock_off", Math.abs(this.contact?.clockOffset ?? 0) > CLOCK_OFF],
      ["quarantine", nApart > 0],
      ["storage_tight", storage === "tight"],
      ["papers_missing", Boolean(this.standing) && !(this.point && this.questionnaire)],
      ["refused", !isKnown],
    ];
    return holds.filter(([, isSo]) => isSo).map(([code]) => code);
  }

  /**
   * Send what is sealed and wait for the answer.
   *
   * Raises DeviceProblem: "offline", "unavailable", "too_many" or the server's own code.
   * @returns {Promise<void>}
   */
  async sendNow() {
    await this.sender.sendNow();
  }

  /**
   * Return what is not yet sent as a file for staff. It is not encrypted: it holds what citizens
   * typed into ratings that the server does not have yet, and nothing else.
   * @returns {Promise<Blob>}
   */
  async exportQueue() {
    const counts = await this.store.counts();
    const said = {
      protocol: PROTOCOL,
      device: this.standing?.id ?? null,
      exported_at: this.now(),
      items: await this.store.queue(),
      quarantine: counts.quarantine,
    };
    return new Blob([JSON.stringify(said)], { type: "application/json" });
  }

  /** Seal the drafts of tabs that are gone, with their main answers kept. */
  async tend() {
    const { keys } = this;
    if (!keys) return;
    for (const row of await this.store.drafts()) {
      if (row.tab === this.tab) continue;
      await navigator.locks.request(lockOf(row.tab), { ifAvailable: true }, async (lock) => {
        if (lock) await sealLeft(this.store, keys, row);
      });
    }
  }

  async #changed() {
    this.channel.postMessage("changed");
    await this.load();
    this.#tell();
  }

  #tell() {
    for (const callback of this.listeners) callback();
  }
}

/**
 * @param {Store} store
 * @param {CryptoKeyPair} keys
 * @param {DraftRow} row
 */
async function sealLeft(store, keys, row) {
  const draft = new Draft(row, "", { store, keys, pattern: "", question: "", ended: () => undefined });
  await draft.seal();
}

/**
 * @param {number[]} values
 * @returns {number[]} each once, in ascending order
 */
export function ordered(values) {
  return [...new Set(values)].sort((one, other) => one - other);
}

/**
 * @param {string} version
 * @returns {Promise<boolean>} whether the page opens without a network
 */
async function isShellCached(version) {
  return Boolean(navigator.serviceWorker?.controller) && (await caches.has(`shell-${version}`));
}
