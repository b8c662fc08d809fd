// Rail, menus, looks, toasts, the busy line, printing, copying.
import { all, make, on } from "./dom.js";

const root = document.documentElement;

// --- menus: details that shut on Esc, on a click outside, and when another one opens
const openMenus = () => all("details[data-menu][open], details.filter-details[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (menu.dataset.menu !== undefined && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element && event.target.closest("details[data-menu]");
  if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    menu.open = true;
    const items = all(".menu-panel :is(a, button)", menu);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items.at(at < 0 ? (step > 0 ? 0 : -1) : (at + step) % items.length)?.focus();
  }
  if (event.key !== "Escape") return;
  const open = openMenus();
  for (const one of open) {
    one.open = false;
    one.querySelector("summary").focus();
  }
  if (!open.length) shutRail();
});

// --- rail: opens by itself on hover and focus (CSS); a tap on its button holds it open, Esc shuts it
const rail = document.querySelector("[data-rail]");
const toggle = rail?.querySelector(".rail-toggle");

const setRail = (open) => {
  rail.toggleAttribute("data-open", open);
  toggle.setAttribute("aria-expanded", String(open));
};
const shutRail = () => {
  if (!rail?.matches(":hover, :focus-within, [data-open]")) return;
  const had = rail.hasAttribute("data-open");
  setRail(false);
  rail.setAttribute("data-shut", "");
  if (had && rail.contains(document.activeElement)) toggle.focus();
};
if (rail) {
  toggle.addEventListener("click", () => {
    const open = !rail.hasAttribute("data-open");
    setRail(open);
    rail.toggleAttribute("data-shut", !open);
  });
  rail.addEventListener("mouseleave", () => rail.removeAttribute("data-shut"));
  rail.addEventListener("focusout", (event) => {
    if (rail.contains(event.relatedTarget)) return;
    rail.removeAttribute("data-shut");
    if (event.relatedTarget) setRail(false);
  });
  document.addEventListener("click", (event) => {
    if (rail.hasAttribute("data-open") && !rail.contains(event.target)) setRail(false);
  });
}

// --- looks: at once, and kept by the server
on("submit", "[data-theme-switch]", (event, form) => {
  const choice = event.submitter?.value;
  if (!choice) return;
  event.preventDefault();
  root.dataset.theme = choice;
  for (const button of all("button", form)) button.setAttribute("aria-pressed", String(button.value === choice));
  const body = new URLSearchParams(new FormData(form));
  body.set("theme", choice);
  fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
});

// --- toasts: a server may send HX-Trigger {"portico:toast": {"text": …}}; what they say stands elsewhere too
export const toast = (text) => {
  const region = document.getElementById("toasts");
  const shut = make("button", { type: "button", textContent: "×", ariaLabel: region.dataset.closeLabel });
  const box = make("div", { className: "toast" }, make("span", { textContent: text }), shut);
  shut.addEventListener("click", () => box.remove());
  region.append(box);
  let timer = setTimeout(() => box.remove(), 6000);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => { timer = setTimeout(() => box.remove(), 3000); });
};
document.addEventListener("portico:toast", (event) => toast(event.detail.text ?? event.detail.value));

// --- the line at the top: something is under way
let waiting = 0;
export const busy = (start) => {
  waiting = Math.max(0, waiting + (start ? 1 : -1));
  root.toggleAttribute("data-busy", waiting > 0);
};
document.addEventListener("htmx:before:request", () => busy(true));
document.addEventListener("htmx:finally:request", () => busy(false));
window.addEventListener("pageshow", () => { waiting = 0; root.removeAttribute("data-busy"); });

on("click", "[data-print]", () => window.print());
on("click", "[data-copy]", async (event, button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(button.dataset.copied);
  } catch {
    const code = button.previousElementSibling;
    if (code) getSelection().selectAllChildren(code);
  }
});

// --- first view: sent once, when a person has the page before her eyes
let leaving = false; // a form goes off, maybe that which signs out
addEventListener("submit", (event) => { leaving ||= !event.defaultPrevented; });
const sawIt = () => {
  if (leaving || document.visibilityState !== "visible") return;
  for (const form of all("form[data-first-view]")) {
    form.removeAttribute("data-first-view");
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", keepalive: true }).catch(() => {});
  }
};
const soon = () => setTimeout(sawIt, 800);
soon();
document.addEventListener("visibilitychange", soon);

document.querySelector("[data-focus]")?.focus();
