// Sending once, searching while typing, and not losing what was typed.
import { all, on } from "./dom.js";
import { busy } from "./frame.js";

// --- a posted form goes out once; downloads come back to the same page, so the lock opens again
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  submitter?.setAttribute("aria-busy", "true");
  busy(true);
  setTimeout(() => unlock(form), 8000);
});
const unlock = (form) => {
  if (!form.dataset.sent) return;
  delete form.dataset.sent;
  for (const button of all('[aria-busy="true"]', form)) button.removeAttribute("aria-busy");
  busy(false);
};
window.addEventListener("pageshow", () => { for (const form of all("form[data-sent]")) unlock(form); });

// --- search while typing
const timers = new WeakMap();
on("input", "[data-autosubmit]", (event, input) => {
  if (event.isComposing) return;
  clearTimeout(timers.get(input));
  timers.set(input, setTimeout(() => input.isConnected && input.form.requestSubmit(), 300));
});
// what was not chosen need not stand in the address
document.addEventListener("formdata", (event) => {
  if (!event.target.matches?.("[data-filters]")) return;
  for (const [name, value] of [...event.formData]) {
    if (value !== "") continue;
    const kept = event.formData.getAll(name).filter((one) => one !== "");
    event.formData.delete(name);
    for (const one of kept) event.formData.append(name, one);
  }
});

// --- form[data-guard]: leaving with unsaved changes asks first
const changed = new Set();
on("input", "form[data-guard]", (event, form) => changed.add(form));
on("change", "form[data-guard]", (event, form) => changed.add(form));
on("reset", "form[data-guard]", (event, form) => changed.delete(form));
document.addEventListener("submit", (event) => { if (!event.defaultPrevented) changed.delete(event.target); });
window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

// --- form[data-send]: a page that is only on the way somewhere presses its button itself
document.querySelector("form[data-send]")?.requestSubmit();

// --- settings that hold at once: [data-submit-on-change]
on("change", "[data-submit-on-change]", (event, form) => (form.form ?? form).requestSubmit());
