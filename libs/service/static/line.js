// One line to the service for all tabs of a browser. A browser opens six connections to one address
// and no more, and each stream keeps one for as long as it lasts. The tab that holds the line tells
// the others what it hears; when it closes or falls silent, another takes the line.

import { serverTime } from "./clock.js";

const ANSWER_MS = 200; // so long a new tab waits for whoever holds the line
const EVENTS = ["state", "beat", "signed-out"];

export class Line {
  /** `session` keeps apart what different people are shown; `hear(event, data)` gets everything. */
  constructor(stream, session, hear) {
    this.stream = stream;
    this.hear = hear;
    this.id = Math.random();
    this.source = null; // where this tab holds the line
    this.good = false; // whether the line was heard of last as whole
    this.state = null;
    this.waiting = null;
    this.channel = typeof BroadcastChannel === "function"
      ? new BroadcastChannel(`saduak ${stream} ${session}`)
      : null;
    this.channel?.addEventListener("message", ({ data }) => this.listen(data));
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => event.persisted && this.join());
    this.join();
  }

  get open() {
    return this.source === null ? this.good : this.source.readyState === EventSource.OPEN;
  }

  /** Whether it will not come back by itself. */
  get closed() {
    return this.source !== null && this.source.readyState === EventSource.CLOSED;
  }

  /** Nothing is heard any more: whoever holds the line opens it anew, if anybody does. */
  renew() {
    if (this.source === null) this.join();
    else this.take();
  }

  join() {
    clearTimeout(this.waiting);
    if (this.channel === null) {
      this.take();
      return;
    }
    this.say("who");
    this.waiting = setTimeout(() => this.take(), ANSWER_MS);
  }

  take() {
    clearTimeout(this.waiting);
    this.source?.close();
    this.source = new EventSource(this.stream);
    for (const name of EVENTS) {
      this.source.addEventListener(name, (event) => this.pass(name, JSON.parse(event.data)));
    }
    this.source.addEventListener("error", () => this.pass("error", null));
    this.say("holding");
  }

  leave() {
    clearTimeout(this.waiting);
    if (this.source === null) return;
    this.yield();
    this.say("gone");
  }

  yield() {
    this.source.close();
    this.source = null;
  }

  pass(event, data) {
    if (event === "state") this.state = data;
    if (event === "signed-out") this.source.close();
    this.say("heard", { event, data });
    this.tell(event, data);
  }

  tell(event, data) {
    this.good = event === "state" || event === "beat";
    this.hear(event, data);
  }

  say(kind, more = {}) {
    this.channel?.postMessage({ kind, from: this.id, ...more });
  }

  listen({ kind, from, to, event, data }) {
    if (kind === "who") this.answer(from);
    else if (kind === "gone") {
      // Not all at once: the first one takes it, and the others hear of that.
      if (this.source !== null) return;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.join(), ANSWER_MS * Math.random());
    } else if (this.defers(from) && kind === "heard" && (to ?? this.id) === this.id) {
      this.tell(event, data);
    }
  }

  answer(newcomer) {
    if (this.source === null) return;
    this.say("holding");
    if (this.state === null || !this.open) return;
    const now = new Date(serverTime()).toISOString();
    this.say("heard", { to: newcomer, event: "state", data: { ...this.state, now } });
  }

  /** Whether another tab has the line. Of two that both took it, the smaller number keeps it. */
  defers(other) {
    clearTimeout(this.waiting);
    if (this.source === null) return true;
    if (this.id < other) {
      this.say("holding");
      return false;
    }
    this.yield();
    return true;
  }
}
