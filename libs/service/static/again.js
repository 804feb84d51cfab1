// A page that could not be shown for a trouble that passes asks for itself now and then, and comes
// back when it can be had: a board or a kiosk has nobody to load it again.
const pause = Number(document.currentScript.dataset.seconds) * 1000;

async function again() {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer !== null && answer.status < 500) location.reload();
  else setTimeout(again, pause);
}

setTimeout(again, pause);
