// The form with the four scales: what was chosen, by whom it was touched, and how long it took.
import { newNumber, send } from "./answers.js";

export const form = document.getElementById("ask");
const nothing = document.getElementById("nothing");
const offline = document.getElementById("offline");
let shownAt = performance.now();

export function chosen() {
  const levels = {};
  for (const input of form.querySelectorAll("input:checked")) {
    levels[input.name] = Number(input.value);
  }
  return levels;
}

function refresh() {
  const levels = chosen();
  for (const button of form.querySelectorAll("[data-clear]")) {
    button.hidden = !(button.dataset.clear in levels);
  }
  if (Object.keys(levels).length > 0) nothing.hidden = true;
}

// As it was when it appeared; the stopwatch starts.
export function begin() {
  form.reset();
  nothing.hidden = true;
  refresh();
  shownAt = performance.now();
}

// Show one of the page's parts and bring the reader there.
export function show(id) {
  for (const part of document.querySelectorAll("main > form, main > section")) {
    part.hidden = part.id !== id;
  }
  scrollTo(0, 0);
  if (id !== "ask") document.getElementById(id).focus({ preventScroll: true });
}

// Calls `done` with the answer's number and what became of it.
export function onSend(done) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ratings = chosen();
    if (Object.keys(ratings).length === 0) {
      nothing.hidden = false;
      form.querySelector("input").focus();
      return;
    }
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    const body = {
      token: form.dataset.token,
      response: newNumber(),
      ratings,
      language: form.dataset.language,
      stamp: form.dataset.stamp,
      took_ms: Math.round(performance.now() - shownAt),
    };
    const outcome = await send({ url: form.dataset.url, body });
    submit.disabled = false;
    done(body.response, outcome);
  });
}

function tellNetwork() {
  offline.textContent = navigator.onLine ? "" : form.dataset.offline;
  offline.hidden = navigator.onLine;
}

form.addEventListener("change", refresh);
form.addEventListener("click", (event) => {
  const dimension = event.target.closest("[data-clear]")?.dataset.clear;
  if (!dimension) return;
  const inputs = form.querySelectorAll(`input[name="${dimension}"]`);
  for (const input of inputs) input.checked = false;
  refresh();
  inputs[0].focus();
});
addEventListener("online", tellNetwork);
addEventListener("offline", tellNetwork);
tellNetwork();
refresh();
