// Buttons that print the page: shown only where a script can do it (the browser's own menu always can).

document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
