// What is typed in a long form is kept on the server: shortly after the last key, and when the page is left.
// The form works without: it has a button "keep for later".

const DELAY_MS = 1500;

for (const form of document.querySelectorAll("form[data-draft]")) {
  const status = form.querySelector("[data-draft-status]");
  let timer = 0;
  let typed = false;
  let sent = null;

  const keep = async () => {
    typed = false;
    sent?.abort();
    sent = new AbortController();
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", signal: sent.signal });
      if (answer.status !== 204) throw new Error(String(answer.status));
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      status.textContent = form.dataset.kept.replace("{time}", time);
    } catch (error) {
      if (error.name === "AbortError") return;
      typed = true;
      status.textContent = form.dataset.lost;
    }
  };

  const later = () => {
    typed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, DELAY_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // A draft that arrives after the form itself would come back from the dead.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent?.abort();
    typed = false;
  });
  addEventListener("pagehide", () => {
    if (typed) navigator.sendBeacon(form.dataset.draft, new FormData(form));
  });
}
