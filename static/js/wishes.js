// Says how many points are left while they are shared out.

function whole(input) {
  const value = Number.parseInt(input.value, 10);
  return Number.isFinite(value) && value > 0 ? value : 0;
}

function follow(form) {
  const line = form.querySelector("[data-left]");
  const inputs = [...form.querySelectorAll("input[type=number]")];
  const update = () => {
    const left = Number(form.dataset.points) - inputs.reduce((sum, input) => sum + whole(input), 0);
    line.textContent = left < 0 ? `${-left} ${line.dataset.tooMany}` : `${left} ${line.dataset.words}`;
    line.classList.toggle("worse", left < 0);
  };
  form.addEventListener("input", update);
  update();
}

for (const form of document.querySelectorAll("form[data-points]")) follow(form);
