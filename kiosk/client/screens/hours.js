// Opening hours, by the device's own clock put right by the server's.

/** @typedef {[string, string][][] | null | undefined} Week  Monday first; none: always open */

/**
 * @param {Week} week
 * @param {number} at  milliseconds
 * @returns {boolean}
 */
export function isOpen(week, at) {
  if (!week) return true;
  const { day, time } = parts(at);
  return (week[day] ?? []).some(([from, to]) => from <= time && time < to);
}

/**
 * Return when it opens next: days from now (0: today) and "HH:MM"; null where it never does.
 * @param {Week} week
 * @param {number} at  milliseconds
 * @returns {{inDays: number, time: string} | null}
 */
export function opensNext(week, at) {
  const { day, time } = parts(at);
  for (let inDays = 0; inDays <= 7; inDays += 1) {
    const later = (week?.[(day + inDays) % 7] ?? []).map(([from]) => from).filter((from) => inDays > 0 || from > time);
    const first = later.sort()[0];
    if (first) return { inDays, time: first };
  }
  return null;
}

/** @param {number} at */
function parts(at) {
  const date = new Date(at);
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return { day: (date.getDay() + 6) % 7, time: `${two(date.getHours())}:${two(date.getMinutes())}` };
}
