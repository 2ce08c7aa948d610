// Keeps the shell of one version, so that the page opens without a network. The server puts
// `self.SHELL = {version, page, base, files}` in front of this file.

/** @typedef {{version: string, page: string, base: string, files: string[]}} Shell */

const worker = /** @type {any} */ (self);
/** @type {Shell} */
const shell = worker.SHELL;
const NAME = `shell-${shell.version}`;

worker.addEventListener("install", (/** @type {any} */ event) => {
  // All or nothing: a server that has another version by now has none of these files.
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(shell.files.map((path) => new Request(shell.base + path, { cache: "reload" })))),
  );
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

// The page says so when nobody is using it.
worker.addEventListener("message", (/** @type {any} */ event) => {
  if (event.data === "activate") worker.skipWaiting();
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { method, mode, url } = event.request;
  const { pathname } = new URL(url);
  const isPage = mode === "navigate" && pathname === shell.page;
  if (method !== "GET" || !(isPage || pathname.startsWith(shell.base))) return;
  event.respondWith(kept(event.request, isPage));
});

/**
 * @param {Request} request
 * @param {boolean} isPage
 * @returns {Promise<Response>}
 */
async function kept(request, isPage) {
  const cache = await caches.open(NAME);
  const found = await cache.match(isPage ? `${shell.base}shell.html` : request);
  return found ?? (await fetch(request));
}
