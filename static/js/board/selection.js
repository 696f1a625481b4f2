// The selection: a rectangle between an anchor and the active cell, in places of the list and columns of days.

const PAGE_ROWS = 12;
const within = (value, count) => Math.max(0, Math.min(value, count - 1));

export class Selection extends EventTarget {
  constructor(list) {
    super();
    this.list = list;
    this.anchor = this.active = [0, 0];
    this.skipHeading();
  }

  get columns() {
    return this.list.sheet.columns;
  }

  get area() {
    const [[a, b], [c, d]] = [this.anchor, this.active];
    return { top: Math.min(a, c), bottom: Math.max(a, c), left: Math.min(b, d), right: Math.max(b, d) };
  }

  get size() {
    const { top, bottom, left, right } = this.area;
    return (bottom - top + 1) * (right - left + 1);
  }

  // The associate and day of the active cell, nothing on the heading of a group.
  get cell() {
    const row = this.list.entries[this.active[0]]?.row;
    return row === undefined ? null : [row, this.active[1]];
  }

  // Lines of the selection: for each place with an associate the row and the columns.
  lines(area = this.area) {
    const columns = Array.from({ length: area.right - area.left + 1 }, (_, step) => area.left + step);
    const entries = this.list.entries.slice(area.top, area.bottom + 1);
    return entries.flatMap(({ row }) => (row === undefined ? [] : [{ row, columns }]));
  }

  cells(area = this.area) {
    return this.lines(area).flatMap(({ row, columns }) => columns.map((column) => [row, column]));
  }

  to(place, column, isExtending = false) {
    this.active = [within(place, this.list.count), within(column, this.columns)];
    if (!isExtending) this.anchor = this.active;
    this.dispatchEvent(new Event("change"));
  }

  set({ top, bottom, left, right }) {
    this.anchor = [within(top, this.list.count), within(left, this.columns)];
    this.active = [within(bottom, this.list.count), within(right, this.columns)];
    this.dispatchEvent(new Event("change"));
  }

  find(code, column = this.active[1]) {
    const place = this.list.placeOf.get(this.list.sheet.rowOf.get(code));
    if (place === undefined) return false;
    this.to(place, column);
    return true;
  }

  skipHeading() {
    if (this.list.entries[this.active[0]]?.label && this.list.count > 1) this.anchor = this.active = [this.active[0] + 1, this.active[1]];
  }

  // Where a key leads from the active cell; undefined for other keys.
  step(event) {
    const [place, column] = this.active;
    const [lastPlace, lastColumn] = [this.list.count - 1, this.columns - 1];
    const near = {
      ArrowUp: [place - 1, column],
      ArrowDown: [place + 1, column],
      ArrowLeft: [place, column - 1],
      ArrowRight: [place, column + 1],
      PageUp: [place - PAGE_ROWS, column],
      PageDown: [place + PAGE_ROWS, column],
      Home: [place, 0],
      End: [place, lastColumn],
    };
    const far = {
      ArrowUp: [0, column],
      ArrowDown: [lastPlace, column],
      ArrowLeft: [place, 0],
      ArrowRight: [place, lastColumn],
      Home: [0, 0],
      End: [lastPlace, lastColumn],
    };
    return (event.ctrlKey || event.metaKey ? far : near)[event.key];
  }
}
