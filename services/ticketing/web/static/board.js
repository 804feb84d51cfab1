import { filled, follow, language, make, serverTime, timeOf } from "./live.js";

const SHOWN_MS = 8_000;
const ROWS = 8;
const by = (id) => document.getElementById(id);

let seen = null; // the newest announcement that was queued; null before the first state
const queue = [];
let announcing = false;

/** Every call is announced once and for its full time: a later one waits its turn. */
function announceNext() {
  const call = queue.shift();
  announcing = call !== undefined;
  by("announcement").dataset.active = String(announcing);
  if (!announcing) return;
  by("announced-ticket").textContent = call.ticket;
  by("announced-counter").textContent = call.counter;
  by("announcement").dataset.empty = "false";
  mark(call.ticket);
  setTimeout(announceNext, SHOWN_MS);
}

function mark(ticket) {
  for (const row of document.querySelectorAll("#calls tr")) {
    row.dataset.announced = String(row.dataset.ticket === ticket);
  }
}

function show(state) {
  const rows = state.calls.slice(0, ROWS).map((call) =>
    make(
      "tr",
      { "data-ticket": call.ticket, "data-serving": String(call.serving) },
      make("td", {}, call.ticket),
      make(
        "td",
        {},
        make("span", { class: "calls-to" }, by("calls").dataset.to),
        " ",
        String(call.counter),
      ),
    )
  );
  by("calls").replaceChildren(...rows);
  by("calls-empty").hidden = rows.length > 0 || state.day === null;
  by("waiting").textContent = state.waiting;
  by("closed").hidden = state.day !== null;
  by("date").textContent = state.today[language];
  by("forgotten").hidden = state.forgotten === null;
  if (state.forgotten !== null) {
    by("forgotten").textContent = filled(
      by("forgotten").dataset.text,
      { day: state.forgotten[language] },
    );
  }
  if (announcing) mark(by("announced-ticket").textContent);
  enqueue(state);
}

function enqueue(state) {
  const newest = state.announcements.at(-1)?.id ?? 0;
  if (seen === null) {
    // A board that was just switched on shows the last call, and does not repeat the day.
    const last = state.calls.find((call) => !call.serving);
    if (last && by("announcement").dataset.empty === "true") {
      by("announced-ticket").textContent = last.ticket;
      by("announced-counter").textContent = last.counter;
      by("announcement").dataset.empty = "false";
    }
  } else {
    queue.push(...state.announcements.filter((call) => call.id > seen));
    if (!announcing && queue.length > 0) announceNext();
  }
  seen = Math.max(seen ?? 0, newest);
}

function tick() {
  by("clock").textContent = timeOf(serverTime());
  setTimeout(tick, 1000);
}

tick();
follow({ stream: "/api/board/stream", poll: "/api/board", onState: show });
