// Details as they will look, with a small toolbar; the server sanitises whatever arrives.
"use strict";
(() => {
  const words = document.getElementById("editor-words");
  const area = document.querySelector("textarea[data-rich]");
  if (!area || !words) return;
  const KEPT = new Set(["P", "BR", "HR", "H2", "H3", "STRONG", "B", "EM", "I", "U", "S", "SUB", "SUP", "UL", "OL",
    "LI", "BLOCKQUOTE", "TABLE", "CAPTION", "THEAD", "TBODY", "TR", "TH", "TD"]);
  const TURNED = { H1: "H2", H4: "H3", H5: "H3", H6: "H3", DIV: "P" };
  const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "META", "LINK", "TITLE", "IFRAME", "OBJECT", "SVG", "NOSCRIPT"]);
  const BLOCKS = "p, h2, h3, ul, ol, table, blockquote, hr";

  // What comes from outside is built anew from what is known, never taken as it is.
  const clean = (from, into) => {
    from.childNodes.forEach((node) => {
      if (node.nodeType === Node.TEXT_NODE) into.append(node.textContent.replace(/\u00a0/g, " "));
      if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.nodeName.toUpperCase())) return;
      let name = TURNED[node.nodeName] || node.nodeName;
      if (name === "P" && (into.closest("p, h2, h3, li, td, th") || node.querySelector("p, div, table, ul, ol, h1, h2, h3"))) name = "";
      if (name === "IMG") {
        const source = node.getAttribute("src") || "";
        if (source.startsWith("/media/pictures/")) into.append(picture(source, node.getAttribute("alt") || ""));
      } else if (KEPT.has(name)) {
        const made = document.createElement(name);
        ["colspan", "rowspan"].forEach((side) => {
          if (/^[1-9][0-9]?$/.test(node.getAttribute(side) || "")) made.setAttribute(side, node.getAttribute(side));
        });
        clean(node, made);
        into.append(made);
      } else clean(node, into);
    });
    return into;
  };
  const picture = (source, alt) => {
    const image = document.createElement("img");
    image.setAttribute("src", source);
    image.alt = alt;
    return image;
  };
  const STYLE = /\sstyle\s*=\s*("[^"]*"|'[^']*')/gi;
  const parsed = (html) =>
    clean(new DOMParser().parseFromString(html.replace(STYLE, ""), "text/html").body, document.createElement("div"));
  const paragraphs = (text) => {
    const holder = document.createElement("div");
    text.split("\n").filter((line) => line.trim()).forEach((line) => {
      const made = document.createElement("p");
      made.textContent = line.trim();
      holder.append(made);
    });
    return holder;
  };
  const read = (text) => (/<\/?[a-zA-Z][^>]*>/.test(text) ? parsed(text) : paragraphs(text));

  const label = document.querySelector(`label[for="${area.id}"]`);
  const editor = document.createElement("div");
  editor.className = "rich detail";
  editor.contentEditable = "true";
  editor.setAttribute("role", "textbox");
  editor.setAttribute("aria-multiline", "true");
  editor.setAttribute("aria-label", label ? label.textContent : "");
  const bar = document.createElement("div");
  bar.className = "bar tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", label ? label.textContent : "");
  if (label) label.addEventListener("click", () => editor.focus());

  const show = () => editor.replaceChildren(...read(area.value).childNodes);
  const wrapLoose = (holder) => {
    [...holder.childNodes].forEach((node) => {
      const loose = node.nodeType === Node.TEXT_NODE ? node.textContent.trim() : node.nodeType === Node.ELEMENT_NODE && !node.matches(BLOCKS);
      if (!loose) return;
      const made = document.createElement("p");
      node.replaceWith(made);
      made.append(node);
    });
    return holder;
  };
  const write = () => {
    const holder = wrapLoose(clean(editor, document.createElement("div")));
    const empty = !holder.textContent.trim() && !holder.querySelector("img, table");
    area.value = empty ? "" : holder.innerHTML;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const command = (name, value) => {
    editor.focus();
    document.execCommand(name, false, value);
    write();
  };
  const around = (selector) => {
    const at = window.getSelection().anchorNode;
    const element = at && (at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement);
    return element && editor.contains(element) ? element.closest(selector) : null;
  };
  const insert = (element) => {
    editor.focus();
    const block = around(BLOCKS);
    if (block && editor.contains(block)) block.after(element);
    else editor.append(element);
    if (element.tagName === "TABLE") {
      const rest = document.createElement("p");
      rest.append(document.createElement("br"));
      element.after(rest);
    }
    // What is typed or put in next comes after it; into a table, first.
    const cell = element.querySelector("td");
    window.getSelection().collapse(cell || element, cell ? 0 : element.childNodes.length);
    write();
  };
  const table = () => {
    const made = document.createElement("table");
    const body = document.createElement("tbody");
    for (let row = 0; row < 2; row += 1) {
      const line = document.createElement("tr");
      for (let column = 0; column < 2; column += 1) {
        const cell = document.createElement("td");
        cell.append(document.createElement("br"));
        line.append(cell);
      }
      body.append(line);
    }
    made.append(body);
    insert(made);
  };
  const addRow = () => {
    const row = around("tr");
    if (!row) return;
    const line = row.cloneNode(true);
    line.querySelectorAll("td, th").forEach((cell) => cell.replaceChildren(document.createElement("br")));
    row.after(line);
    write();
  };

  const shelf = document.createElement("div");
  shelf.className = "pictures small shelf";
  shelf.hidden = true;
  const choose = () => {
    shelf.hidden = !shelf.hidden;
    if (shelf.hidden) return;
    shelf.replaceChildren();
    area.form.querySelectorAll(".picture img[data-large-address]").forEach((image, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "picture";
      button.setAttribute("aria-label", `${words.dataset.picture} ${place + 1}`);
      button.append(picture(image.getAttribute("src"), ""));
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => {
        const paragraph = document.createElement("p");
        paragraph.append(picture(image.dataset.largeAddress, ""));
        insert(paragraph);
        shelf.hidden = true;
      });
      shelf.append(button);
    });
    if (!shelf.childElementCount) shelf.textContent = words.dataset.none;
  };
  const source = () => {
    const writing = area.hidden;
    if (!writing) show();
    area.hidden = !writing;
    editor.hidden = writing;
    (writing ? area : editor).focus();
  };

  const button = (word, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button small";
    made.textContent = words.dataset[word];
    made.addEventListener("mousedown", (event) => event.preventDefault());
    made.addEventListener("click", act);
    bar.append(made);
  };
  button("paragraph", () => command("formatBlock", "p"));
  button("h2", () => command("formatBlock", "h2"));
  button("h3", () => command("formatBlock", "h3"));
  button("bold", () => command("bold"));
  button("italic", () => command("italic"));
  button("bullets", () => command("insertUnorderedList"));
  button("numbers", () => command("insertOrderedList"));
  button("table", table);
  button("row", addRow);
  button("picture", choose);
  button("clear", () => command("removeFormat"));
  button("source", source);

  document.execCommand("defaultParagraphSeparator", false, "p");
  editor.addEventListener("input", write);
  editor.addEventListener("paste", (event) => {
    event.preventDefault();
    const html = event.clipboardData.getData("text/html");
    const holder = html ? parsed(html) : paragraphs(event.clipboardData.getData("text/plain"));
    const single = !html && holder.children.length === 1;
    if (single) document.execCommand("insertText", false, holder.textContent);
    else document.execCommand("insertHTML", false, holder.innerHTML);
    write();
  });
  area.before(bar, shelf, editor);
  area.hidden = true;
  show();
})();
