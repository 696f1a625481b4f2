// The picture of the board: what can be seen of its rows, on one canvas that stays in its place while the board scrolls under it.
//
// A frame of scrolling costs some hundred stamps, whatever the elements of the rows would cost in style, layout and paint.

const ELLIPSIS = "…";
const PAD = 9.6;
const MOST_STRIPS = 96;
const MOST_STRIP_POINTS = 16e6;
const THROWN_ROWS = 6;
const NEW_STRIPS_A_FRAME = 4;

export class Painter {
  constructor(view, stamps) {
    Object.assign(this, { view, stamps, hovered: -1, strips: new Map() });
    this.canvas = view.pane.querySelector("canvas");
    this.ink = this.canvas.getContext("2d", { alpha: false });
    const root = document.documentElement;
    new MutationObserver(() => this.restyle()).observe(root, { attributeFilter: ["data-bs-theme"] });
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
      matchMedia(query).addEventListener("change", () => this.restyle());
    }
  }

  restyle() {
    const { view, stamps } = this;
    stamps.forget(view.rowHeight);
    this.forget();
    const name = getComputedStyle(view.table.tHead.rows[0].cells[0]);
    this.fonts = { code: this.#codeFont(), name: `500 ${name.fontSize} ${name.fontFamily}`, group: `650 ${name.fontSize} ${name.fontFamily}` };
    const names = ["sheet", "sunken", "ink", "ink-soft", "rule", "rule-strong", "focus"];
    this.colours = Object.fromEntries(names.map((one) => [one, stamps.colour(one)]));
    this.fitted = new Map();
    this.size();
    view.ask();
  }

  #codeFont() {
    const { fontFamily, fontSize } = getComputedStyle(this.stamps.cell);
    return `500 ${fontSize} ${fontFamily}`;
  }

  size() {
    const { view, canvas } = this;
    const scale = window.devicePixelRatio;
    const [width, height] = [view.room[0], Math.max(0, view.room[1] - view.headHeight - view.footHeight)];
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== across || canvas.height !== down) Object.assign(canvas, { width: across, height: down });
    view.place(canvas, { left: 0, top: view.headHeight, width, height });
    Object.assign(this, { width, height, scale });
    this.edges = view.places.map(([left, right]) => [Math.round(left * scale), Math.round(right * scale)]);
    this.stripSize = [this.edges.at(-1)[1] - this.edges[0][0], Math.ceil(view.rowHeight * scale)];
    this.mostStrips = Math.min(MOST_STRIPS, Math.floor(MOST_STRIP_POINTS / (this.stripSize[0] * this.stripSize[1])));
  }

  paint() {
    // A window that went to another screen has other points; no event tells it.
    if (this.scale !== window.devicePixelRatio) this.restyle();
    const { view, ink, scale, colours } = this;
    const [left, top] = [Math.round(view.box.scrollLeft), Math.round(view.box.scrollTop)];
    const first = Math.floor(top / view.rowHeight);
    const last = Math.min(view.list.count - 1, Math.floor((top + this.height) / view.rowHeight));
    ink.setTransform(1, 0, 0, 1, 0, 0);
    const isThrown = Math.abs(first - (this.first ?? first)) > THROWN_ROWS;
    this.strippable = !isThrown && last - first < this.mostStrips ? NEW_STRIPS_A_FRAME : 0;
    this.first = first;
    for (let place = first; place <= last; place += 1) this.#cells(place, Math.round(left * scale), this.#down(place, top));
    ink.setTransform(scale, 0, 0, scale, 0, 0);
    this.#choice(left, top);
    this.#names(first, last, top);
    const end = (last + 1) * view.rowHeight - top;
    ink.fillStyle = colours.sheet;
    if (end < this.height) ink.fillRect(0, end, this.width, this.height - end);
  }

  // Where a row begins, in whole points of the screen.
  #down(place, top) {
    return Math.round((place * this.view.rowHeight - top) * this.scale);
  }

  // To be called when something about the cells changed.
  forget() {
    for (const strip of this.strips.values()) strip.close();
    this.strips.clear();
  }

  // A row that stays for some frames is put together once, a few rows in each frame, for all at once would make one frame late. The
  // stamps of the others go straight to the picture; so do all when the board is thrown, where none stays, and where rows are too
  // long for many to be kept.
  #cells(place, left, y) {
    const { view, ink, edges, strips } = this;
    const entry = view.list.entries[place];
    let strip = strips.get(place);
    if (!strip && this.strippable > 0) {
      this.strippable -= 1;
      const sheet = new OffscreenCanvas(...this.stripSize);
      this.#stamp(sheet.getContext("2d", { alpha: false }), entry, edges[0][0], 0, 0, Infinity);
      strip = sheet.transferToImageBitmap();
      strips.set(place, strip);
      if (strips.size > this.mostStrips) this.#dropOldest();
    }
    if (strip) ink.drawImage(strip, edges[0][0] - left, y);
    else this.#stamp(ink, entry, left, y, view.nameWidth * this.scale, this.width * this.scale);
  }

  #dropOldest() {
    const [[place, strip]] = this.strips;
    strip.close();
    this.strips.delete(place);
  }

  // Draws the cells of a row that lie between two edges.
  #stamp(ink, entry, left, y, start, end) {
    const { edges, stamps } = this;
    const { looks } = this.view;
    const isGroup = Boolean(entry.label);
    for (let column = 0; column < edges.length; column += 1) {
      const [from, to] = edges[column];
      if (to - left <= start) continue;
      if (from - left >= end) break;
      ink.drawImage(stamps.of(looks.classes(entry, column), looks.text(entry, column), to - from, isGroup), from - left, y);
    }
  }

  // The chosen cells, and the row under the mouse.
  #choice(left, top) {
    const { view, ink, colours } = this;
    if (this.hovered >= 0 && this.hovered < view.list.count) {
      ink.fillStyle = colours.ink;
      ink.globalAlpha = 0.06;
      ink.fillRect(view.nameWidth, this.hovered * view.rowHeight - top, this.width, view.rowHeight);
    }
    if (view.list.count) {
      const area = view.rect(view.selection.area);
      ink.fillStyle = colours.focus;
      ink.globalAlpha = 0.22;
      ink.fillRect(area.left - left, area.top - view.headHeight - top, area.width, area.height);
      ink.globalAlpha = 1;
      const [place, column] = view.selection.active;
      const active = view.rect({ top: place, bottom: place, left: column, right: column });
      ink.strokeStyle = colours.ink;
      ink.lineWidth = 2;
      ink.strokeRect(active.left - left + 1, active.top - view.headHeight - top + 1, active.width - 3, active.height - 3);
    }
    ink.globalAlpha = 1;
  }

  #names(first, last, top) {
    const { view, ink, colours, scale } = this;
    const { rowHeight, nameWidth } = view;
    const hair = Math.max(1, Math.floor(scale)) / scale;
    const edge = Math.floor(rowHeight * scale) / scale - hair;
    ink.fillStyle = colours.sheet;
    ink.fillRect(0, 0, nameWidth, this.height);
    ink.textBaseline = "middle";
    ink.textAlign = "left";
    for (let place = first; place <= last; place += 1) {
      const [entry, y] = [view.list.entries[place], this.#down(place, top) / scale];
      if (entry.label || place === this.hovered) {
        ink.fillStyle = colours.sunken;
        ink.fillRect(0, y, nameWidth, rowHeight);
      }
      const { code, name, room } = this.#words(entry);
      if (code) {
        ink.font = this.fonts.code;
        ink.fillStyle = colours["ink-soft"];
        ink.fillText(code, PAD, y + rowHeight / 2 + 0.5);
      }
      ink.font = entry.label ? this.fonts.group : this.fonts.name;
      ink.fillStyle = colours.ink;
      ink.fillText(name, room, y + rowHeight / 2);
      ink.fillStyle = colours.rule;
      ink.fillRect(0, y + edge, nameWidth, hair);
    }
    ink.fillStyle = colours["rule-strong"];
    ink.fillRect(nameWidth - hair, 0, hair, (last + 1) * rowHeight - top);
  }

  // Code and name as far as there is room for them; measured once.
  #words(entry) {
    const key = entry.label ?? entry.row;
    let words = this.fitted.get(key);
    if (words) return words;
    const { view, ink } = this;
    const person = view.sheet.people[entry.row];
    const code = view.isNarrow && person ? "" : String(person?.code ?? entry.rows.length);
    ink.font = this.fonts.code;
    const room = PAD + (code ? ink.measureText(code).width + 6.4 : 0);
    ink.font = entry.label ? this.fonts.group : this.fonts.name;
    let name = person?.name ?? entry.label;
    const most = view.nameWidth - room - 6;
    while (name.length > 1 && ink.measureText(name).width > most) name = name.replace(/…$/, "").slice(0, -1).trimEnd() + ELLIPSIS;
    words = { code, name, room };
    this.fitted.set(key, words);
    return words;
  }
}
