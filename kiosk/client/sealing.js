// What a device signs, byte for byte as docs/devices.md says it.

/** @import {Body, DraftRow, Item} from "./types.d.ts" */

export const PROTOCOL = 1;
export const MAX_COMMENT = 2000;
const SALT_BYTES = 16;
const MAX_CODE = 64;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };
/** Controls, surrogates, private use, and what never will be a character. */
const UNWRITTEN = /[\p{Cc}\p{Cs}\p{Co}\p{Noncharacter_Code_Point}]/u;
const encoder = new TextEncoder();

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * Return canonical JSON (RFC 8785) of objects, lists, texts, booleans and whole numbers.
 * @param {unknown} value
 * @returns {string}
 */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const pairs = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${pairs.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/**
 * @param {string} text
 * @returns {Bytes} its UTF-8
 */
export function bytes(text) {
  return encoder.encode(text);
}

/**
 * @param {Uint8Array} data
 * @returns {string} base64url without padding
 */
export function base64url(data) {
  const plain = btoa(String.fromCharCode(...data));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @param {Uint8Array} data
 * @returns {string}
 */
function hex(data) {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {Bytes} data
 * @returns {Promise<Bytes>}
 */
async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/**
 * Make a key pair whose private half nobody can take out.
 * @returns {Promise<CryptoKeyPair>}
 */
export async function newKeys() {
  return await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

/**
 * @param {CryptoKeyPair} keys
 * @returns {Promise<{kty: string, crv: string, x: string, y: string}>} the public half as JWK
 */
export async function publicKey(keys) {
  const { kty = "", crv = "", x = "", y = "" } = await crypto.subtle.exportKey("jwk", keys.publicKey);
  return { kty, crv, x, y };
}

/**
 * @param {CryptoKeyPair} keys
 * @param {Bytes} data
 * @returns {Promise<string>} r and s, 32 bytes each, base64url
 */
export async function sign(keys, data) {
  return base64url(new Uint8Array(await crypto.subtle.sign(SIGNED, keys.privateKey, data)));
}

/**
 * Return the first 65 bits of SHA-256 of a response's id in Crockford's base 32.
 * @param {string} id  a UUID
 * @returns {Promise<string>} 13 characters
 */
export async function receiptCode(id) {
  const octets = id.replaceAll("-", "").match(/../g) ?? [];
  const digest = await sha256(Uint8Array.from(octets, (octet) => parseInt(octet, 16)));
  const bits = BigInt(`0x${hex(digest.slice(0, 9))}`) >> 7n;
  const digits = Array.from({ length: 13 }, (_, place) => Number((bits >> BigInt(60 - 5 * place)) & 31n));
  return digits.map((digit) => CROCKFORD[digit]).join("");
}

/**
 * Return SHA-256(salt ‖ text), which binds to the text without telling it, and the salt.
 * @param {string} text
 * @returns {Promise<{digest: string, salt: string}>} digest in hexadecimal, salt in base64url
 */
async function commitment(text) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const data = bytes(text);
  const joined = new Uint8Array(salt.length + data.length);
  joined.set(salt);
  joined.set(data, salt.length);
  return { digest: hex(await sha256(joined)), salt: base64url(salt) };
}

/**
 * Return a comment as the server takes it: composed, trimmed, no control characters but line breaks.
 * @param {string} text
 * @returns {string}
 */
export function cleanComment(text) {
  const lines = text.replace(/\r\n?/g, "\n").replaceAll("\t", " ");
  const kept = [...lines].filter((char) => char === "\n" || !UNWRITTEN.test(char));
  return [...kept.join("").normalize("NFC").trim()].slice(0, MAX_COMMENT).join("").trim();
}

/**
 * Return a dossier code in normal form, or null where it has not the city's shape.
 * @param {string} text
 * @param {string} pattern  a regular expression for the whole code
 * @returns {string | null}
 */
export function dossierCode(text, pattern) {
  const code = text.normalize("NFC").replace(/\s+/gu, "").toUpperCase();
  if (!code || code.length > MAX_CODE) return null;
  try {
    return new RegExp(`^(?:${pattern})$`).test(code) ? code : null;
  } catch {
    return null;
  }
}

/**
 * Seal a draft: the item is what goes to the server, signed over all but what was typed.
 * @param {CryptoKeyPair} keys
 * @param {DraftRow} draft
 * @returns {Promise<Item>}
 */
export async function sealDraft(keys, draft) {
  const comment = draft.comment ? await commitment(draft.comment) : null;
  const dossier = draft.dossierCode ? await commitment(draft.dossierCode) : null;
  /** @type {Body} */
  const body = {
    version: 1,
    id: draft.id,
    questionnaire: draft.questionnaire,
    receiving_unit: draft.receiving_unit,
    resolving_unit: "unknown",
    field: draft.field,
    point: draft.point,
    source: "own",
    channel: draft.kind,
    holder: draft.holder,
    assurance: dossier ? "claimed" : "open",
    occasion: "unknown",
    language: draft.language,
    answered_at: Math.floor(draft.answered_at / 1000),
    service_on: "",
    dossier: "",
    answers: draft.answers,
    comment: comment?.digest ?? "",
  };
  const signed = { body, dossier: dossier?.digest ?? "" };
  /** @type {Item} */
  const item = { counter: draft.counter, signature: await signItem(keys, draft, signed), ...signed };
  if (comment) Object.assign(item, { comment: draft.comment, comment_salt: comment.salt });
  if (dossier) Object.assign(item, { dossier_code: draft.dossierCode, dossier_salt: dossier.salt });
  return item;
}

/**
 * Seal that a rating was taken back: its counter is used, its answer is gone.
 * @param {CryptoKeyPair} keys
 * @param {DraftRow} draft
 * @returns {Promise<Item>}
 */
export async function sealUndone(keys, draft) {
  const signed = { undone: draft.id };
  return { counter: draft.counter, signature: await signItem(keys, draft, signed), ...signed };
}

/**
 * @param {CryptoKeyPair} keys
 * @param {DraftRow} draft
 * @param {object} what
 * @returns {Promise<string>}
 */
async function signItem(keys, draft, what) {
  const head = { protocol: PROTOCOL, device: draft.device, counter: draft.counter };
  return await sign(keys, bytes(canonical({ ...head, ...what })));
}
