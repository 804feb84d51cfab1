// What time it is, by the service: the clock of the machine before us may be wrong by minutes or by
// a day. Between two words of the service our own stopwatch goes on, which no clock changes.

const GRAIN_MS = 2_000; // of a time that is told in whole seconds, and of its way here

const wall = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "Asia/Bangkok",
});
let told = null; // { time, at }: the service's time, and what our stopwatch showed when it came

/** Milliseconds since 1970. Before the service has said anything, this machine's own. */
export function serverTime() {
  return told === null ? Date.now() : told.time + performance.now() - told.at;
}

/** The service said what time it is. A time in whole seconds only mends what is farther off. */
export function setClock(time, { coarse = false } = {}) {
  if (Number.isNaN(time)) return;
  if (coarse && told !== null && Math.abs(time - serverTime()) <= GRAIN_MS) return;
  told = { time, at: performance.now() };
}

/** The time of day on the office's wall. */
export const timeOf = (moment) => wall.format(new Date(moment));
