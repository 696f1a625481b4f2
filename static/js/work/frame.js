// The frame around a picture: it zooms, and a place in it can be marked with the mouse, a finger or the arrow keys.

import { tr } from "./words.js";

const ZOOMS = [1, 1.5, 2, 3, 4];
const STEP = 0.01;
const LONG_STEP = 0.05;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const within = (value) => Math.max(0, Math.min(1, value));
const percent = (share) => `${Math.round(share * 100)} %`;

export function makeFrame(media) {
  const element = document.createElement("div");
  element.className = "work-frame";
  const board = document.createElement("div");
  board.className = "work-board";
  board.append(media);
  element.append(board);
  let zoom = 0;
  let at;
  let mark;
  let isMarked = false;
  let onMark;

  function enlarge(step) {
    zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + step));
    // Sizes that come from code may be set as properties; only written styles are refused by the policy.
    board.style.setProperty("--zoom", ZOOMS[zoom]);
    element.tabIndex = zoom || onMark ? 0 : -1;
  }

  function draw() {
    mark.style.setProperty("left", `${at[0] * 100}%`);
    mark.style.setProperty("top", `${at[1] * 100}%`);
    mark.classList.toggle("is-set", isMarked);
    mark.hidden = false;
  }

  function set(place) {
    at = place.map(within);
    isMarked = true;
    draw();
    onMark({ x: at[0], y: at[1] }, tr("Marked at %(x)s from the left and %(y)s from the top.", { x: percent(at[0]), y: percent(at[1]) }));
  }

  function onKey(event) {
    const move = MOVES[event.key];
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (move) {
      event.preventDefault();
      const step = event.shiftKey ? LONG_STEP : STEP;
      const from = at ?? [0.5, 0.5];
      at = [within(from[0] + move[0] * step), within(from[1] + move[1] * step)];
      isMarked = false;
      draw();
      mark.scrollIntoView({ block: "nearest", inline: "nearest" });
      onMark(null, "");
    } else if (event.key === "Enter" && at && !isMarked) {
      // The same key sends the answer once the mark is set, so this press must not reach the page.
      event.preventDefault();
      event.stopPropagation();
      set(at);
    }
  }

  return {
    element,
    zoom: enlarge,
    whole: () => enlarge(-ZOOMS.length),
    // Lets a place be marked; `marked(place, words)` hears where, as shares of width and height, and null while it moves.
    letMark(label, marked) {
      onMark = marked;
      mark = document.createElement("span");
      mark.className = "work-mark";
      mark.hidden = true;
      board.append(mark);
      element.tabIndex = 0;
      element.classList.add("is-markable");
      element.setAttribute("role", "application");
      element.setAttribute("aria-roledescription", tr("picture to mark"));
      element.setAttribute("aria-label", tr("%(question)s. Move the cross with the arrow keys, with Shift in longer steps; Enter sets the mark.", { question: label }));
      element.addEventListener("keydown", onKey);
      board.addEventListener("click", (event) => {
        const box = board.getBoundingClientRect();
        set([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
      });
    },
    mark: (place) => place && set([place.x, place.y]),
    focus: () => element.focus({ preventScroll: true }),
  };
}
