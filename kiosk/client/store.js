// What the device keeps, in IndexedDB. Every change is one transaction with strict durability: it
// is on disk when its promise resolves.

import { DeviceProblem } from "./problem.js";

/** @import {Contact, DraftRow, Gap, Item, Outage, Outcome, Place, QuarantineRow, QuestionnairePaper, Reply, SentRow} from "./types.d.ts" */

const NAME = "hai-long-kiosk";
const VERSION = 1;
const SEVEN_DAYS = 7 * 24 * 3_600_000;
const STORED = ["accepted", "already", "set_aside"];
/** A refusal of these kinds leaves the counter free at the server. */
const NOT_READ = ["signature", "malformed"];
/** @typedef {"kept" | "papers" | "drafts" | "queue" | "sent" | "quarantine"} StoreName */
/** @type {StoreName[]} */
const STORES = ["kept", "papers", "drafts", "queue", "sent", "quarantine"];

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(problem(request.error));
  });
}

/** @param {unknown} error */
function problem(error) {
  return new DeviceProblem("storage", `The device's storage failed: ${error}`);
}

/**
 * Open the device's storage; its rows are carried over from one version of the shell to the next.
 * @param {string} [name]
 * @returns {Promise<Store>}
 */
export async function openStore(name = NAME) {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    const database = request.result;
    database.createObjectStore("kept");
    database.createObjectStore("papers", { keyPath: "sha256" });
    database.createObjectStore("drafts", { keyPath: "id" });
    for (const each of ["queue", "sent", "quarantine"]) {
      database.createObjectStore(each, { keyPath: "counter" });
    }
  };
  const database = await done(request);
  database.onversionchange = () => database.close();
  return new Store(database);
}

export class Store {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /**
   * Run one transaction; `work` may await nothing but requests of it.
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {StoreName[]} names
   * @param {(stores: Record<StoreName, IDBObjectStore>) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(mode, names, work) {
    const transaction = this.database.transaction(names, mode, { durability: "strict" });
    const stores = /** @type {Record<StoreName, IDBObjectStore>} */ (
      Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]))
    );
    /** @type {Promise<void>} */
    const committed = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(problem(transaction.error));
    });
    committed.catch(() => undefined); // an error of the work itself is told instead
    let result;
    try {
      result = await work(stores);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // it is over already
      }
      throw error instanceof DeviceProblem ? error : problem(error);
    }
    await committed;
    return result;
  }

  /**
   * @param {string} key
   * @returns {Promise<any>} what is kept under a key, else undefined
   */
  async get(key) {
    return await this.run("readonly", ["kept"], ({ kept }) => done(kept.get(key)));
  }

  /**
   * @param {Record<string, unknown>} values
   * @returns {Promise<void>}
   */
  async keep(values) {
    await this.run("readwrite", ["kept"], async ({ kept }) => {
      await Promise.all(Object.entries(values).map(([key, value]) => done(kept.put(value, key))));
    });
  }

  /**
   * @returns {Promise<Place | null>} where the device stands, as it was last taken over
   */
  async place() {
    return (await this.get("place")) ?? null;
  }

  /**
   * @param {string} sha256
   * @returns {Promise<QuestionnairePaper | undefined>}
   */
  async paper(sha256) {
    return await this.run("readonly", ["papers"], ({ papers }) => done(papers.get(sha256)));
  }

  /**
   * Take over where the device stands and what it asks there, in one step.
   * @param {Place} place
   * @returns {Promise<void>}
   */
  async keepPlace(place) {
    await this.run("readwrite", ["kept", "papers"], async ({ kept, papers }) => {
      if (place.questionnaire) await done(papers.put(place.questionnaire));
      await done(kept.put(place, "place"));
    });
  }

  /**
   * Take the server's word for the next counter, unless this device is further.
   * @param {number} next
   * @returns {Promise<void>}
   */
  async reach(next) {
    await this.run("readwrite", ["kept"], async ({ kept }) => {
      const known = (await done(kept.get("next"))) ?? 1;
      await done(kept.put(Math.max(known, next), "next"));
    });
  }

  /**
   * Give a draft the next counter and keep both.
   * @param {DraftRow} draft
   * @returns {Promise<DraftRow>}
   */
  async begin(draft) {
    return await this.run("readwrite", ["kept", "drafts"], async ({ kept, drafts }) => {
      const counter = (await done(kept.get("next"))) ?? 1;
      const row = { ...draft, counter };
      await done(kept.put(counter + 1, "next"));
      await done(drafts.add(row));
      return row;
    });
  }

  /**
   * Keep a draft's new state, unless it was sealed meanwhile.
   * @param {DraftRow} draft
   * @returns {Promise<boolean>} whether it was still open
   */
  async change(draft) {
    return await this.run("readwrite", ["drafts"], async ({ drafts }) => {
      if ((await done(drafts.get(draft.id))) === undefined) return false;
      await done(drafts.put(draft));
      return true;
    });
  }

  /**
   * Put a sealed item into the queue in place of its draft, once.
   * @param {string} id
   * @param {Item} item
   * @returns {Promise<boolean>} false where somebody else has sealed it
   */
  async seal(id, item) {
    return await this.run("readwrite", ["drafts", "queue"], async ({ drafts, queue }) => {
      if ((await done(drafts.get(id))) === undefined) return false;
      await done(drafts.delete(id));
      await done(queue.add(item));
      return true;
    });
  }

  /** @returns {Promise<DraftRow[]>} */
  async drafts() {
    return await this.run("readonly", ["drafts"], ({ drafts }) => done(drafts.getAll()));
  }

  /**
   * @param {number} [most]
   * @returns {Promise<Item[]>} the oldest items of the queue
   */
  async queue(most) {
    return await this.run("readonly", ["queue"], ({ queue }) => done(queue.getAll(null, most)));
  }

  /** @returns {Promise<{queue: number, sent: number, drafts: number, next: number, quarantine: QuarantineRow[]}>} */
  async counts() {
    return await this.run("readonly", STORES, async (stores) => ({
      queue: await done(stores.queue.count()),
      sent: await done(stores.sent.count()),
      drafts: await done(stores.drafts.count()),
      next: (await done(stores.kept.get("next"))) ?? 1,
      quarantine: await done(stores.quarantine.getAll()),
    }));
  }

  /**
   * Return those gaps in the server's counters of which this device does not hold all: what it holds
   * is still on its way, or stands apart already.
   * @param {Gap[]} gaps
   * @returns {Promise<Gap[]>}
   */
  async lost(gaps) {
    return await this.run("readonly", ["drafts", "queue", "quarantine"], async (stores) => {
      const open = await done(stores.drafts.getAll());
      const found = [];
      for (const [first, last] of gaps) {
        const range = IDBKeyRange.bound(first, last);
        const isOpen = (/** @type {DraftRow} */ { counter }) => first <= counter && counter <= last;
        const held = (await done(stores.queue.count(range))) + (await done(stores.quarantine.count(range)));
        if (held + open.filter(isOpen).length <= last - first) found.push(/** @type {Gap} */ ([first, last]));
      }
      return found;
    });
  }

  /**
   * Remember that nothing could be handed in: since when, how often, and the server's last word.
   * @param {string} code  "offline" where no answer came; it takes the place of no word of the server
   * @param {number} at
   * @returns {Promise<void>}
   */
  async failed(code, at) {
    await this.run("readwrite", ["kept"], async ({ kept }) => {
      /** @type {Outage} */
      const known = (await done(kept.get("outage"))) ?? { since: at, times: 0, code };
      const told = code === "offline" ? known.code : code;
      await done(kept.put({ ...known, times: known.times + 1, code: told }, "outage"));
    });
  }

  /**
   * Put items apart that the server will not take, so that they hold up no others.
   * @param {{item: Item, code: string, detail: string}[]} refused
   * @param {number} at
   * @returns {Promise<void>}
   */
  async quarantine(refused, at) {
    await this.run("readwrite", ["queue", "quarantine"], async (stores) => {
      for (const { item, code, detail } of refused) {
        await done(stores.queue.delete(item.counter));
        await done(stores.quarantine.put({ counter: item.counter, at, code, detail, item }));
      }
    });
  }

  /**
   * Do what the server's answer to a batch says: forget, put apart, send again.
   *
   * What was acknowledged stays for seven days of the server's time. Where the server knows less
   * than it acknowledged, it was restored from a backup: that goes back into the queue, unless it
   * was queued again in this round already (`again`), which would go round for ever.
   * @param {Item[]} items
   * @param {Reply} reply
   * @param {Contact} contact
   * @param {Set<number>} again
   * @returns {Promise<number>} how many items have to be sent again
   */
  async settle(items, reply, contact, again) {
    return await this.run("readwrite", ["kept", "queue", "sent", "quarantine"], async (stores) => {
      for (const [index, item] of items.entries()) {
        const outcome = /** @type {Outcome} */ (reply.outcomes[index]);
        await done(stores.queue.delete(item.counter));
        await (STORED.includes(outcome.status)
          ? done(stores.sent.put({ counter: item.counter, at: reply.server_time, item }))
          : done(stores.quarantine.put(apart(item, outcome, reply.server_time))));
      }
      await done(stores.kept.put(contact, "contact"));
      await done(stores.kept.delete("outage"));
      /** @type {(SentRow | QuarantineRow)[]} */
      const stored = await done(stores.sent.getAll());
      for (const row of stored) {
        if (reply.server_time - row.at > SEVEN_DAYS) await done(stores.sent.delete(row.counter));
      }
      /** @type {QuarantineRow[]} */
      const refused = await done(stores.quarantine.getAll());
      const read = refused.filter((row) => !NOT_READ.includes(row.code));
      const gone = [...stored, ...read].filter(
        (row) => isUnknown(row.counter, reply.counters) && !again.has(row.counter),
      );
      for (const { counter, item } of gone) {
        again.add(counter);
        await done(stores.sent.delete(counter));
        await done(stores.quarantine.delete(counter));
        await done(stores.queue.put(item));
      }
      return gone.length;
    });
  }
}

/**
 * @param {Item} item
 * @param {Outcome} outcome
 * @param {number} at
 * @returns {QuarantineRow}
 */
function apart(item, outcome, at) {
  return { counter: item.counter, at, code: outcome.code, detail: outcome.detail, item };
}

/**
 * @param {number} counter
 * @param {Reply["counters"]} counters
 */
function isUnknown(counter, counters) {
  const isMissing = counters.missing.some(([first, last]) => first <= counter && counter <= last);
  return counter > counters.highest || isMissing;
}
