// Pictures of cells: each look is drawn once, by the style that the page's sheets give a cell of its classes, and stamped from then on.

const MOST_STAMPS = 3000;

// Lines across a cell, `slant` 1 like a slash and -1 like a backslash, as a repeating gradient of the page draws them.
function hatch(ink, width, height, { colour, thick, step, slant }) {
  ink.save();
  ink.beginPath();
  ink.rect(0, 0, width, height);
  ink.clip();
  ink.strokeStyle = colour;
  ink.lineWidth = thick;
  ink.beginPath();
  const across = step * Math.SQRT2;
  for (let start = -height; start < width + height; start += across) {
    ink.moveTo(start, slant > 0 ? height : 0);
    ink.lineTo(start + height, slant > 0 ? 0 : height);
  }
  ink.stroke();
  ink.restore();
}

function edge(ink, style, colour, [left, top, width, height]) {
  ink.fillStyle = colour;
  const isUpright = height > width;
  if (style === "double") {
    ink.fillRect(left, top, isUpright ? 1 : width, isUpright ? height : 1);
    ink.fillRect(left + (isUpright ? width - 1 : 0), top + (isUpright ? 0 : height - 1), isUpright ? 1 : width, isUpright ? height : 1);
  } else if (style === "dashed" || style === "dotted") {
    const dash = style === "dashed" ? 4 : height;
    for (let at = left; at < left + width; at += 2 * dash) ink.fillRect(at, top, Math.min(dash, left + width - at), height);
  } else if (style !== "none") ink.fillRect(left, top, width, height);
}

function wave(ink, colour, width, y) {
  ink.strokeStyle = colour;
  ink.lineWidth = 1;
  ink.beginPath();
  for (let x = 8; x <= width - 8; x += 2) ink.lineTo(x, y + ((x / 2) % 2 ? 1 : -1));
  ink.stroke();
}

export class Stamps {
  constructor(table, rowHeight) {
    Object.assign(this, { rowHeight, scale: window.devicePixelRatio, made: new Map() });
    this.isDraft = table.classList.contains("draft");
    this.row = table.querySelector("[data-probe]").appendChild(document.createElement("tr"));
    this.cell = this.row.appendChild(document.createElement("td"));
  }

  // To be called when colours, sizes or the density of the screen may have changed.
  forget(rowHeight) {
    Object.assign(this, { rowHeight, scale: window.devicePixelRatio });
    this.#drop();
  }

  // Pictures are given back at once: what collects rubbish may not see how much memory they hold.
  #drop() {
    for (const stamp of this.made.values()) stamp.close();
    this.made.clear();
  }

  colour(name) {
    this.cell.style.color = `var(--${name})`;
    const { color } = getComputedStyle(this.cell);
    this.cell.style.color = "";
    return color;
  }

  // The picture of a cell; `width` in points of the screen.
  of(classes, text, width, isGroup) {
    const key = `${classes}|${text}|${width}|${isGroup}`;
    let stamp = this.made.get(key);
    if (stamp) return stamp;
    if (this.made.size > MOST_STAMPS) this.#drop();
    stamp = this.#make(classes, text, width, isGroup);
    this.made.set(key, stamp);
    return stamp;
  }

  #make(classes, text, width, isGroup) {
    const sheet = new OffscreenCanvas(width, Math.ceil(this.rowHeight * this.scale));
    const ink = sheet.getContext("2d", { alpha: false });
    ink.scale(this.scale, this.scale);
    this.row.className = isGroup ? "group" : "";
    this.cell.className = classes;
    const style = getComputedStyle(this.cell);
    const has = new Set(classes.split(" "));
    // A row need not be a whole number of points of the screen (26 pixels at 125 % are 32.5). Then the ground ends a point below the
    // edge, where the next row covers it or not.
    const [wide, high, ground] = [width / this.scale, Math.floor(this.rowHeight * this.scale) / this.scale, sheet.height / this.scale];
    ink.fillStyle = this.colour("sheet");
    ink.fillRect(0, 0, wide, ground);
    ink.globalAlpha = Number(style.opacity);
    this.#ground(ink, style, has, wide, ground);
    this.#edges(ink, style, wide, high);
    if (text) this.#text(ink, style, has, text, wide, high);
    this.#signs(ink, style, has, wide, high);
    return sheet.transferToImageBitmap();
  }

  #ground(ink, style, has, wide, high) {
    ink.fillStyle = style.backgroundColor;
    ink.fillRect(0, 0, wide, high);
    if (has.has("w") && this.isDraft) hatch(ink, wide, high, { colour: this.colour("stripe"), thick: 3, step: 7, slant: 1 });
    if (has.has("none")) hatch(ink, wide, high, { colour: this.colour("rule"), thick: 1, step: 5, slant: -1 });
    if (has.has("leave")) edge(ink, "solid", this.colour("rule-strong"), [0, high / 2 - 1, wide, 2]);
  }

  #edges(ink, style, wide, high) {
    const [left, right, bottom] = ["borderLeftWidth", "borderRightWidth", "borderBottomWidth"].map((side) => parseFloat(style[side]) || 0);
    edge(ink, style.borderBottomStyle, style.borderBottomColor, [0, high - bottom, wide, bottom]);
    edge(ink, style.borderRightStyle, style.borderRightColor, [wide - right, 0, right, high]);
    edge(ink, style.borderLeftStyle, style.borderLeftColor, [0, 0, left, high]);
  }

  #text(ink, style, has, text, wide, high) {
    ink.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    if (has.has("leave")) {
      ink.strokeStyle = style.backgroundColor;
      ink.lineWidth = 5;
      ink.strokeText(text, wide / 2, high / 2 + 0.5);
    }
    ink.fillStyle = style.color;
    ink.fillText(text, wide / 2, high / 2 + 0.5, wide - 4);
    if (has.has("chg")) wave(ink, style.color, wide, high / 2 + 7);
  }

  #signs(ink, style, has, wide, high) {
    if (has.has("lk")) edge(ink, "solid", style.color, [0, high - 4, wide, 3]);
    if (has.has("v0")) edge(ink, "solid", this.colour("stop"), [0, 0, wide, 3]);
    if (has.has("v1")) edge(ink, "dotted", this.colour("reason"), [0, 0, wide, 3]);
    if (!has.has("other")) return;
    ink.strokeStyle = this.colour("accent");
    ink.lineWidth = 1;
    for (const inset of [0.5, 2.5]) ink.strokeRect(inset, inset, wide - 2 * inset, high - 2 * inset);
  }
}
