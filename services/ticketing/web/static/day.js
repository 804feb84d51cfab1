import { ask, complain } from "./live.js";

const by = (id) => document.getElementById(id);

async function change(path, body) {
  try {
    await ask("POST", path, body);
    location.reload();
  } catch (error) {
    complain(error);
    scrollTo(0, 0);
  }
}

by("open-day")?.addEventListener("click", (event) => {
  change(`/api/days/${event.target.dataset.day}/open`);
});

/** A change that is asked about first. */
function asked(button, dialog, what) {
  by(button)?.addEventListener("click", (event) => {
    const { day } = event.target.dataset;
    by(dialog).returnValue = "";
    by(dialog).showModal();
    by(dialog).addEventListener("close", () => {
      if (by(dialog).returnValue === "yes") change(`/api/days/${day}/${what}`);
    }, { once: true });
  });
}

asked("close-day", "closing", "close");
asked("reopen-day", "reopening", "reopen");

for (const button of document.querySelectorAll(".resolve")) {
  const { day } = button.dataset;
  button.addEventListener("click", () => {
    change(`/api/days/${day}/resolve`, { reason: by(`finding-${day}`).value });
  });
}

by("find")?.addEventListener("input", (event) => {
  const sought = event.target.value.trim().toUpperCase();
  for (const row of by("book").tBodies[0].rows) row.hidden = !row.dataset.ticket.includes(sought);
});

function inputOf(field) {
  return field.endsWith("_at") ? "time" : field;
}

by("field").addEventListener("change", () => {
  for (const part of document.querySelectorAll("[data-for]")) {
    part.hidden = part.dataset.for !== inputOf(by("field").value);
  }
});

function newValue(field) {
  const given = by(`new-${inputOf(field)}`).value;
  if (inputOf(field) !== "time") return given;
  const seconds = given.length === 5 ? ":00" : "";
  return given && `${by("correction").dataset.day}T${given}${seconds}+07:00`;
}

for (const button of document.querySelectorAll(".correct")) {
  button.addEventListener("click", () => {
    const { visit, step, ticket } = button.dataset;
    by("correcting-ticket").textContent = ticket;
    by("correcting").returnValue = "";
    by("correcting").showModal();
    by("correcting").addEventListener("close", () => {
      if (by("correcting").returnValue !== "yes") return;
      const field = by("field").value;
      change(`/api/visits/${visit}/corrections`, {
        step: Number(step),
        reason: by("why").value,
        change: { field, new: newValue(field) },
      });
    }, { once: true });
  });
}
