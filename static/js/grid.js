// The roster grid: keys, instant search, and the line that says a cell in full.

import { attachKeys } from "./grid-keys.js";
import { TableSheet, VirtualSheet } from "./sheets.js";

const box = document.querySelector("[data-grid]");

function showTotals(table, sheet) {
  const heads = new Map();
  for (const row of table.querySelectorAll("[data-total]")) heads.set(row.dataset.total, new Array(sheet.columns).fill(0));
  for (let row = 0; row < sheet.count; row += 1) {
    sheet.tones(row).forEach((tone, column) => {
      if (!tone) return;
      heads.get("")[column] += 1;
      heads.get(tone)[column] += 1;
    });
  }
  for (const row of table.querySelectorAll("[data-total]")) {
    heads.get(row.dataset.total).forEach((count, column) => {
      row.cells[column + 1].textContent = count;
    });
  }
}

function attachFilter(form, table, sheet) {
  const { q, team } = form.elements;
  if (new URLSearchParams(location.search).get("q") || new URLSearchParams(location.search).get("team")) return;
  const shown = form.querySelector("[data-grid-count]");
  const all = sheet.count;
  const apply = () => {
    sheet.filter(q.value.trim().toLocaleLowerCase(), team.value);
    shown.textContent = `${sheet.count} of ${all} associates${sheet.count ? "" : ": nobody matches"}`;
    showTotals(table, sheet);
  };
  q.addEventListener("input", apply);
  team.addEventListener("change", apply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
    history.replaceState(null, "", `?${new URLSearchParams(new FormData(form))}`);
  });
}

function attachReadout(table, line) {
  const times = new Map();
  for (const chip of document.querySelectorAll(".legend .chip")) times.set(chip.textContent, chip.nextSibling.textContent.trim());
  const days = [...table.tHead.rows[1].cells].map((cell) => cell.title);
  const say = (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell || cell.classList.contains("spacer")) return;
    const who = cell.parentElement.cells[0].querySelector("a").title;
    const what = [cell.getAttribute("aria-label") ?? cell.textContent, times.get(cell.textContent)].filter(Boolean).join(" ");
    line.textContent = `${who} — ${days[cell.cellIndex - 1]}: ${what}`;
  };
  table.addEventListener("focusin", say);
  table.addEventListener("mouseover", say);
}

// The link below the grid asks about the cell that was chosen last.
function attachWhy(table, link, address) {
  const days = [...table.tHead.rows[1].cells];
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("tbody td");
    const row = cell?.closest("[data-who]");
    if (!row) return;
    const day = days[cell.cellIndex - 1];
    link.href = address(row.dataset.who, cell.cellIndex - 1);
    link.textContent = `Why not another shift for ${row.dataset.who} on ${day.title.replace(", today", "")}?`;
    link.hidden = false;
  });
}

async function start() {
  const table = box.querySelector("table");
  const sheet = box.dataset.source ? await VirtualSheet.load(box) : new TableSheet(table);
  const days = [...table.tHead.rows[1].cells].map((cell) => cell.dataset.date);
  attachReadout(table, document.querySelector("[data-grid-readout]"));
  const open = (code, column) => {
    location.assign(`${box.dataset.person.replace("CODE", encodeURIComponent(code))}#d${days[column]}`);
  };
  const why = (code, column) => `${box.dataset.why}?${new URLSearchParams({ associate: code, day: days[column] })}`;
  const ask = (code, column) => location.assign(why(code, column));
  attachWhy(table, document.querySelector("[data-grid-why]"), why);
  const column = days.indexOf(box.dataset.targetDay);
  attachKeys(box, sheet, { open, ask }, column < 0 ? undefined : { who: box.dataset.targetWho, column });
  attachFilter(document.querySelector("[data-grid-filter]"), table, sheet);
  box.dataset.ready = "";
}

if (box) {
  start().catch((error) => {
    document.querySelector("[data-grid-readout]").textContent = `${error.message} Load the page again, or choose a team.`;
  });
}
