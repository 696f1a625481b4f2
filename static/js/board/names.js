// The name under the mouse: a real link that lies on the picture, so that it opens like every other link.

export function attachNames(view) {
  const link = view.pane.querySelector("[data-name]");
  const { box, painter } = view;

  function hover(place) {
    if (painter.hovered === place) return;
    painter.hovered = place;
    view.ask(false);
  }

  function show(place) {
    const person = view.sheet.people[view.list.entries[place].row];
    link.hidden = !person;
    if (!person) return;
    link.href = view.personAddress.replace("CODE", encodeURIComponent(person.code));
    link.title = `${person.name}, ${person.code}, team ${person.team}`;
    const top = view.headHeight + place * view.rowHeight - box.scrollTop;
    view.place(link, { left: 0, top, width: view.nameWidth, height: view.rowHeight });
  }

  const follow = ({ clientX, clientY, pointerType }) => {
    const part = pointerType === "touch" ? "" : view.partAt(clientX, clientY);
    const place = part ? view.at(clientX, clientY)[0] : -1;
    hover(place);
    if (part === "name") show(place);
    else link.hidden = true;
  };
  box.addEventListener("pointermove", follow);
  // Other rows may have come under a mouse that rests.
  box.addEventListener("pointerdown", follow);
  const leave = () => {
    hover(-1);
    link.hidden = true;
  };
  box.addEventListener("pointerleave", leave);
  box.addEventListener("scroll", leave, { passive: true });
  // A finger has no place to hover over before it taps.
  box.addEventListener("click", ({ clientX, clientY, pointerType }) => {
    if (pointerType !== "touch" || view.partAt(clientX, clientY) !== "name") return;
    const [place] = view.at(clientX, clientY);
    show(place);
    if (!link.hidden) link.click();
  });
}
