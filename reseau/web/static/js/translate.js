// The translator's page: agreed words that are used or can be put in, and easy French counted as one types.
// All of it is on the page without: a button more, and answers that come before saving.

const DELAY_MS = 700;
const KEEP_MS = 4000;

// Each section is a form. What was typed in the others is kept before one is sent: the page that comes back holds it.
const typed = new Set();
let kept = false;
for (const form of document.querySelectorAll(".tr-section > form[data-draft]")) {
  form.addEventListener("input", () => typed.add(form));
}
document.addEventListener("submit", async (event) => {
  const others = [...typed].filter((form) => form !== event.target);
  if (kept || !others.length || event.target.method !== "post") return;
  event.preventDefault();
  const signal = AbortSignal.timeout(KEEP_MS);
  const keep = (form) => fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", signal });
  await Promise.allSettled(others.map(keep));
  kept = true; // once: who asks again after an answer that was lost is not held back
  event.target.requestSubmit(event.submitter);
});
addEventListener("pageshow", () => (kept = false));

// The text of the source with its signs, into a box that is empty.
for (const button of document.querySelectorAll("[data-copy]")) {
  const box = document.getElementById(button.dataset.copy);
  const show = () => (button.hidden = box.value.trim() !== "");
  show();
  box.addEventListener("input", show);
  button.addEventListener("click", () => {
    box.value = button.previousElementSibling.textContent;
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const form of document.querySelectorAll(".tr-section > form")) {
  const boxes = [...form.querySelectorAll("input[lang], textarea[lang]")];
  const written = () => boxes.map((box) => box.value).join("\n");
  let last = boxes.at(-1);

  for (const box of boxes) box.addEventListener("focus", () => (last = box));

  for (const button of form.querySelectorAll("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const start = last.selectionStart;
      const blank = start > 0 && !/\s/.test(last.value[start - 1]) ? " " : "";
      last.setRangeText(blank + button.dataset.insert, start, last.selectionEnd, "end");
      last.focus();
      last.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  const terms = [...form.querySelectorAll("[data-term]")];
  form.addEventListener("input", () => {
    const text = written().toLocaleLowerCase();
    for (const term of terms) term.classList.toggle("tr-used", text.includes(term.dataset.term.toLocaleLowerCase()));
  });

  const easy = form.querySelector("[data-falc]");
  if (!easy) continue;
  const base = form.action.replace(/\/(kits|tutoriels|experiences|outils|liens)\/.*/, "");
  let timer = 0;
  let sent = null;
  const count = async () => {
    sent?.abort();
    sent = new AbortController();
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, text: written() });
    try {
      const answer = await fetch(`${base}/traductions/falc.json`, { method: "POST", body, signal: sent.signal });
      if (!answer.ok) return;
      const { counts, remarks } = await answer.json();
      // Only what has changed is written: writing the same words anew makes some screen readers say them again.
      const told = counts.join(", ") || easy.dataset.none;
      const said = easy.querySelector("[data-falc-counts]");
      if (said.textContent !== told) said.textContent = told;
      const advice = remarks.slice(0, 20).map((remark) => remark.advice);
      const list = easy.querySelector("[data-falc-list]");
      if ([...list.children].map((line) => line.textContent).join("\n") !== advice.join("\n")) {
        list.replaceChildren(...advice.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
      }
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(count, DELAY_MS);
  });
}
