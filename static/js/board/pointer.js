// The mouse on the board: choose cells, drag the corner to fill, drag the edge to move. A finger scrolls, and a tap chooses.

const EDGE = 28;
const SCROLL_STEP = 18;

export function attachPointer(view, selection, actions, { isExtending, open }) {
  const { box, outline } = view;
  const ghost = box.querySelector("[data-ghost]");
  const isCell = (event) => view.partAt(event.clientX, event.clientY) === "cell" && !event.target.closest("[data-editor]");
  let drag = null;
  let last = null;

  function begin(event, kind) {
    if (event.button !== 0) return;
    event.preventDefault();
    view.table.focus({ preventScroll: true });
    box.setPointerCapture(event.pointerId);
    drag = { kind, from: selection.area, grip: view.at(event.clientX, event.clientY), area: null };
    last = [event.clientX, event.clientY];
    requestAnimationFrame(scroll);
  }

  // The area that a drag of the corner fills: down or across, whichever is farther.
  function filled([place, column]) {
    const { from } = drag;
    const down = Math.max(place - from.bottom, from.top - place, 0);
    const across = Math.max(column - from.right, from.left - column, 0);
    if (down >= across) return { ...from, top: Math.min(from.top, place), bottom: Math.max(from.bottom, place) };
    return { ...from, left: Math.min(from.left, column), right: Math.max(from.right, column) };
  }

  function moved([place, column]) {
    const { from, grip } = drag;
    const [height, width] = [from.bottom - from.top, from.right - from.left];
    const top = Math.max(0, Math.min(from.top + place - grip[0], selection.list.count - 1 - height));
    const left = Math.max(0, Math.min(from.left + column - grip[1], selection.columns - 1 - width));
    return { top, left, bottom: top + height, right: left + width };
  }

  function follow() {
    if (!drag) return;
    const at = view.at(...last);
    if (drag.kind === "choose") selection.to(...at, true);
    else {
      drag.area = drag.kind === "fill" ? filled(at) : moved(at);
      ghost.hidden = false;
      view.cling(ghost, view.rect(drag.area));
    }
  }

  // Near an edge the board scrolls on.
  function scroll() {
    if (!drag) return;
    const { left, right, top, bottom } = box.getBoundingClientRect();
    const [x, y] = last;
    const step = (value, low, high) => (value < low ? -SCROLL_STEP : value > high ? SCROLL_STEP : 0);
    const across = step(x, left + view.nameWidth, right - EDGE);
    const down = step(y, top + view.headHeight, bottom - view.footHeight - EDGE / 2);
    if ((across || down) && drag.hasMoved) {
      box.scrollBy(across, down);
      follow();
    }
    requestAnimationFrame(scroll);
  }

  function end(isDone) {
    if (!drag) return;
    const { kind, from, area } = drag;
    drag = null;
    ghost.hidden = true;
    if (!isDone || !area) return;
    if (kind === "fill") {
      actions.fill(from, area);
      selection.set(area);
    } else if (area.top !== from.top || area.left !== from.left) actions.move(from, area.top, area.left);
  }

  box.addEventListener("pointerdown", (event) => {
    if (!isCell(event) || event.pointerType === "touch") return;
    selection.to(...view.at(event.clientX, event.clientY), event.shiftKey || isExtending());
    begin(event, "choose");
  });
  box.addEventListener("click", (event) => {
    if (!isCell(event) || event.pointerType !== "touch") return;
    selection.to(...view.at(event.clientX, event.clientY), isExtending());
    view.table.focus({ preventScroll: true });
  });
  box.addEventListener("dblclick", (event) => {
    if (isCell(event)) open();
  });
  outline.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    begin(event, event.target.closest("[data-handle]") ? "fill" : "move");
  });
  box.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.hasMoved = true;
    last = [event.clientX, event.clientY];
    follow();
  });
  box.addEventListener("pointerup", () => end(true));
  box.addEventListener("pointercancel", () => end(false));
  window.addEventListener("keydown", (event) => event.key === "Escape" && end(false));
}
