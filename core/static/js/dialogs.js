// Boxes: [data-dialog="id"] opens, [data-close] and a click beside it close; [data-confirm="…?"] asks before it sends.
import { on } from "./dom.js";

on("click", "[data-dialog]", (event, opener) => {
  const box = document.getElementById(opener.dataset.dialog);
  if (!box || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  box.showModal();
});
on("click", "dialog [data-close]", (event, button) => {
  event.preventDefault();
  button.closest("dialog").close();
});
on("pointerdown", "dialog", (event, box) => {
  if (event.target !== box) return;
  const edge = box.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  if (x < edge.x || x > edge.x + edge.width || y < edge.y || y > edge.y + edge.height) box.close();
});

const confirmed = new WeakSet();

// before every other listener of submit: what is not confirmed does not happen
document.addEventListener("submit", (event) => {
  const asker = event.submitter?.dataset.confirm ? event.submitter : event.target.dataset.confirm ? event.target : null;
  if (!asker || confirmed.delete(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target: form, submitter } = event;
  const box = document.getElementById("confirm");
  const yes = box.querySelector('[value="yes"]');
  box.querySelector("#confirm-text").textContent = asker.dataset.confirm;
  yes.dataset.kind = asker.dataset.kind === "danger" ? "danger" : "primary";
  box.returnValue = "";
  box.addEventListener("close", () => {
    if (box.returnValue !== "yes") return;
    confirmed.add(form);
    form.requestSubmit(submitter);
  }, { once: true });
  box.showModal();
}, true);
