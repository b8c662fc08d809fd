// Show the password; live rules; the form can be sent only while all rules hold. The server checks the same again.
import { all, on } from "./dom.js";

on("click", "[data-reveal]", (event, button) => {
  const shown = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(!shown));
  document.getElementById(button.dataset.reveal).type = shown ? "password" : "text";
});

const TESTS = {
  min: (text, count) => [...text].length >= Number(count),
  max: (text, count) => [...text].length <= Number(count),
  lower: (text) => /[a-z]/.test(text),
  upper: (text) => /[A-Z]/.test(text),
  digit: (text) => /[0-9]/.test(text),
  symbol: (text) => /[^\p{L}\p{N}]/u.test(text),
  not: (text, signs) => ![...signs].some((sign) => text.includes(sign)),
};

customElements.define("password-field", class extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.field = this.querySelector("input");
    this.again = document.getElementById(this.dataset.repeat ?? "");
    if (!this.form || !this.querySelector(".rules")) return;
    this.stop = new AbortController();
    // autofill and password managers do not always tell by `input`
    for (const type of ["input", "change", "paste", "focusin", "animationstart"]) {
      this.form.addEventListener(type, () => requestAnimationFrame(() => this.check()), { signal: this.stop.signal });
    }
    this.check();
  }

  disconnectedCallback() {
    this.stop?.abort();
  }

  check() {
    const text = this.field.value;
    let good = text !== "";
    for (const rule of all("[data-test]", this)) {
      const [name, ...rest] = rule.dataset.test.split(":");
      const met = name === "same" ? text !== "" && text === this.again.value : text !== "" && (TESTS[name]?.(text, rest.join(":")) ?? true);
      rule.toggleAttribute("data-met-now", met);
      rule.toggleAttribute("data-idle", text === "");
      const state = rule.querySelector("[data-met]");
      state.textContent = met ? state.dataset.met : state.dataset.unmet;
      if (!met && rule.dataset.advice === undefined) good = false;
    }
    for (const button of all("button:not([type=button]), input[type=submit]", this.form)) {
      if (!button.formNoValidate) button.disabled = !good;
    }
  }
});
