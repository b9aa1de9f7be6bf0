// The words of an issue are typed in one form of a page that has others: who leaves with words that were not saved is
// asked first. Without scripts, "Continue" saves them.

const form = document.querySelector("form[data-unsaved]");

if (form) {
  let typed = false;
  form.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", () => (typed = false));
  addEventListener("beforeunload", (event) => typed && event.preventDefault());
}
