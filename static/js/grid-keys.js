// One stop of the tabulator for the whole grid; inside it the arrow keys move, as in a spreadsheet.

const PAGE_ROWS = 12;

const MOVES = {
  ArrowUp: ([row, column]) => [row - 1, column],
  ArrowDown: ([row, column]) => [row + 1, column],
  ArrowLeft: ([row, column]) => [row, column - 1],
  ArrowRight: ([row, column]) => [row, column + 1],
  PageUp: ([row, column]) => [row - PAGE_ROWS, column],
  PageDown: ([row, column]) => [row + PAGE_ROWS, column],
  Home: ([row]) => [row, 0],
  End: ([row], sheet) => [row, sheet.columns - 1],
};
const FAR_MOVES = {
  Home: () => [0, 0],
  End: (_, sheet) => [sheet.count - 1, sheet.columns - 1],
};
const within = (value, count) => Math.max(0, Math.min(value, count - 1));

// `target` is the associate and the column that a link points to, if there is one.
export function attachKeys(box, sheet, { open, ask }, target) {
  let at = [0, 0];
  let stop;

  function mark(cell) {
    stop?.removeAttribute("tabindex");
    stop = cell;
    stop.tabIndex = 0;
  }

  function go(position) {
    at = [within(position[0], sheet.count), within(position[1], sheet.columns)];
    const cell = sheet.cell(...at);
    if (!cell) return;
    mark(cell);
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  box.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.target.closest("a")) return;
    const move = (event.ctrlKey ? FAR_MOVES : MOVES)[event.key];
    if (move) {
      event.preventDefault();
      go(move(at, sheet));
    } else if (event.key === "Enter" && event.target.closest("td")) {
      open(event.target.closest("tr").dataset.who, at[1]);
    } else if (event.ctrlKey && event.key === "i" && event.target.closest("td")) {
      event.preventDefault();
      ask(event.target.closest("tr").dataset.who, at[1]);
    }
  });
  box.addEventListener("click", (event) => {
    const cell = event.target.closest("tbody td");
    if (cell) go(sheet.position(cell));
  });

  for (const link of box.querySelectorAll("tbody th a")) link.tabIndex = -1;
  const row = target ? sheet.find(target.who) : -1;
  if (row >= 0) go([row, target.column]);
  else if (sheet.count) mark(sheet.cell(0, 0));
}
