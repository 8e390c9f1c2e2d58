"use strict";
// Keys for whoever reviews many: a, c, r decide, j and k lead on, x ticks, ? shows them all.
const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("a[data-row]")];

function move(step) {
  const all = rows();
  const place = all.indexOf(document.activeElement);
  const next = all[place < 0 ? 0 : Math.min(Math.max(place + step, 0), all.length - 1)];
  if (next) next.focus();
}

function tick() {
  const row = document.activeElement.closest("tr");
  const box = row && row.querySelector("input[name=revision]");
  if (box) box.checked = !box.checked;
}

function press(element) {
  if (element.dataset.opens) {
    document.getElementById(element.dataset.opens).showModal();
    return;
  }
  const needed = (element.dataset.needs || "").split(" ").filter(Boolean).map((id) => document.getElementById(id));
  if (needed.length && needed.every((field) => !field.value.trim())) needed[0].focus();
  else element.click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const element = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const others = { j: () => move(1), k: () => move(-1), x: tick };
  if (element) press(element);
  else if (rows().length && others[event.key]) others[event.key]();
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
});
document.addEventListener("change", (event) => {
  const name = event.target.dataset.all;
  if (!name) return;
  event.target.form.querySelectorAll(`input[name="${CSS.escape(name)}"]`).forEach((box) => { box.checked = event.target.checked; });
});
