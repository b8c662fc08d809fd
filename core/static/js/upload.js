// <file-drop>: choose or drop, see what was chosen, take files out again. form[data-upload]: sent with a bar that moves.
import { bytes, make, on, showPage } from "./dom.js";

customElements.define("file-drop", class extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector("ul");
    this.input.addEventListener("change", () => this.show());
    for (const type of ["dragenter", "dragover"]) this.addEventListener(type, (event) => { event.preventDefault(); this.toggleAttribute("data-over", true); });
    for (const type of ["dragleave", "drop"]) this.addEventListener(type, () => this.removeAttribute("data-over"));
    this.addEventListener("drop", (event) => {
      event.preventDefault();
      const dropped = [...event.dataTransfer.files];
      this.set(this.input.multiple ? [...this.input.files, ...dropped] : dropped.slice(0, 1));
    });
    this.show();
  }

  set(files) {
    const bag = new DataTransfer();
    for (const file of files) bag.items.add(file);
    this.input.files = bag.files;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show() {
    const most = Number(this.dataset.max ?? Infinity);
    const files = [...this.input.files];
    this.list.replaceChildren(...files.map((file, index) => {
      const drop = make("button", { type: "button", textContent: "×", ariaLabel: `${this.dataset.remove} ${file.name}` });
      drop.addEventListener("click", () => { this.set(files.filter((other, place) => place !== index)); this.input.focus(); });
      const size = file.size > most ? make("span", { className: "too-large", textContent: this.dataset.tooLarge }) : make("span", { className: "quiet", textContent: bytes(file.size) });
      return make("li", {}, make("span", { className: "name", textContent: file.name, dir: "auto" }), size, drop);
    }));
    this.input.setCustomValidity(files.some((file) => file.size > most) ? this.dataset.tooLarge : "");
  }
});

on("submit", "form[data-upload]", (event, form) => {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const box = form.querySelector(".upload-progress");
  const bar = box?.querySelector("progress");
  const [words, figure] = box ? box.querySelectorAll(".progress-label span") : [];
  const buttons = [...form.querySelectorAll("button, input[type=submit]")];
  const wire = new XMLHttpRequest();
  const rest = () => {
    for (const button of buttons) button.disabled = false;
    if (box) box.hidden = true;
  };
  const data = new FormData(form, event.submitter);
  for (const button of buttons) button.disabled = true;
  if (box) {
    box.hidden = false;
    words.textContent = words.dataset.sending;
    wire.upload.addEventListener("progress", (now) => {
      if (!now.lengthComputable) return;
      bar.value = (100 * now.loaded) / now.total;
      figure.textContent = `${bytes(now.loaded)} / ${bytes(now.total)}`;
    });
    wire.upload.addEventListener("load", () => { bar.removeAttribute("value"); words.textContent = words.dataset.working; figure.textContent = ""; });
  }
  wire.addEventListener("load", () => { rest(); showPage(wire.responseText, wire.responseURL); });
  for (const type of ["error", "timeout"]) wire.addEventListener(type, () => { rest(); form.submit(); });
  wire.open("POST", form.action);
  wire.send(data);
});
