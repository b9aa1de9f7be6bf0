// "Tout cocher": a button that ticks every box of its form, or none when all are ticked.

for (const form of document.querySelectorAll("[data-tick-all]")) {
  const button = form.querySelector("[data-tick]");
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const tick = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = tick;
  });
}
