// A grid to type into: keys lead from row to row, leaving a row saves it, and columns can be pasted.
"use strict";
(() => {
  const said = (text) => {
    const place = document.getElementById("grid-said") || document.getElementById("scan-said");
    if (place) place.textContent = text;
  };
  const cellsOf = (row) => [...row.querySelectorAll("input[data-was]")];
  const differs = (row) => cellsOf(row).some((cell) => cell.value.trim() !== cell.dataset.was);
  const save = (row) => {
    if (differs(row)) window.htmx.trigger(row, "save-row");
  };
  const beside = (cell, step) => {
    const rows = [...cell.closest("[data-grid]").querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(cell.closest("[data-row]")) + step];
    return next && next.querySelector(`input[name="${cell.name}"]`);
  };
  const steps = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches || !cell.matches("[data-grid] input[data-was]")) return;
    if (event.key === "Escape") cell.value = cell.dataset.was;
    const step = steps[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    const next = beside(cell, event.key === "Enter" && event.shiftKey ? -1 : step);
    if (next) {
      next.focus();
      next.select();
    } else save(cell.closest("[data-row]"));
  });
  document.addEventListener("focusout", (event) => {
    const row = event.target.closest && event.target.closest("[data-grid] [data-row]");
    if (row && !row.contains(event.relatedTarget)) save(row);
  });

  // An answer must not take away what is being typed into the row meanwhile.
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = event.detail.target;
    const cell = document.activeElement;
    held = row.matches && row.matches("[data-row]") && row.contains(cell) && cell.dataset.was !== undefined
      ? { name: cell.name, value: cell.value, typed: cell.value !== cell.dataset.was }
      : null;
  });
  document.addEventListener("htmx:load", (event) => {
    const cell = held && event.detail.elt.querySelector && event.detail.elt.querySelector(`input[name="${held.name}"]`);
    if (!cell) return;
    if (held.typed && !event.detail.elt.classList.contains("saved")) cell.value = held.value;
    held = null;
    cell.focus();
    cell.select();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-undo]");
    if (button) {
      const row = button.closest("[data-row]");
      row.querySelector('input[name="available"]').value = button.dataset.undo;
      save(row);
    }
    const emptier = event.target.closest && event.target.closest("[data-empty]");
    if (emptier) document.getElementById(emptier.dataset.empty).value = "";
  });

  // A column, or several, copied from a spreadsheet goes down from the cell it is pasted into.
  document.addEventListener("paste", (event) => {
    const first = event.target;
    if (!first.matches || !first.matches("[data-grid] input[data-was]")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\n\t]/.test(text)) return;
    event.preventDefault();
    const touched = [];
    let cell = first;
    for (const line of text.split("\n")) {
      if (!cell) break;
      const row = cell.closest("[data-row]");
      const cells = cellsOf(row);
      line.split("\t").forEach((value, place) => {
        const other = cells[cells.indexOf(cell) + place];
        if (other) other.value = value.trim().slice(0, other.maxLength);
      });
      touched.push(row);
      cell = beside(cell, 1);
    }
    touched.forEach(save);
    said(`${touched.length} / ${text.split("\n").length}`);
  });

  // A scanner types a code and presses Enter: each time counts one more of it.
  document.addEventListener("keydown", (event) => {
    const scan = event.target;
    if (!scan.matches || !scan.matches("[data-scan]") || event.key !== "Enter") return;
    event.preventDefault();
    const code = scan.value.trim();
    scan.value = "";
    if (!code || /\s/.test(code)) return;
    const list = document.getElementById(scan.dataset.scan);
    const lines = list.value.split("\n").filter((line) => line.trim());
    const at = lines.findIndex((line) => line.trim().split(/[\s,，]+/)[0] === code);
    const count = at < 0 ? 1 : Number(lines[at].trim().split(/[\s,，]+/)[1] || 1) + 1;
    if (at < 0) lines.push(`${code} ${count}`);
    else lines[at] = `${code} ${count}`;
    list.value = lines.join("\n") + "\n";
    list.scrollTop = list.scrollHeight;
    said(`${code}: ${count}`);
  });
})();
