"use strict";
// Provinces are chosen on the map for the rule that is ticked; the text of a rule is what is sent.
const colours = 8;
const list = document.getElementById("rules");
const total = document.querySelector("input[name=rules-TOTAL_FORMS]");
const tiles = [...document.querySelectorAll(".hp-map [data-region]")];
const fieldsets = () => [...list.querySelectorAll("[data-rule]")];
const input = (rule) => rule.querySelector("input[name$=-regions]");
const isGone = (rule) => rule.querySelector("input[name$=-DELETE]").checked;
const names = (rule) => input(rule).value.split(/[,，、]/).map((name) => name.trim()).filter(Boolean);
const painting = () => fieldsets().find((rule) => rule.querySelector("[data-paint]").checked);
// As people write them: 广东, 广东省.
const means = (name, region) => name === region || (name.length > 1 && region.startsWith(name));

function ruleOf(region, rules) {
  return rules.findIndex((rule) => names(rule).some((name) => means(name, region)));
}

function paint() {
  const rules = fieldsets().filter((rule) => !isGone(rule) && names(rule).length);
  const rest = fieldsets().some((rule) => !isGone(rule) && !names(rule).length);
  for (const rule of fieldsets()) {
    const place = rules.indexOf(rule);
    rule.querySelector("[data-key-of]").className = `key colour-${place < 0 ? 0 : place % colours + 1}`;
    rule.classList.toggle("chosen", rule === painting());
    rule.classList.toggle("gone", isGone(rule));
  }
  for (const tile of tiles) {
    const place = ruleOf(tile.dataset.region, rules);
    const colour = place < 0 ? (rest ? 0 : "none") : place % colours + 1;
    tile.setAttribute("class", `tile colour-${colour}`);
    tile.querySelector(".number").textContent = place < 0 ? "" : fieldsets().indexOf(rules[place]) + 1;
    tile.setAttribute("aria-pressed", String(place >= 0 && rules[place] === painting()));
  }
}

function toggle(region) {
  const active = painting();
  if (!active) return;
  const had = names(active).some((name) => means(name, region));
  for (const rule of fieldsets()) {
    const kept = names(rule).filter((name) => !means(name, region));
    if (rule === active && !had) kept.push(region);
    if (kept.length !== names(rule).length) input(rule).value = kept.join("、");
  }
  paint();
}

for (const tile of tiles) {
  tile.addEventListener("click", () => toggle(tile.dataset.region));
  tile.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle(tile.dataset.region);
  });
}
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-add-rule]")) return;
  const text = document.getElementById("rule-template").innerHTML.replaceAll("__prefix__", total.value);
  list.insertAdjacentHTML("beforeend", text);
  total.value = Number(total.value) + 1;
  const added = fieldsets().at(-1);
  added.querySelector("[data-number]").textContent = fieldsets().length;
  added.querySelector("[data-paint]").checked = true;
  input(added).focus();
  paint();
});
list.addEventListener("input", paint);
list.addEventListener("change", paint);
const first = fieldsets().find((rule) => names(rule).length) || fieldsets()[0];
if (first) first.querySelector("[data-paint]").checked = true;
paint();
