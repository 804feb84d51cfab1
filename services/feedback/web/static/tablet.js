// The tablet at a counter: asks whoever was served there last, and forgets quickly.
import { begin, chosen, form, onSend, show } from "./form.js";

const LOOK_EVERY_MS = 2000;
const FORGET_AFTER_MS = 20000;
let asked = null; // the token of the visit on the screen
let thanking = false;
let forgetting = null;

function forgetLater() {
  clearTimeout(forgetting);
  forgetting = setTimeout(forget, FORGET_AFTER_MS);
}

// Nobody touched it for a while: the next person finds it fresh, and in Thai.
function forget() {
  thanking = false;
  begin();
  idle();
  if (form.dataset.language === "th") look();
  else goHome();
}

// Only while the service is there: a browser's own error page would stay for ever.
async function goHome() {
  try {
    const answer = await fetch(form.dataset.home, { cache: "no-store", redirect: "error" });
    if (answer.ok) location.assign(form.dataset.home);
  } catch {
    forgetLater();
  }
}

function ask(question) {
  if (question.token === asked) return;
  asked = question.token;
  thanking = false;
  form.dataset.token = question.token;
  form.dataset.stamp = question.stamp;
  begin();
  show("ask");
}

function idle() {
  asked = null;
  if (document.getElementById("idle").hidden) show("idle");
}

// Somebody is choosing, or reads our thanks: the screen does not change under their hand.
function busy() {
  return asked !== null && Object.keys(chosen()).length > 0;
}

async function look() {
  if (busy()) return;
  try {
    const answer = await fetch(form.dataset.offer, { cache: "no-store" });
    if (!answer.ok) return;
    const { question } = await answer.json();
    if (busy()) return;
    if (question) ask(question);
    else if (!thanking) idle();
  } catch {
    // No connection: the next look will tell.
  }
}

onSend(() => {
  asked = null;
  thanking = true;
  begin();
  show("thanks");
  forgetLater();
});
form.addEventListener("input", forgetLater);
form.addEventListener("focusin", forgetLater);
setInterval(look, LOOK_EVERY_MS);
look();
