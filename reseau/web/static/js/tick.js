// "Tout cocher": a button that ticks every box of its form, or none when all are ticked; and how many are ticked.

for (const form of document.querySelectorAll("[data-tick-all]")) {
  const button = form.querySelector("[data-tick]");
  const boxes = [...form.querySelectorAll("input[type=checkbox][name=lieu]")];
  const told = form.querySelector("[data-ticked]");
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    if (told) {
      told.hidden = false;
      told.querySelector("output").value = ticked.toLocaleString(document.documentElement.lang);
    }
  };
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const tick = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = tick;
    count();
  });
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // boxes that the browser ticked again on the way back
  count();
}
