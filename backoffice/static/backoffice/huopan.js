// Small helpers of the people's pages. All of them only add comfort; forms work by themselves.
"use strict";
(() => {
  const on = (kind, selector, act) =>
    document.addEventListener(kind, (event) => {
      const found = event.target.closest && event.target.closest(selector);
      if (found) act(found, event);
    });

  // On a telephone menus scroll sideways: begin where the reader is.
  document.querySelectorAll(".menu [aria-current], .tabs [aria-current]").forEach((link) => {
    const list = link.parentElement;
    list.scrollLeft = link.offsetLeft - list.offsetLeft - (list.clientWidth - link.clientWidth) / 2;
  });

  // Ask once before what cannot be undone.
  on("submit", "form[data-confirm]", (form, event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
  on("change", "[data-submit-on-change]", (field) => field.form.requestSubmit());
  on("click", "[data-print]", () => window.print());
  on("click", "[data-check-all]", (box) =>
    document.querySelectorAll(`input[name="${box.dataset.checkAll}"]`).forEach((one) => {
      one.checked = box.checked;
    }));

  on("click", "[data-copy]", async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const text = source.value === undefined ? source.textContent : source.value;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      window.getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    button.classList.add("saved");
  });

  // Rows that are added and taken away: a <template> holds one with __prefix__ for its number.
  on("click", "[data-add-row]", (button) => {
    const list = document.getElementById(button.dataset.addRow);
    const total = document.getElementById(list.dataset.total);
    const template = document.getElementById(list.dataset.template);
    const holder = document.createElement(list.tagName === "TBODY" ? "tbody" : "div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    list.append(row);
    total.value = String(Number(total.value) + 1);
    const first = row.querySelector("input:not([type=hidden])");
    if (first) first.focus();
    list.dispatchEvent(new Event("rows", { bubbles: true }));
  });
  on("click", "[data-remove-row]", (button) => {
    const row = button.closest("[data-row]");
    const list = row.parentElement;
    const mark = row.querySelector('input[name$="-DELETE"]');
    if (mark) {
      mark.checked = true;
      mark.value = "on";
      row.hidden = true;
    } else row.remove();
    list.dispatchEvent(new Event("rows", { bubbles: true }));
  });

  // Pictures: their order is the order of the hidden fields in them.
  on("click", "[data-move]", (button) => {
    const tile = button.closest(".picture");
    const other = button.dataset.move === "back" ? tile.previousElementSibling : tile.nextElementSibling;
    if (!other) return;
    if (button.dataset.move === "back") other.before(tile);
    else other.after(tile);
    button.focus();
  });
  let dragged = null;
  on("dragstart", ".picture[draggable]", (tile, event) => {
    dragged = tile;
    tile.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  on("dragover", ".pictures", (list, event) => {
    if (!dragged || dragged.parentElement !== list) return;
    event.preventDefault();
    const over = event.target.closest(".picture");
    if (!over || over === dragged) return;
    const tiles = [...list.children];
    if (tiles.indexOf(dragged) < tiles.indexOf(over)) over.after(dragged);
    else over.before(dragged);
  });
  on("drop", ".pictures", (_list, event) => { if (dragged) event.preventDefault(); });
  document.addEventListener("dragend", () => {
    if (dragged) dragged.classList.remove("dragged");
    dragged = null;
  });
  on("click", "[data-take-away]", (button) => button.closest(".picture").remove());
  document.addEventListener("htmx:afterRequest", (event) => {
    const field = event.target;
    if (field.matches && field.matches("input[type=file][hx-post]")) field.value = "";
  });

  // A preview opens over the page once its content has come.
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target;
    if (dialog.matches && dialog.matches("dialog.preview") && !dialog.open) dialog.showModal();
  });
  on("click", "dialog [data-close]", (button) => button.closest("dialog").close());

  // A photo is shown large over the page; without this the link leads to it.
  on("click", "a[data-large]", (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    const image = document.createElement("img");
    dialog.className = "large";
    image.src = link.href;
    image.alt = link.firstElementChild.alt;
    dialog.append(image);
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });

  // A product with several specifications shows the columns for them.
  on("change", "[data-specs]", (box) => {
    const form = box.closest("form");
    form.querySelectorAll("[data-several]").forEach((part) => { part.hidden = !box.checked; });
  });
})();
