// <combo-box><select>…</select></combo-box>: type to find, pick with arrows and Enter. The select stays the form's control;
// what is typed and not picked is no value.
import { fold, make } from "./dom.js";

let serial = 0;

customElements.define("combo-box", class extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.select = this.querySelector("select");
    const id = `combo-${++serial}`;
    const { select } = this;
    this.list = make("ul", { className: "combo-list", id, role: "listbox", hidden: true });
    this.status = make("p", { className: "sr-only", role: "status" });
    this.input = make("input", { type: "text", role: "combobox", autocomplete: "off", dir: "auto", id: select.id, required: select.required, disabled: select.disabled });
    for (const [name, value] of Object.entries({ "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" })) this.input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid", "placeholder"]) if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) {
      label.id ||= `${id}-label`;
      this.list.setAttribute("aria-labelledby", label.id);
    }
    select.removeAttribute("id");
    select.required = false;
    select.hidden = true;
    this.append(this.input, this.list, this.status);
    this.options = [...select.options].filter((one) => one.value !== "").map((one) => ({ value: one.value, label: one.text, hint: one.dataset.hint ?? "" }));
    this.input.value = select.value ? select.selectedOptions[0].text : "";

    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("click", () => this.look(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.pick(item);
    });
  }

  typed() {
    this.select.value = "";
    this.input.setCustomValidity(this.input.value.trim() ? this.dataset.pick : "");
    this.look(this.input.value);
  }

  async look(wanted) {
    if (this.dataset.src) {
      const address = new URL(this.dataset.src, location.href);
      address.searchParams.set("q", wanted);
      this.asked = wanted;
      try {
        const answer = await fetch(address, { headers: { Accept: "application/json" } });
        this.options = answer.ok ? await answer.json() : [];
      } catch {
        this.options = [];
      }
      if (this.asked === wanted && document.activeElement === this.input) this.open(this.options);
      return;
    }
    const words = fold(wanted).split(/\s+/);
    this.open(this.options.filter((one) => words.every((word) => fold(`${one.label} ${one.hint ?? ""}`).includes(word))));
  }

  open(options) {
    const id = this.list.id;
    this.list.replaceChildren(...options.slice(0, 50).map((one, index) => {
      const item = make("li", { id: `${id}-${index}`, role: "option" }, make("span", { textContent: one.label, dir: "auto" }));
      if (one.hint) item.append(make("span", { className: "quiet", textContent: one.hint }));
      item.dataset.value = one.value;
      item.setAttribute("aria-selected", "false");
      return item;
    }));
    if (!options.length) this.list.append(make("li", { className: "combo-none", role: "option", textContent: this.dataset.none, ariaDisabled: "true" }));
    this.status.textContent = options.length ? this.dataset.count.replace("{n}", options.length) : this.dataset.none;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(options.length === 1 ? 0 : -1);
  }

  shut() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  items() {
    return [...this.list.querySelectorAll("[data-value]")];
  }

  mark(index) {
    this.at = index;
    this.items().forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
    const item = this.items()[index];
    if (!item) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const count = this.items().length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.look("");
      else if (count) this.mark((this.at + (event.key === "ArrowDown" ? 1 : this.at < 0 ? 0 : -1) + count) % count);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      const item = this.items()[this.at];
      if (item) this.pick(item);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.shut();
    }
  }

  pick(item) {
    const { value } = item.dataset;
    const label = item.firstChild.textContent;
    if (![...this.select.options].some((one) => one.value === value)) this.select.append(new Option(label, value));
    this.select.value = value;
    this.input.value = label;
    this.input.setCustomValidity("");
    this.shut();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    const exact = this.items().filter((item) => fold(item.firstChild.textContent) === fold(this.input.value));
    if (!this.select.value && exact.length === 1) this.pick(exact[0]);
    this.shut();
    this.input.setCustomValidity(this.input.value && !this.select.value ? this.dataset.pick : "");
  }
});
