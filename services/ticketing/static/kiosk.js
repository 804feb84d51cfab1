import { ask, complain, filled, language, lineIs, quiet, texts } from "./live.js";

const SHOWN_SECONDS = 30;
const IDLE_MS = 90_000;
const said = texts();
const by = (id) => document.getElementById(id);
let countdown = null;
let idle = null;

function people(n) {
  if (n === 0) return said.nobody;
  return n === 1 ? said.person : filled(said.people, { n });
}

function show(ticket) {
  by("number").textContent = ticket.ticket;
  by("service").textContent = ticket.service.name[language];
  by("ahead").textContent = people(ticket.people_ahead);
  by("estimate").textContent = ticket.estimate?.text[language] ?? said.unknown;
  by("code").hidden = ticket.qr === null;
  if (ticket.qr !== null) {
    by("qr").innerHTML = ticket.qr;
    by("qr").firstElementChild.setAttribute("role", "img");
    by("qr").firstElementChild.setAttribute("aria-label", said.qr);
    by("ticket-link").href = ticket.ticket_url;
    by("rating-note").hidden = ticket.rating_url === null;
  }
  by("choose").hidden = true;
  by("ticket").hidden = false;
  by("ticket").focus();
  scrollTo(0, 0);
  count(SHOWN_SECONDS);
}

function count(seconds) {
  by("countdown").textContent = `(${seconds})`;
  countdown = seconds === 0 ? again() : setTimeout(count, 1000, seconds - 1);
}

function again() {
  clearTimeout(countdown);
  by("priority").checked = false;
  // The next visitor begins in Thai, whatever this one chose.
  if (language === "th") {
    by("ticket").hidden = true;
    by("choose").hidden = false;
    document.querySelector(".service").focus({ preventScroll: true });
  } else {
    location.assign("/kiosk?lang=th");
  }
}

async function take(button) {
  const buttons = document.querySelectorAll(".service");
  buttons.forEach((one) => { one.disabled = true; });
  quiet();
  try {
    const visitor_class = by("priority").checked ? "priority" : "normal";
    show(await ask("POST", "/api/tickets", { service: button.dataset.service, visitor_class }));
    lineIs(true);
  } catch (error) {
    complain(error);
    by("fault").scrollIntoView({ block: "center" });
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
  }
}

function wake() {
  clearTimeout(idle);
  idle = setTimeout(() => {
    if (by("ticket").hidden && (language !== "th" || by("priority").checked)) again();
    quiet();
  }, IDLE_MS);
}

for (const button of document.querySelectorAll(".service")) {
  button.addEventListener("click", () => take(button));
}
by("done").addEventListener("click", again);
for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, wake);
addEventListener("offline", () => lineIs(false));
addEventListener("online", () => lineIs(true));
wake();
