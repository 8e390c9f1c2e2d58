"use strict";
// One click, one act; carriers are guessed from the number; sheets are printed; photos grow.
document.addEventListener("submit", (event) => {
  const pressed = event.submitter;
  if (!event.target.matches(".hp-form") || !pressed) return;
  // After the browser has read which button it was.
  setTimeout(() => event.target.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll(".hp-form button").forEach((button) => { button.disabled = false; });
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-check-all]");
  if (all) all.form.querySelectorAll(`[name="${all.dataset.checkAll}"]`).forEach((box) => { box.checked = all.checked; });
});
document.addEventListener("input", (event) => {
  const field = event.target.closest("[data-guess]");
  if (!field) return;
  const carriers = JSON.parse(document.getElementById("carrier-patterns").textContent);
  const number = field.value.trim().toUpperCase();
  const likely = carriers.find(([, pattern]) => new RegExp(`^(?:${pattern})$`).test(number));
  const select = field.form.elements[field.dataset.guess];
  if (likely && !select.dataset.chosen) select.value = likely[0];
});
document.addEventListener("change", (event) => {
  if (event.target.name === "carrier_code") event.target.dataset.chosen = "1";
});
// A photo is shown large over the page; without this the link leads to it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-large]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const dialog = document.createElement("dialog");
  const image = document.createElement("img");
  dialog.className = "hp-large";
  image.src = link.href;
  image.alt = link.firstElementChild.alt;
  dialog.append(image);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
});
// The frame's script looks for a text field beside each file field; forms of ours have none, so it would fail.
document.addEventListener("change", (event) => {
  if (event.target.matches(".hp-form input[type=file]")) event.stopImmediatePropagation();
}, true);
