// A form half filled in is kept by the server a few seconds after each change. What it could not be
// told (logged out, offline) stays in this window and is handed in when the form is opened again.
"use strict";
(() => {
  const WAIT = 2500;
  const MOST_ON_LEAVING = 60000;
  const PREFIX = "huopan-draft/";
  const copies = window.sessionStorage;
  const read = (key) => {
    try {
      return JSON.parse(copies.getItem(key));
    } catch {
      return null;
    }
  };

  // The page that a submitted form leads to: nothing is left to be kept.
  if (document.querySelector("[data-drafts-done]")) {
    Object.keys(copies).filter((key) => key.startsWith(PREFIX) && (read(key) || {}).submitted)
      .forEach((key) => copies.removeItem(key));
  }

  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = PREFIX + form.dataset.draftKey;
  const said = document.getElementById("draft-said");
  let dirty = false;
  let submitting = false;
  let timer = 0;
  let busy = null;

  const typed = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "csrfmiddlewaretoken") fields.append(name, value);
    }
    return fields.toString();
  };
  const send = (body, keepalive) => {
    const fields = new URLSearchParams(body);
    fields.append("draft_of", form.dataset.draftOf);
    return window.fetch(form.dataset.draft, {
      method: "POST",
      body: fields,
      keepalive,
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "HX-Request": "true" },
    });
  };
  const keep = (body, submitted) => copies.setItem(key, JSON.stringify({ body, submitted }));

  const save = async () => {
    timer = 0;
    if (submitting || busy) return;
    const body = typed();
    dirty = false;
    busy = send(body, false);
    try {
      const answer = await busy;
      if (answer.status !== 200 && answer.status !== 422) throw new Error("not kept");
      said.textContent = (await answer.json()).said;
      copies.removeItem(key);
    } catch {
      keep(body, false);
      said.textContent = said.dataset.words;
    } finally {
      busy = null;
      if (dirty) later();
    }
  };
  const later = () => {
    dirty = true;
    if (!timer) timer = window.setTimeout(save, WAIT);
  };

  const restore = async (copy) => {
    copies.removeItem(key);
    try {
      const answer = await send(copy.body, false);
      if (answer.status === 200) window.location.reload();
      else keep(copy.body, false);
    } catch {
      keep(copy.body, false);
    }
  };
  const left = read(key);
  if (form.hasAttribute("data-bound")) {
    copies.removeItem(key);
    later();
  } else if (left) restore(left);

  ["input", "change", "rows"].forEach((kind) => form.addEventListener(kind, (event) => {
    if (event.target.type !== "file") later();
  }));
  const watcher = new MutationObserver(later);
  form.querySelectorAll(".pictures").forEach((list) => watcher.observe(list, { childList: true }));
  form.addEventListener("submit", (event) => {
    if (busy) {
      // A draft that arrives after what it was a draft of would come back.
      event.preventDefault();
      busy.finally(() => window.setTimeout(() => form.requestSubmit(event.submitter)));
      return;
    }
    submitting = true;
    keep(typed(), true);
  });
  window.addEventListener("pagehide", () => {
    if (!dirty || submitting) return;
    const body = typed();
    keep(body, false);
    if (body.length < MOST_ON_LEAVING) send(body, true).catch(() => undefined);
  });
  const discard = document.querySelector("[data-discard-draft]");
  if (discard) discard.addEventListener("click", () => copies.removeItem(key));
})();
