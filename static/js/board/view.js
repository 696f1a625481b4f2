// Where everything on the board is: its picture, the rows under it, the outline of the selection, and what lies at a point of it.

import { Looks } from "./looks.js";
import { Painter } from "./painter.js";
import { Rows } from "./rows.js";
import { Stamps } from "./stamps.js";

const REST_MS = 100;

export class View {
  constructor(box, sheet, list, selection, personAddress) {
    Object.assign(this, { box, sheet, list, selection, personAddress });
    this.table = box.querySelector("table");
    this.pane = box.querySelector("[data-pane]");
    this.cover = box.querySelector("[data-cover]");
    this.outline = box.querySelector("[data-outline]");
    this.heads = [...this.table.tHead.rows[1].cells];
    box.style.setProperty("--columns", sheet.columns);
    this.looks = new Looks(sheet, list);
    this.rows = new Rows(this.table, sheet, list, selection, this.looks, personAddress);
    this.painter = new Painter(this, new Stamps(this.table, 0));
    this.isAsked = false;
    this.areRowsAsked = false;
    // Whoever chose the colours of the system sees the table itself, and so does paper, on which all rows belong.
    this.isTableSeen = matchMedia("(forced-colors: active)");
    addEventListener("beforeprint", () => this.#print());
    addEventListener("afterprint", () => this.layout());
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(box);
    selection.addEventListener("change", () => {
      this.reveal();
      this.ask();
    });
    this.layout();
  }

  // Many reasons to draw in one frame are one drawing.
  ask(areRowsAsked = true) {
    this.areRowsAsked ||= areRowsAsked;
    if (this.isAsked) return;
    this.isAsked = true;
    requestAnimationFrame(() => {
      this.isAsked = false;
      this.draw();
    });
  }

  #print() {
    this.rows.make(this.list.count, this.rowHeight);
    this.rows.draw(0);
  }

  // The picture follows every frame of scrolling; the rows under it follow when it rests.
  #scrolled() {
    this.ask(this.isTableSeen.matches);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.rows.draw(this.top), REST_MS);
  }

  draw() {
    if (this.areRowsAsked) this.painter.forget();
    if (!this.isTableSeen.matches) this.painter.paint();
    const { area } = this.selection;
    this.outline.hidden = !this.list.count;
    if (this.list.count) this.cling(this.outline, this.rect(area));
    if (this.areRowsAsked) this.rows.draw(this.top);
    this.areRowsAsked = false;
  }

  // The first place that is seen.
  get top() {
    return Math.floor(this.box.scrollTop / this.rowHeight);
  }

  layout() {
    this.rowHeight = parseFloat(getComputedStyle(this.box).getPropertyValue("--row"));
    this.headHeight = this.table.tHead.offsetHeight;
    this.footHeight = this.table.tFoot.offsetHeight;
    this.nameWidth = this.table.tHead.rows[0].cells[0].offsetWidth;
    this.isNarrow = matchMedia("(max-width: 40rem)").matches;
    // Read once: to ask the page for a place between two writes makes it lay out everything again.
    this.places = this.heads.map((head) => [head.offsetLeft, head.offsetLeft + head.offsetWidth]);
    this.room = [this.box.clientWidth, this.box.clientHeight];
    const [left, top] = [this.nameWidth, this.headHeight];
    this.place(this.cover, { left, top, width: this.room[0] - left, height: Math.max(0, this.room[1] - top - this.footHeight) });
    this.rows.make(Math.ceil(this.box.clientHeight / this.rowHeight), this.rowHeight);
    this.painter.restyle();
    this.areRowsAsked = true;
    this.draw();
  }

  rect({ top, bottom, left, right }) {
    const [from, to] = [this.places[left][0], this.places[right][1]];
    return {
      left: from,
      top: this.headHeight + top * this.rowHeight,
      width: to - from,
      height: (bottom - top + 1) * this.rowHeight,
    };
  }

  place(element, rect) {
    for (const side of ["left", "top", "width", "height"]) {
      const value = `${rect[side]}px`;
      if (element.style[side] !== value) element.style[side] = value;
    }
  }

  // Places an element of the cover, which does not scroll, where a part of the sheet is.
  cling(element, rect) {
    const { scrollLeft, scrollTop } = this.box;
    this.place(element, { ...rect, left: 0, top: 0 });
    element.style.transform = `translate(${rect.left - this.nameWidth - scrollLeft}px, ${rect.top - this.headHeight - scrollTop}px)`;
  }

  // The place and the column at a point of the screen, taken to the nearest cell.
  at(x, y) {
    const box = this.box.getBoundingClientRect();
    const across = x - box.left + this.box.scrollLeft;
    const down = y - box.top + this.box.scrollTop - this.headHeight;
    const column = this.places.findIndex(([, right]) => across < right);
    const place = Math.floor(down / this.rowHeight);
    const last = this.sheet.columns - 1;
    return [Math.max(0, Math.min(place, this.list.count - 1)), column < 0 ? last : column];
  }

  // What is at a point of the screen: "cell", "name", or nothing of the rows.
  partAt(x, y) {
    const box = this.box.getBoundingClientRect();
    const [across, down] = [x - box.left, y - box.top - this.headHeight];
    const isRow = down >= 0 && down + this.box.scrollTop < this.list.count * this.rowHeight && down < this.room[1] - this.headHeight - this.footHeight;
    if (!isRow || across < 0 || across > this.room[0]) return "";
    return across < this.nameWidth ? "name" : "cell";
  }

  reveal() {
    const [place, column] = this.selection.active;
    const [start, end] = this.places[column];
    const { box } = this;
    const top = place * this.rowHeight;
    const room = this.room[1] - this.headHeight - this.footHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + this.rowHeight > box.scrollTop + room) box.scrollTop = top + this.rowHeight - room;
    const left = start - this.nameWidth;
    if (left < box.scrollLeft) box.scrollLeft = left;
    else if (end > box.scrollLeft + this.room[0]) box.scrollLeft = end - this.room[0];
  }
}
