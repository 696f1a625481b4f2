// Coverage under the board: a small curve for each day below its column, and a large one of the day of the active cell.

import { read } from "./read.js";

const NS = "http://www.w3.org/2000/svg";
const WIDTH = 100;

const make = (name, attributes) => {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

// Corners of a curve that is level within each interval.
function steps(heads, most, height) {
  const width = WIDTH / heads.length;
  const up = (value) => (height - (value / most) * height).toFixed(2);
  return heads.map((value, index) => `${(index * width).toFixed(2)},${up(value)} ${((index + 1) * width).toFixed(2)},${up(value)}`).join(" ");
}

// Corners of the areas in which fewer are there than are needed.
function gaps(required, scheduled, most, height) {
  const width = WIDTH / required.length;
  const up = (value) => (height - (value / most) * height).toFixed(2);
  return required
    .map((need, index) => {
      if (need - scheduled[index] < 0.05) return "";
      const [left, right] = [(index * width).toFixed(2), ((index + 1) * width).toFixed(2)];
      return `M${left},${up(need)}H${right}V${up(scheduled[index])}H${left}Z`;
    })
    .join("");
}

function draw(svg, { required, scheduled }, most, height) {
  const have = steps(scheduled, most, height);
  svg.replaceChildren(
    make("polygon", { class: "have", points: `0,${height} ${have} ${WIDTH},${height}` }),
    make("path", { class: "gap", d: gaps(required, scheduled, most, height) }),
    make("polyline", { class: "have-line", points: have }),
    make("polyline", { class: "need", points: steps(required, most, height) }),
  );
}

export class Coverage {
  constructor(root, sheet, selection, address) {
    Object.assign(this, { sheet, selection, address });
    this.cells = [...root.querySelectorAll("[data-strip] td")];
    this.day = root.querySelector("[data-day-chart]");
    this.chart = this.day.querySelector("svg");
    this.title = this.day.querySelector("[data-day-title]");
    this.figures = this.day.querySelector("[data-day-figures]");
    this.choice = root.querySelector("[data-skill]");
    this.days = {};
    for (const cell of this.cells) {
      cell.replaceChildren(make("svg", { viewBox: `0 0 ${WIDTH} 30`, preserveAspectRatio: "none", "aria-hidden": "true" }), document.createElement("span"));
    }
    this.choice.addEventListener("change", () => this.load());
    selection.addEventListener("change", () => this.#day());
  }

  get skill() {
    return this.choice.value;
  }

  async load() {
    const data = await read(this.address, { skill: this.skill });
    if (data) this.put(data);
  }

  put({ skill, days, intervalMinutes }) {
    if (skill !== this.skill) return;
    this.intervalMinutes = intervalMinutes;
    Object.assign(this.days, days);
    this.most = Math.max(1, ...Object.values(this.days).flatMap(({ required, scheduled }) => [...required, ...scheduled]));
    this.cells.forEach((cell, column) => {
      const day = this.days[column];
      if (!day) return;
      const [svg, words] = cell.children;
      draw(svg, day, this.most, 30);
      words.textContent = day.short < 0.05 ? "ok" : `▼${day.short < 10 ? day.short : Math.round(day.short)}`;
      cell.title = `${this.sheet.dayWords(column)}: ${day.short < 0.05 ? "covered" : `${day.short} head-hours short`}`;
      cell.setAttribute("aria-label", cell.title);
      cell.classList.toggle("is-short", day.short >= 0.05);
    });
    this.shown = undefined;
    this.#day();
  }

  #day() {
    const column = this.selection.active[1];
    const day = this.days[column];
    if (!day || this.shown === column) return;
    this.shown = column;
    draw(this.chart, day, Math.max(1, ...day.required, ...day.scheduled), 100);
    const hours = (heads) => Math.round((heads.reduce((sum, value) => sum + value, 0) * this.intervalMinutes) / 60);
    this.title.textContent = this.sheet.dayWords(column, { weekday: "long", day: "numeric", month: "long" });
    const short = day.short < 0.05 ? "nothing short" : `${day.short} short`;
    this.figures.textContent = `${hours(day.required)} head-hours required, ${hours(day.scheduled)} scheduled, ${short}`;
    const worst = day.required.reduce((at, need, index) => (need - day.scheduled[index] > day.required[at] - day.scheduled[at] ? index : at), 0);
    const missing = day.required[worst] - day.scheduled[worst];
    const at = new Date(worst * this.intervalMinutes * 60000).toISOString().slice(11, 16);
    const most = missing < 0.05 ? "" : ` Most are missing ${at} after the day began: ${missing.toFixed(1)} heads.`;
    this.chart.setAttribute("aria-label", `Required and scheduled productive heads. ${this.figures.textContent}.${most}`);
  }
}
