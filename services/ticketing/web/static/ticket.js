import { ask, filled, language, lineIs, make, texts } from "./live.js";

const POLL_MS = 8_000;
const SLOW_POLL_MS = 60_000;
const said = texts();
const by = (id) => document.getElementById(id);
let shown = "";

function lines(status) {
  switch (status.state) {
    case "waiting": {
      const ahead = status.people_ahead;
      const place = ahead === 0
        ? said.next
        : ahead === 1
        ? said.ahead_one
        : filled(said.ahead, { n: ahead });
      const estimate = status.estimate
        ? filled(said.estimate, { text: status.estimate.text[language] })
        : said.unknown;
      return ["wait", place, estimate];
    }
    case "called":
      return ["go", filled(said.called, { n: status.counter })];
    case "serving":
      return ["go", filled(said.serving, { n: status.counter })];
    default:
      if (status.outcome === "served") return ["done", said.served, said.thanks];
      if (status.outcome === "no_show") return ["missed", said.no_show, said.no_show_mend];
      return ["done", said.ended];
  }
}

function show(status) {
  const [kind, first, second] = lines(status);
  by("follows").hidden = status.state === "ended";
  const key = JSON.stringify([kind, first, second]);
  by("rate").hidden = !(status.outcome === "served" && status.rating_url);
  if (status.rating_url) by("rate-link").href = `${status.rating_url}?lang=${language}`;
  if (key === shown) return;
  shown = key;
  by("state").dataset.kind = kind;
  by("state").replaceChildren(
    make("p", { class: "stub-first" }, first),
    second ? make("p", {}, second) : "",
  );
}

async function poll() {
  let status = null;
  try {
    status = await ask("GET", `/api/tickets/${by("stub").dataset.token}`);
    lineIs(true);
    show(status);
  } catch (error) {
    lineIs(false, error);
  }
  follow(status);
}

/** A ticket that a day's closing ended goes on if the closing was a mistake. */
function follow(status) {
  if (status?.state !== "ended") setTimeout(poll, POLL_MS);
  else if (status.outcome === "forgotten") setTimeout(poll, SLOW_POLL_MS);
}

const first = JSON.parse(by("first").textContent);
show(first);
follow(first);
