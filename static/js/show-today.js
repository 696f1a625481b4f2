// Brings the column of today into sight, beside the names that stay, where the days are wider than the window.

for (const region of document.querySelectorAll("[data-show-today]")) {
  const today = region.querySelector("thead [aria-current=date]");
  if (today) region.scrollLeft = today.offsetLeft - today.parentElement.cells[0].offsetWidth - today.offsetWidth;
}
