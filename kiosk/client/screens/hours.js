// Opening hours, by the clocks of the city: a device may be set to another time zone.

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @typedef {[string, string][][] | null | undefined} Week  Monday first; none: always open */

/**
 * @param {Week} week
 * @param {number} at  milliseconds
 * @param {string | undefined} zone  the city's time zone, by its IANA name
 * @returns {boolean}
 */
export function isOpen(week, at, zone) {
  if (!week) return true;
  const { day, time } = parts(at, zone);
  return (week[day] ?? []).some(([from, to]) => from <= time && time < to);
}

/**
 * Return when it opens next: days from now (0: today) and "HH:MM"; null where it never does.
 * @param {Week} week
 * @param {number} at  milliseconds
 * @param {string | undefined} zone
 * @returns {{inDays: number, time: string} | null}
 */
export function opensNext(week, at, zone) {
  const { day, time } = parts(at, zone);
  for (let inDays = 0; inDays <= 7; inDays += 1) {
    const later = (week?.[(day + inDays) % 7] ?? []).map(([from]) => from).filter((from) => inDays > 0 || from > time);
    const first = later.sort()[0];
    if (first) return { inDays, time: first };
  }
  return null;
}

/**
 * @param {number} at
 * @param {string | undefined} zone
 * @returns {{day: number, time: string}} Monday is 0
 */
function parts(at, zone) {
  const style = /** @type {const} */ ({ weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const found = new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone }).formatToParts(at);
  const said = Object.fromEntries(found.map(({ type, value }) => [type, value]));
  return { day: DAYS.indexOf(said["weekday"] ?? ""), time: `${said["hour"]}:${said["minute"]}` };
}
