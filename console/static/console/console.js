"use strict";
// One click, one act; carriers are guessed from the number; sheets are printed.
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
