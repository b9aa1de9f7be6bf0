// Suggestions while typing: fills the <datalist> of each <input data-suggestions="address">. The address answers
// ?q= with a JSON list of strings. Without this script the field is an ordinary search field.

const DELAY_MS = 200;
const SHORTEST = 2;

function attach(input) {
  const list = document.getElementById(input.getAttribute("list"));
  if (!list) return;
  let timer;
  let running;
  let last = "";

  async function ask() {
    const text = input.value.trim();
    if (text.length < SHORTEST || text === last) return;
    last = text;
    running?.abort();
    running = new AbortController();
    const url = new URL(input.dataset.suggestions, document.baseURI);
    url.searchParams.set("q", text);
    try {
      const response = await fetch(url, { signal: running.signal, headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const options = (await response.json()).map((suggestion) => {
        const option = document.createElement("option");
        option.value = suggestion;
        return option;
      });
      list.replaceChildren(...options);
    } catch {
      // No network, or a newer letter: the visitor can go on typing and search as without suggestions.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DELAY_MS);
  });
}

document.querySelectorAll("input[data-suggestions]").forEach(attach);
