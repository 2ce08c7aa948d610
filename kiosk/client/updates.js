// New versions of the shell: fetched in the background, taken when nobody is using the device.
//
// The queue is carried over unchanged: it holds sealed items in a store that no version of the
// shell rewrites.

const LOOK = 3_600_000;
const WORKER = "service-worker.js";

export class Updates {
  constructor() {
    /** @type {ServiceWorkerRegistration | null} */
    this.registration = null;
    this.isResting = false;
    this.isReloading = false;
  }

  /** Register the service worker and look for a new version from time to time. */
  async start() {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    let hasShell = serviceWorker.controller !== null;
    serviceWorker.addEventListener("controllerchange", () => {
      // the first one after the first visit only says that this very version is kept now
      if (hasShell) this.#reload();
      hasShell = true;
    });
    try {
      this.registration = await serviceWorker.register(WORKER, { updateViaCache: "none" });
    } catch {
      return; // no network on the first visit: nothing is cached yet either
    }
    this.registration.addEventListener("updatefound", () => this.#watch());
    this.#watch();
    setInterval(() => this.look(), LOOK);
  }

  /**
   * Ask the server for a new version; without a network nothing happens.
   * @returns {Promise<void>}
   */
  async look() {
    await this.registration?.update().catch(() => undefined);
  }

  /** Say that nobody is using the device. */
  rest() {
    this.isResting = true;
    this.#take();
  }

  /** Say that somebody is using it. */
  wake() {
    this.isResting = false;
  }

  #watch() {
    const coming = this.registration?.installing;
    coming?.addEventListener("statechange", () => this.#take());
    this.#take();
  }

  #take() {
    if (!this.isResting || !navigator.serviceWorker?.controller) return;
    this.registration?.waiting?.postMessage("activate");
  }

  #reload() {
    // another tab may have taken the new version while somebody rates here: the old page is whole
    if (!this.isResting || this.isReloading) return;
    this.isReloading = true;
    location.reload();
  }
}
