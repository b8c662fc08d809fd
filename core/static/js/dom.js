// Small helpers. Listeners sit on the document, so what htmx swaps in needs no wiring.

export const on = (type, selector, run, options) =>
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element && event.target.closest(selector);
    if (found) run(event, found);
  }, options);

export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Text without accents and case, as the server's search folds it. */
export const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

export const bytes = (count) => {
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte"][Math.min(3, Math.floor(Math.log10(count || 1) / 3))];
  const power = { byte: 1, kilobyte: 1e3, megabyte: 1e6, gigabyte: 1e9 }[unit];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(count / power);
};

export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** Puts the page that the server answered with in place of this one. */
export const showPage = (html, url) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.getElementById("main");
  if (!main || !document.getElementById("main")) {
    location.assign(url);
    return;
  }
  document.getElementById("main").replaceWith(document.adoptNode(main));
  document.title = page.title;
  if (url !== location.href) history.pushState(null, "", url);
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true }));
  (main.querySelector("[data-focus]") ?? main).focus();
  window.scrollTo(0, 0);
};
