// Writing in the exchanges. Everything works without: here is what is quicker with. The buttons of the toolbar act on what
// is selected, files are dropped or pasted, names are offered after "@", threads like the title are shown as one types.
// Before draft.js: files are not part of a draft.

const DELAY_MS = 300;

function later(act) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), DELAY_MS);
  };
}

// Answers come back in any order: only the last one asked counts.
function asker() {
  let sent = null;
  return async (address, query) => {
    sent?.abort();
    sent = new AbortController();
    const own = sent;
    try {
      const answer = await fetch(`${address}?${new URLSearchParams(query)}`, { signal: own.signal });
      return answer.ok ? await answer.json() : [];
    } catch {
      return own === sent ? [] : null;
    }
  };
}

// --- The toolbar acts on what is selected. --------------------------------------------------------------------------

const AROUND = { gras: ["**", "**"], italique: ["*", "*"], lien: ["[", "](https://)"] };
const BEFORE = { liste: "- ", citation: "> " };

function replace(box, start, end, text, from, to) {
  box.focus();
  box.setRangeText(text, start, end, "end");
  box.setSelectionRange(from, to);
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function mark(box, code) {
  const { selectionStart: start, selectionEnd: end, value } = box;
  if (BEFORE[code]) {
    const first = value.lastIndexOf("\n", start - 1) + 1;
    const text = value.slice(first, end).split("\n").map((line) => BEFORE[code] + line).join("\n");
    replace(box, first, end, text, first + text.length, first + text.length);
    return;
  }
  const [open, close] = AROUND[code];
  const text = open + value.slice(start, end) + close;
  if (code === "lien" && end > start) replace(box, start, end, text, start + text.length - 1, start + text.length - 1);
  else replace(box, start, end, text, start + open.length, end + open.length);
}

function tools(group, box) {
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=format]");
    if (!button) return;
    event.preventDefault();
    mark(box, button.value);
  });
}

// --- Files are dropped on the box, images pasted into it. -----------------------------------------------------------

function takeFiles(field, box, input, status) {
  const add = (files) => {
    const all = new DataTransfer();
    for (const file of [...input.files, ...files]) all.items.add(file);
    input.files = all.files;
    status.textContent = `${status.dataset.added} ${[...files].map((file) => file.name).join(", ")}`;
  };
  const isFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  field.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    field.classList.add("is-over");
  });
  field.addEventListener("dragleave", () => field.classList.remove("is-over"));
  field.addEventListener("drop", (event) => {
    field.classList.remove("is-over");
    if (!isFile(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  box.addEventListener("paste", (event) => {
    const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    // Text copied from a document often brings a picture of itself: the text is what is wanted.
    if (!images.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(images);
  });
  // What is kept as one leaves the page holds no file (draft.js sends the whole form).
  addEventListener("pagehide", () => { input.disabled = true; });
  addEventListener("pageshow", () => { input.disabled = false; });
}

// --- Names are offered after "@". -----------------------------------------------------------------------------------

const BEGUN = /(?:^|[^\p{L}\p{N}_.@/-])@([\p{L}\p{N}_-]{2,79})$/u;

function offerNames(box, panel) {
  const list = panel.querySelector("[data-offers-list]");
  const status = panel.querySelector("[data-offers-status]");
  const ask = asker();
  let at = -1;
  const begun = () => BEGUN.exec(box.value.slice(0, box.selectionStart))?.[1];
  const hide = () => {
    panel.hidden = true;
    at = -1;
    list.replaceChildren();
    box.removeAttribute("aria-activedescendant");
    box.removeAttribute("aria-controls");
  };
  // What was typed since the list was asked for goes too.
  const take = (handle) => {
    const end = box.selectionStart;
    const start = end - (begun()?.length ?? -1) - 1;
    const text = `@${handle} `;
    replace(box, start, end, text, start + text.length, start + text.length);
    hide();
  };
  const mark = (number) => {
    const items = [...list.children];
    at = (number + items.length) % items.length;
    items.forEach((item, here) => item.setAttribute("aria-selected", String(here === at)));
    items[at].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", items[at].id);
  };
  const show = (found) => {
    list.replaceChildren(...found.map((one, number) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${number}`;
      item.setAttribute("role", "option");
      item.dataset.handle = one.poignee;
      const name = document.createElement("bdi");
      name.textContent = one.lieu ? `${one.nom} – ${one.lieu}` : one.nom;
      item.append(name);
      return item;
    }));
    status.textContent = found.length ? status.dataset.found : status.dataset.none;
    list.hidden = !found.length;
    panel.hidden = false;
    if (!found.length) return;
    box.setAttribute("aria-controls", list.id);
    mark(0);
  };
  const look = later(async () => {
    const wanted = begun();
    if (!wanted) return hide();
    const found = await ask(box.dataset.mentions, { q: wanted });
    if (found === null) return;
    if (begun()) show(found);
    else hide();
  });
  // The box keeps the focus: on a phone the keyboard stays.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) take(item.dataset.handle);
  });
  box.addEventListener("input", look);
  box.addEventListener("blur", hide);
  box.addEventListener("keydown", (event) => {
    if (panel.hidden || event.isComposing) return;
    if (event.key === "Escape") return hide();
    if (at < 0 || event.shiftKey || !begun()) return;
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" || event.key === "Tab") take(list.children[at].dataset.handle);
    else return;
    event.preventDefault();
  });
}

// --- Threads like the title. ----------------------------------------------------------------------------------------

function showSimilar(holder) {
  const place = holder.querySelector("[data-similar-found]");
  const input = holder.querySelector("input");
  const ask = asker();
  input.addEventListener("input", later(async () => {
    const titre = input.value.trim();
    const found = titre.length < 8 ? [] : await ask(holder.dataset.similar, { titre });
    if (found === null) return;
    place.replaceChildren();
    if (!found.length) return;
    const title = document.createElement("p");
    title.textContent = holder.dataset.similarLabel;
    const list = document.createElement("ul");
    for (const one of found) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = one.adresse;
      link.dir = "auto";
      link.textContent = one.titre;
      item.append(link, one.resolu ? ` (${holder.dataset.similarSolved})` : "");
      list.append(item);
    }
    place.append(title, list);
  }));
}

// --- What is asked of one kind only. --------------------------------------------------------------------------------

function followKind(form) {
  const show = () => {
    const kind = form.querySelector("input[name=type]:checked")?.value;
    for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind;
  };
  form.addEventListener("change", show);
  show();
}

function followTopic(form) {
  const topic = form.querySelector("select[name=sujet]");
  const place = form.querySelector("span[data-readers]");
  topic?.addEventListener("change", () => {
    place.textContent = topic.selectedOptions[0]?.dataset.readers ?? "";
  });
}

for (const form of document.querySelectorAll("form[data-exchange]")) {
  const field = form.querySelector("[data-drop-files]");
  const box = field.querySelector("textarea");
  const files = form.querySelector("[data-files]");
  tools(form.querySelector("[data-tools]"), box);
  takeFiles(field, box, files.querySelector("input[type=file]"), files.querySelector("[data-files-status]"));
  if (box.dataset.mentions) offerNames(box, form.querySelector("[data-offers]"));
  form.querySelectorAll("[data-similar]").forEach(showSimilar);
  if (form.querySelector("input[name=type]")) followKind(form);
  followTopic(form);
}
