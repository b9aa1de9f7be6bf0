// One key for each button of the tray: j, k move; g, e, l, n act on the news that has the focus; u takes back. The same
// forms are sent, and the list of their answer takes the place of this one. A box switches the keys off (WCAG 2.1.4).

const STORED = "veille-raccourcis";
const read = () => { try { return localStorage.getItem(STORED); } catch { return null; } };
const write = (value) => { try { localStorage.setItem(STORED, value); } catch { /* private window: until it closes */ } };
let on = read() !== "non";
let busy = false;

const tray = () => document.querySelector("[data-tray]");
const all = () => [...document.querySelectorAll("[data-news]")];
const here = () => all().findIndex((one) => one.contains(document.activeElement));

function go(at) {
  const list = all();
  if (!list.length) return;
  const one = list[Math.max(0, Math.min(at, list.length - 1))];
  one.focus();
  one.scrollIntoView({ block: "nearest" });
}

function prepare() {
  const help = document.querySelector("[data-keys-help]");
  if (help) {
    help.hidden = false;
    const box = help.querySelector("[data-keys]");
    box.checked = on;
    box.addEventListener("change", () => { on = box.checked; write(on ? "oui" : "non"); });
  }
  for (const one of all()) {
    one.tabIndex = -1;
    one.setAttribute("aria-labelledby", one.querySelector("h2 a").id);
    one.setAttribute("role", "listitem");
  }
}

async function send(form, button, at) {
  busy = true;
  const fields = new FormData(form);
  if (button) fields.append(button.name, button.value);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(fields), credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-tray]");
    if (!fresh) throw new Error("no list");
    const said = tray().querySelector("[data-tray-said]");
    const told = fresh.querySelector("[data-tray-said]");
    const views = page.querySelector(".watch-views");
    if (views) document.querySelector(".watch-views")?.replaceWith(views);
    // The live region stays the same node, or nothing would be read aloud.
    if (said && told) {
      said.replaceChildren(...told.childNodes);
      told.replaceWith(said);
    }
    tray().replaceWith(fresh);
    prepare();
    go(at);
  } catch {
    if (button) form.requestSubmit(button);
    else form.submit();
  } finally {
    busy = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!event.submitter || !form.matches("[data-news-form], [data-undo]")) return;
  if (event.submitter.dataset.plain !== undefined) return;
  event.preventDefault();
  if (busy) return; // one at a time: the list is about to change
  event.submitter.dataset.plain = ""; // should the sending fail, the browser does it
  send(form, event.submitter.name ? event.submitter : null, Math.max(0, here()));
});

document.addEventListener("keydown", (event) => {
  if (!on || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !tray()) return;
  if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const at = here();
  const key = event.key.toLowerCase();
  if (key === "j") go(at + 1);
  else if (key === "k") go(at < 0 ? 0 : at - 1);
  else if (key === "u") document.querySelector("[data-undo]")?.requestSubmit(document.querySelector("[data-undo] button"));
  else if ("geln".includes(key) && at >= 0) {
    const one = all()[at];
    const wanted = { g: "[name=garder]", e: "[name=ecarter]", l: "[data-link]", n: "[name=lettre]" }[key];
    one.querySelector(wanted)?.click();
  } else return;
  event.preventDefault();
});

prepare();
