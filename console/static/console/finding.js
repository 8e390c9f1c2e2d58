"use strict";
// “/” goes to the box in which anything is found, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const writes = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || writes || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.getElementById("hp-find").select();
});
