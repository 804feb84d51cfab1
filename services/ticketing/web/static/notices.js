// What the centre wants the staff to read. "Noted" hides a notice in this browser alone.
import { language, make } from "./live.js";

const NOTED = "saduak-noted";
const place = document.getElementById("notices");
const noted = () => new Set(JSON.parse(localStorage.getItem(NOTED) ?? "[]"));
let shown = null;

function note(id, known) {
  const still = known.map((one) => one.notice).filter((one) => noted().has(one));
  localStorage.setItem(NOTED, JSON.stringify([...still, id]));
  showNotices(known);
  document.getElementById("main").focus();
}

function section(notice, known) {
  return make(
    "section",
    { class: "notice from-centre", "data-notice": notice.notice },
    make(
      "p",
      {},
      make("strong", {}, place.dataset.title),
      " ",
      make("span", { class: "quiet small" }, notice.given[language]),
    ),
    make("p", {}, notice.text[language]),
    make("button", {
      type: "button",
      class: "link",
      onclick: () => note(notice.notice, known),
    }, place.dataset.noted),
  );
}

/** Built anew only when something changed: it is read aloud when it comes. */
export function showNotices(known) {
  const hidden = noted();
  const wanted = known.filter((one) => !hidden.has(one.notice));
  const ids = wanted.map((one) => one.notice).join(" ");
  if (ids === shown) return;
  shown = ids;
  place.replaceChildren(...wanted.map((one) => section(one, known)));
}
