// What live pages share: a followed state that survives a cut line, and requests that say what
// went wrong. No page needs anything from another address.

import { serverTime, setClock, timeOf } from "./clock.js";
import { Line } from "./line.js";

export { serverTime, timeOf } from "./clock.js";

const BEAT_MS = 15_000;
const SILENCE_MS = 2.5 * BEAT_MS;
const POLL_MS = 5_000;

export const language = document.documentElement.lang;

export function texts() {
  return JSON.parse(document.getElementById("texts").textContent);
}

export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function isThere(value) {
  return value !== null && value !== undefined;
}

/** Build an element: make("p", {class: "quiet"}, "text", child). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && isThere(value)) element.setAttribute(name, value);
  }
  element.append(...children.filter(isThere));
  return element;
}

/** What the service refused, in the page's language. */
export class Refusal extends Error {
  constructor(problem, status, after) {
    super(problem.what[language]);
    this.mend = problem.mend[language];
    this.code = problem.code;
    this.status = status;
    this.after = after; // seconds, after which the same may be asked again; NaN if never
  }
}

export async function ask(method, path, body) {
  const csrf = document.body.dataset.csrf;
  const headers = { ...(csrf && { "X-CSRF-Token": csrf }) };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  setClock(Date.parse(answer.headers.get("Date")), { coarse: true });
  if (answer.status === 204) return null;
  const content = await answer.json();
  if (!answer.ok) {
    throw new Refusal(content, answer.status, Number.parseInt(answer.headers.get("Retry-After")));
  }
  return content;
}

/** Show an error where the page keeps its faults; a cut line gets the page's own words. */
export function complain(error) {
  const place = document.getElementById("fault");
  const [what, mend] = error instanceof Refusal
    ? [error.message, error.mend]
    : [place.dataset.away, place.dataset.awayMend];
  place.replaceChildren(make("p", {}, make("strong", {}, what), make("br"), mend));
  place.hidden = false;
}

export function quiet() {
  document.getElementById("fault").hidden = true;
}

const offline = document.getElementById("offline");
let offlineSince = null;
let reason = ""; // what the service itself says is wrong, where it still answers

/** Whether what is shown is fresh; `error` is what the last question met, if one was asked. */
export function lineIs(good, error) {
  if (good) [offlineSince, reason] = [null, ""];
  else offlineSince ??= serverTime();
  if (error) reason = error instanceof Refusal ? `${error.message} ` : "";
  offline.hidden = good;
  if (!good) {
    const said = reason + filled(offline.dataset.text, { time: timeOf(offlineSince) });
    if (offline.textContent !== said) offline.textContent = said;
  }
}

/**
 * Follow a state: the whole of it at once and again at every change, by a stream; by asking for it
 * while the stream is cut. `onState` gets each state; `onSignedOut` when the session has ended.
 */
export function follow({ stream, poll, onState, onSignedOut }) {
  let heard = performance.now();

  function show(state) {
    setClock(Date.parse(state.now));
    onState(state);
  }

  const line = new Line(stream, document.body.dataset.csrf ?? "", (event, data) => {
    switch (event) {
      case "state":
        heard = performance.now();
        lineIs(true);
        show(data);
        break;
      case "beat":
        heard = performance.now();
        setClock(Date.parse(data.now));
        lineIs(data.fresh);
        break;
      case "signed-out":
        onSignedOut?.();
        break;
      default:
        lineIs(false);
    }
  });

  async function lookAfter() {
    const silent = performance.now() - heard > SILENCE_MS;
    // While it is said that the line is cut, ask why, also where it holds and brings what is old.
    if (!line.open || silent || offlineSince !== null) {
      try {
        show(await ask("GET", poll));
        lineIs(true);
        if (line.closed || silent) {
          heard = performance.now();
          line.renew();
        }
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) onSignedOut?.();
        lineIs(false, error);
      }
    }
    setTimeout(lookAfter, POLL_MS);
  }

  setTimeout(lookAfter, POLL_MS);
}
