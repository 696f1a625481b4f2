// Ticks every box of the form, or none when all are ticked already.

for (const button of document.querySelectorAll("[data-tick-all]")) {
  const boxes = [...button.form.querySelectorAll("input[type=checkbox]")];
  const follow = () => {
    button.textContent = boxes.every((box) => box.checked) ? "Tick none" : "Tick all";
  };
  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
    follow();
  });
  button.form.addEventListener("change", follow);
}
