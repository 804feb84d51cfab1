// The page behind the link on a ticket.
import { onSend, show } from "./form.js";

let mine = null;
onSend((response, outcome) => {
  mine = response;
  show(outcome);
});
addEventListener("delivered", (event) => {
  if (event.detail.response === mine) show(event.detail.outcome);
});
