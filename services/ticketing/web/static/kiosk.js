import { ask, complain, filled, language, lineIs, quiet, Refusal, texts } from "./live.js";

const SHOWN_SECONDS = 30;
const IDLE_MS = 90_000;
const LOOK_MS = 10_000;
const TOO_FAST = 429;
const SERVER_FAULT = 500;
const TRIES = 20;
const said = texts();
const by = (id) => document.getElementById(id);
let countdown = null;
let idle = null;
// What this visitor asked for and was not yet answered. Asked again, it keeps its name, and so gets
// the ticket that may have been made for it already. It is forgotten when the kiosk goes back to
// its start: the next visitor's wish is another.
let unanswered = null;
let wanted = null; // the page to go to once the service is there again

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
  unanswered = null;
  by("priority").checked = false;
  // The next visitor begins in Thai, whatever this one chose.
  if (language === "th") begin();
  else goTo("/kiosk?lang=th");
}

function begin() {
  by("ticket").hidden = true;
  by("choose").hidden = false;
  document.querySelector(".service")?.focus({ preventScroll: true });
}

/** Another page of the kiosk, while the service is there: a browser's own error page would stay
 * for ever, with nobody to load the kiosk again. */
async function goTo(address) {
  if (await look()) {
    location.assign(address);
    return;
  }
  wanted = address;
  begin();
}

function wish(service) {
  const visitor_class = by("priority").checked ? "priority" : "normal";
  if (unanswered?.service !== service || unanswered.visitor_class !== visitor_class) {
    unanswered = { service, visitor_class, wish: newName() };
  }
  return unanswered;
}

// A random UUID. `crypto.randomUUID` is not there on a kiosk that reaches its service by http.
function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The ticket that was asked for. Where many are taken at once, it is asked for again, by the same
 * name, when the service says so; the visitor reads that it will come. A wish whose ticket was
 * called meanwhile is over: another is asked for. */
async function granted(asked, tries = TRIES) {
  try {
    return await ask("POST", "/api/tickets", asked);
  } catch (error) {
    if (!(error instanceof Refusal) || tries === 0) throw error;
    if (error.code === "wish_spent") {
      unanswered = { ...asked, wish: newName() };
      return granted(unanswered, tries - 1);
    }
    // Any other refusal is an answer: no ticket was made, and none will be for this wish.
    if (error.status !== TOO_FAST && error.status < SERVER_FAULT) unanswered = null;
    if (error.status !== TOO_FAST) throw error;
    complain(error);
    await new Promise((done) => {
      setTimeout(done, 1000 * (error.after || 1));
    });
    return granted(asked, tries - 1);
  }
}

async function take(button) {
  const buttons = document.querySelectorAll(".service");
  buttons.forEach((one) => {
    one.disabled = true;
  });
  quiet();
  try {
    show(await granted(wish(button.dataset.service)));
    quiet();
    unanswered = null;
    lineIs(true);
  } catch (error) {
    if (error.code === "no_open_day") await look();
    else {
      complain(error);
      by("fault").scrollIntoView({ block: "center" });
    }
  } finally {
    buttons.forEach((one) => {
      one.disabled = false;
    });
  }
}

/** Whether there are tickets now; services that can't be had are not offered. */
function stand(office) {
  by("away").hidden = true;
  by("closed").hidden = office.open;
  by("offer").hidden = !office.open;
  const { forgotten } = office;
  by("forgotten").textContent = forgotten === null
    ? ""
    : filled(by("forgotten").dataset.text, { day: forgotten[language] });
}

/** Nobody answers: nothing is offered that can't be had. A wish that is open keeps its name. */
function standAway() {
  quiet();
  by("away").hidden = false;
  by("closed").hidden = by("offer").hidden = true;
}

/** Whether the service is there. */
async function look() {
  try {
    stand(await ask("GET", "/api/office"));
    if (!by("offline").hidden) quiet(); // what was said while the line was cut
    lineIs(true);
    return true;
  } catch (error) {
    standAway();
    lineIs(false, error);
    return false;
  }
}

async function lookAgain() {
  const there = await look();
  if (there && wanted !== null && by("ticket").hidden) location.assign(wanted);
  setTimeout(lookAgain, LOOK_MS);
}

function wake() {
  clearTimeout(idle);
  idle = setTimeout(() => {
    unanswered = null;
    if (by("ticket").hidden && (language !== "th" || by("priority").checked)) again();
    quiet();
  }, IDLE_MS);
}

for (const button of document.querySelectorAll(".service")) {
  button.addEventListener("click", () => take(button));
  button.disabled = false; // from now on a touch is heard
}
for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goTo(link.href);
  });
}
by("done").addEventListener("click", again);
for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, wake);
addEventListener("offline", () => lineIs(false));
addEventListener("online", () => lineIs(true));
wake();
stand(JSON.parse(by("office").textContent));
setTimeout(lookAgain, LOOK_MS);
