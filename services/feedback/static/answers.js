// Sends answers, and keeps on the device those that can't be sent yet. An answer has its number
// from the start, so that sending it twice counts once.
const KEPT = "saduak.answers";
const FIRST_PAUSE_MS = 3000;
const LONGEST_PAUSE_MS = 60000;
const PATIENCE_MS = 15000;

let unsaved = []; // where the browser gives us no storage
let pause = FIRST_PAUSE_MS;
let timer = null;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  } catch {
    return unsaved;
  }
}

function write(items) {
  unsaved = items;
  try {
    localStorage.setItem(KEPT, JSON.stringify(items));
  } catch {
    // Kept in memory then: as long as the page is open.
  }
}

// A random number (UUID version 4); crypto.randomUUID needs https, an office network may have none.
export function newNumber() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// What became of one sending: "thanks", "already", "refused", or "kept" for another try.
async function post(item) {
  let answer;
  try {
    answer = await fetch(item.url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(item.body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    return "kept";
  }
  if (answer.ok) return "thanks";
  if (answer.status === 429 || answer.status >= 500) return "kept";
  const problem = await answer.json().catch(() => ({}));
  return problem.code === "already_answered" ? "already" : "refused";
}

async function deliver(item) {
  const outcome = await post(item);
  if (outcome !== "kept") {
    write(read().filter((other) => other.body.response !== item.body.response));
    pause = FIRST_PAUSE_MS;
    dispatchEvent(new CustomEvent("delivered", { detail: { response: item.body.response, outcome } }));
  }
  return outcome;
}

// Try all that are kept, and again later as long as some are left.
export async function deliverKept() {
  clearTimeout(timer);
  for (const item of read()) await deliver(item);
  if (read().length > 0) {
    timer = setTimeout(deliverKept, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

// Keep an answer first, then send it; says what became of it.
export async function send(item) {
  write([...read(), item]);
  const outcome = await deliver(item);
  if (outcome === "kept") timer = setTimeout(deliverKept, pause);
  return outcome;
}

addEventListener("online", () => {
  pause = FIRST_PAUSE_MS;
  deliverKept();
});
deliverKept();
