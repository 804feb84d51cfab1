// What live pages share: a followed state that survives a cut line, and requests that say what
// went wrong. No page needs anything from another address.

const BEAT_MS = 15_000;
const SILENCE_MS = 2.5 * BEAT_MS;
const POLL_MS = 5_000;

export const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", timeZone: "Asia/Bangkok",
});

export const timeOf = (moment) => clock.format(new Date(moment));

export function texts() {
  return JSON.parse(document.getElementById("texts").textContent);
}

export function filled(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Build an element: make("p", {class: "quiet"}, "text", child). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
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
    method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
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
  else offlineSince ??= Date.now();
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
  let source = null;
  let heard = Date.now();

  function listen() {
    source?.close();
    source = new EventSource(stream);
    source.addEventListener("state", (event) => {
      heard = Date.now();
      lineIs(true);
      onState(JSON.parse(event.data));
    });
    source.addEventListener("beat", (event) => {
      heard = Date.now();
      lineIs(JSON.parse(event.data).fresh);
    });
    source.addEventListener("signed-out", () => { source.close(); onSignedOut?.(); });
    source.addEventListener("error", () => lineIs(false));
  }

  async function lookAfter() {
    const cut = source.readyState !== EventSource.OPEN || Date.now() - heard > SILENCE_MS
      || offlineSince !== null; // the line holds, and what it brings is old: ask why
    if (cut) {
      try {
        onState(await ask("GET", poll));
        lineIs(true);
        if (source.readyState === EventSource.CLOSED || Date.now() - heard > SILENCE_MS) {
          heard = Date.now();
          listen();
        }
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) onSignedOut?.();
        lineIs(false, error);
      }
    }
    setTimeout(lookAfter, POLL_MS);
  }

  listen();
  setTimeout(lookAfter, POLL_MS);
}
