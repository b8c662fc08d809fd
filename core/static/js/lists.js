// Ticks and the bar they bring up; lists that change in place.
import { all, on } from "./dom.js";

const ticks = (form) => all('.tick input[name="id"]', form);

const refresh = (form) => {
  const bar = form.querySelector(".selection-bar");
  if (!bar) return;
  const boxes = ticks(form);
  const count = boxes.filter((box) => box.checked).length;
  const page = form.querySelector("[data-select-page]");
  if (page) {
    page.checked = count > 0 && count === boxes.length;
    page.indeterminate = count > 0 && count < boxes.length;
  }
  const everything = form.querySelector("[data-select-all]");
  if (everything) {
    if (!page?.checked) everything.checked = false;
    everything.closest("label").hidden = !page?.checked;
  }
  bar.hidden = count === 0;
  const words = bar.querySelector(".selection-count span");
  words.textContent = count === 1 ? words.dataset.one : words.dataset.many.replace("{n}", count);
  bar.querySelector(".selection-count").hidden = Boolean(everything?.checked);
};

on("change", "form[data-selection]", (event, form) => {
  const { target } = event;
  if (target.matches("[data-select-page]")) for (const box of ticks(form)) box.checked = target.checked;
  if (target.matches("[data-select-all]") && target.checked) for (const box of ticks(form)) box.checked = true;
  refresh(form);
});
on("click", "[data-select-none]", (event, button) => {
  const { form } = button;
  for (const box of ticks(form)) box.checked = false;
  refresh(form);
  form.querySelector("[data-select-page]")?.focus();
});

// shift and click ticks the rows between
let last;
on("click", '.tick input[name="id"]', (event, box) => {
  const boxes = ticks(box.form);
  if (event.shiftKey && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
});

all("form[data-selection]").forEach(refresh);

// A swap morphs, so boxes and fields would keep what was ticked and typed for the rows and filters before.
let turned = false;
document.addEventListener("htmx:before:request", (event) => {
  turned = Boolean(event.detail.ctx.sourceElement?.closest?.(".pager"));
});
document.addEventListener("htmx:after:swap", () => {
  for (const field of all("#list :is([data-filters], .tick) input")) {
    if (field === document.activeElement) continue;
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked;
    else field.value = field.defaultValue;
  }
  all("form[data-selection]").forEach(refresh);
  if (!turned) return;
  turned = false;
  const heading = document.getElementById("list-heading");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  document.getElementById("list").scrollIntoView();
});

// A list asks for its own page and takes its part out of it. Anything else that comes back (an error, the sign-in page)
// is a page of its own and is shown as such.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.select !== "#list") return;
  if (ctx.response.status < 400 && ctx.text.includes('id="list"')) return;
  event.preventDefault();
  location.assign(ctx.response.raw.url || ctx.request.action);
});
