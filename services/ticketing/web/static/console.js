import {
  ask,
  complain,
  filled,
  follow,
  language,
  make,
  quiet,
  serverTime,
  texts,
  timeOf,
} from "./live.js";
import { showNotices } from "./notices.js";

const said = texts();
const by = (id) => document.getElementById(id);
const serviceName = (code) => said.services[code]?.[language] ?? code;
let state = null;
let line = Promise.resolve(); // what was asked last, and the queue after it

const ofLogin = () => state?.counters.find((counter) => counter.clerk === said.staff) ?? null;
/** The counter of this login at this desk; one that nobody said a desk of is at any. */
function mine() {
  const counter = ofLogin();
  return counter !== null && [null, said.desk].includes(counter.desk) ? counter : null;
}

/** One request at a time; what comes back is shown by the live queue, not guessed here. */
function act(method, path, body) {
  const answer = send(method, path, body);
  line = answer.then(async () => show(await ask("GET", "/api/queue").catch(() => state)));
  return answer;
}

async function send(method, path, body) {
  try {
    const answer = await ask(method, path, body);
    quiet();
    return answer ?? true;
  } catch (error) {
    complain(error);
    return null;
  }
}

const counterPath = (what) => `/api/counters/${mine().counter}/${what}`;
const atCounter = (what) => act("POST", counterPath(what), { visit: mine().visitor.visit });

async function callNext() {
  const called = await act("POST", counterPath("call-next"));
  if (called?.ticket) {
    by("said").textContent = filled(said.said, {
      ticket: called.ticket,
      why: called.why[language],
    });
  }
}

async function noShow() {
  const { counter, visitor } = mine();
  by("ending-text").textContent = filled(
    said.no_show,
    { ticket: visitor.ticket, n: visitor.calls, counter },
  );
  if (await answerOf(by("ending")) === "yes") await atCounter("no-show");
}

function answerOf(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}

async function choose(waiting) {
  by("chosen-title").textContent = waiting.ticket;
  by("chosen-why").textContent = waiting.why[language];
  // Nothing is chosen beforehand: a default would become the reason of most.
  by("reason").value = "";
  by("leaving").open = false;
  for (const one of leaving()) one.checked = false;
  allow();
  const answer = await answerOf(by("chosen"));
  if (answer === "call") {
    await act("POST", counterPath("call"), { visit: waiting.visit, reason: by("reason").value });
  } else if (answer === "withdraw") {
    const { value } = leaving().find((one) => one.checked);
    await act("POST", `/api/visits/${waiting.visit}/withdraw`, { outcome: value });
  }
}

const leaving = () => [...document.querySelectorAll("input[name=leaving]")];

/** Whoever is called before others is called for a reason, and nobody goes without one. */
function allow() {
  const free = mine() !== null && mine().visitor === null;
  by("calling").hidden = by("chosen-call").hidden = !free;
  by("chosen-call").disabled = !free || by("reason").value === "";
  by("chosen-withdraw").disabled = !leaving().some((one) => one.checked);
}

/** Since when somebody waits, as people say it. */
function waited(since) {
  const n = Math.max(0, Math.floor((serverTime() - Date.parse(since)) / 60_000));
  return n < 60
    ? filled(said.waited, { n })
    : filled(said.waited_hours, { h: Math.floor(n / 60), n: n % 60 });
}

function row(waiting) {
  return make(
    "li",
    {},
    make(
      "button",
      {
        type: "button",
        class: "queue-row",
        onclick: () => choose(waiting),
        "aria-label": filled(said.choose, { ticket: waiting.ticket }),
        "data-visit": waiting.visit,
      },
      make("strong", {}, waiting.ticket),
      make("span", { class: "queue-service" }, serviceName(waiting.service)),
      make("span", { class: "quiet numeric" }, waited(waiting.queued_at)),
      waiting.visitor_class === "normal"
        ? null
        : make("span", { class: "tag care" }, said[waiting.visitor_class]),
    ),
  );
}

function showVisitor(visitor) {
  const serving = visitor.state === "serving";
  by("visitor-ticket").textContent = visitor.ticket;
  by("visitor-state").textContent = serving ? said.serving : said.called;
  by("visitor-state").classList.toggle("good", serving);
  by("visitor-service").textContent = serviceName(visitor.service);
  const calls = visitor.calls === 1 ? said.called_once : filled(said.calls, { n: visitor.calls });
  const since = filled(said.since, { time: timeOf(visitor.started_at ?? visitor.called_at) });
  by("visitor-since").textContent = serving ? since : `${calls} · ${since}`;
  by("start").hidden = by("recall").hidden = by("no-show").hidden = serving;
  by("end").hidden = !serving;
}

function showNext(next) {
  by("next").hidden = next === null;
  by("nobody").hidden = next !== null;
  by("call-next").disabled = next === null;
  if (next === null) return;
  by("next-ticket").textContent = next.ticket;
  by("next-service").textContent = serviceName(next.service);
  by("next-why").textContent = next.why[language];
  by("next-class").hidden = next.visitor_class === "normal";
  by("next-class").textContent = said[next.visitor_class] ?? "";
}

function show(newer) {
  state = newer;
  if (state === null) return;
  showNotices(state.notices);
  by("odd").hidden = state.odd.length === 0;
  by("odd").replaceChildren(...state.odd.map((one) => make("li", {}, one.text[language])));
  const counter = mine();
  const elsewhere = counter === null ? ofLogin() : null;
  by("no-day").hidden = state.day !== null;
  by("forgotten").hidden = state.forgotten === null;
  if (state.forgotten !== null) {
    by("forgotten").firstElementChild.textContent = filled(
      by("forgotten").dataset.text,
      { day: state.forgotten[language] },
    );
  }
  by("elsewhere").hidden = elsewhere === null;
  if (elsewhere) by("elsewhere-title").textContent = filled(said.counter, { n: elsewhere.counter });
  by("opening").hidden = state.day === null || counter !== null || elsewhere !== null;
  by("desk").hidden = counter === null;
  by("count").textContent = state.waiting.length;
  by("queue-empty").hidden = state.waiting.length > 0;
  showQueue();
  const taken = new Set(state.counters.map((one) => String(one.counter)));
  for (const option of by("counter").options) option.disabled = taken.has(option.value);
  const free = by("counter").options[by("counter").selectedIndex];
  if (!free || free.disabled) {
    by("counter").value = [...by("counter").options].find((one) => !one.disabled)?.value ?? "";
  }
  if (counter === null) return;
  by("desk-title").textContent = filled(said.counter, { n: counter.counter });
  by("close").disabled = counter.visitor !== null;
  by("visitor").hidden = counter.visitor === null;
  by("free").hidden = counter.visitor !== null;
  if (counter.visitor) showVisitor(counter.visitor);
  showNext(state.waiting[0] ?? null);
}

/** The list is built anew; whoever had the keyboard's focus keeps it. */
function showQueue() {
  const focused = document.activeElement?.dataset?.visit;
  by("queue").replaceChildren(...state.waiting.map(row));
  if (focused) document.querySelector(`[data-visit="${focused}"]`)?.focus();
}

async function issue(event) {
  event.preventDefault();
  const visitor_class = new FormData(event.target).get("class");
  const time = by("booked-time").value;
  const ticket = await act("POST", "/api/tickets", {
    service: by("issue-service").value,
    visitor_class,
    appointment: visitor_class === "appointment" && time ? `${state.today}T${time}:00+07:00` : null,
  });
  if (ticket) by("issued").textContent = filled(said.issued, { ticket: ticket.ticket });
}

const actions = {
  open: () => act("POST", `/api/counters/${by("counter").value}/open`),
  "take-over": () => act("POST", `/api/counters/${ofLogin().counter}/take-over`),
  close: () => act("POST", counterPath("close")),
  "call-next": callNext,
  start: () => atCounter("start"),
  end: () => atCounter("end"),
  recall: () => atCounter("recall"),
  "no-show": noShow,
};
const usable = (button) => button.offsetParent !== null && !button.disabled;
for (const [id, action] of Object.entries(actions)) {
  by(id).addEventListener("click", async () => {
    // A second press waits for the first, and counts only if the button is still there.
    await line;
    if (usable(by(id))) await action();
  });
}

// By the place of the key, so that they work while the keyboard is set to Thai.
const KEYS = { KeyN: "call-next", KeyS: "start", KeyE: "end", KeyR: "recall", KeyX: "no-show" };
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const id = KEYS[event.code];
  if (id === undefined) return;
  event.preventDefault();
  line.then(() => usable(by(id)) && by(id).click());
});

by("chosen").addEventListener("change", allow);
by("issue").addEventListener("submit", issue);
by("issue").addEventListener("change", () => {
  by("booked").hidden = new FormData(by("issue")).get("class") !== "appointment";
});
setInterval(() => state && showQueue(), 30_000);
follow({
  stream: "/api/queue/stream",
  poll: "/api/queue",
  onState: show,
  onSignedOut: () => location.assign("/sign-in?next=/console"),
});
