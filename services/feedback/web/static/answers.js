// Sends answers, and keeps on the device those that can't be sent yet. An answer has its number
// from the start, so that sending it twice counts once. It leaves the device only when the service
// itself says that it has it, or never will: whatever else answers (a portal's page, a proxy, a
// service that does not know this machine any more) says nothing of it.
const KEPT = "saduak.answers";
const FIRST_PAUSE_MS = 3000;
const LONGEST_PAUSE_MS = 60000;
const PATIENCE_MS = 15000;

// What the service says of an answer that it will never take, however often it is sent.
const FINAL = new Set([
  "bad_link",
  "expired",
  "bad_stamp",
  "invalid",
  "response_taken",
  "other_counter",
]);

let unsaved = []; // what the browser gives us no room for: kept as long as the page is open
let pause = FIRST_PAUSE_MS;
let timer = null;

const numberOf = (item) => item.body.response;

function saved() {
  try {
    const items = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(items) ? items.filter((item) => item?.url && item.body?.response) : [];
  } catch {
    return [];
  }
}

function read() {
  const items = saved();
  const known = new Set(items.map(numberOf));
  return [...items, ...unsaved.filter((item) => !known.has(numberOf(item)))];
}

function write(items) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(items));
    unsaved = [];
  } catch {
    unsaved = items;
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

// What the service says, as JSON; fails where the words are not the service's.
async function saidOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!/^application\/(problem\+)?json\b/.test(type)) throw new TypeError(type);
  return (await answer.json()) ?? {};
}

// What became of one sending: "thanks", "already", "refused", or "kept" for another try.
async function post(item) {
  let answer;
  let said;
  try {
    answer = await fetch(item.url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(item.body),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    said = await saidOf(answer);
  } catch {
    return "kept";
  }
  if (answer.ok) return said.response === numberOf(item) ? "thanks" : "kept";
  if (said.code === "already_answered") return "already";
  return FINAL.has(said.code) ? "refused" : "kept";
}

async function deliver(item) {
  const outcome = await post(item);
  if (outcome !== "kept") {
    write(read().filter((other) => numberOf(other) !== numberOf(item)));
    pause = FIRST_PAUSE_MS;
    dispatchEvent(new CustomEvent("delivered", { detail: { response: numberOf(item), outcome } }));
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
