/** Something that the device cannot do now, for the screens to put into words. */
export class DeviceProblem extends Error {
  /**
   * @param {string} code  "insecure", "storage", "offline", "unavailable", "code", "too_many",
   *   "papers", "enrolled", "not_ready", "revoked", "dossier_code" or "sealed"
   * @param {string} message  for staff and logs, in English
   * @param {number} [retryAfter]  seconds, where the server said so
   */
  constructor(code, message, retryAfter = 0) {
    super(message);
    this.name = "DeviceProblem";
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
