// The answer form of an item, built from what its queue asks for, and what has been filled in.

import { tr } from "./words.js";

let count = 0;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function options(field, kind, id) {
  return field.options.map((value, index) => {
    const input = make("input", { type: kind, name: id, value, id: `${id}-${index}`, autocomplete: "off" });
    const key = index < 9 ? [make("kbd", { textContent: `${index + 1}`, ariaHidden: "true" })] : [];
    return make("label", { className: "work-option", htmlFor: input.id }, input, ...key, make("span", { textContent: value }));
  });
}

function group(field, children) {
  return make("fieldset", { className: "work-field" }, make("legend", { textContent: title(field) }), ...children);
}

const title = (field) => (field.required ? field.label : tr("%(question)s (if you can)", { question: field.label }));
const checked = (box) => [...box.querySelectorAll("input:checked")].map((input) => input.value);

function choose(box, values) {
  for (const input of box.querySelectorAll("input")) input.checked = values.includes(input.value);
}

function pick(box, index, isMany) {
  const input = box.querySelectorAll("input")[index];
  if (!input) return false;
  input.checked = isMany ? !input.checked : true;
  input.focus({ preventScroll: true });
  input.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function line(field, id, input, hint) {
  input.id = id;
  input.setAttribute("aria-describedby", `${id}-hint`);
  return make(
    "div",
    { className: "work-field" },
    make("label", { className: "form-label", htmlFor: id, textContent: title(field) }),
    input,
    make("div", { className: "form-text", id: `${id}-hint`, textContent: hint }),
  );
}

const MINUS_SIGNS = /[−–]/g;

function readNumber(input) {
  const written = input.value.trim().replace(",", ".").replace(MINUS_SIGNS, "-");
  if (!written) return undefined;
  const value = Number(written);
  return Number.isFinite(value) ? value : Number.NaN;
}

// Each kind of field: how it is drawn, how a value is put in and read, and how a number key chooses.
const KINDS = {
  choice(field, id) {
    const box = group(field, options(field, "radio", id));
    return { box, read: () => checked(box)[0], write: (value) => choose(box, [value]), pick: (index) => pick(box, index, false) };
  },
  choices(field, id) {
    const box = group(field, options(field, "checkbox", id));
    const read = () => (checked(box).length ? checked(box) : undefined);
    return { box, read, write: (values) => choose(box, values), pick: (index) => pick(box, index, true) };
  },
  number(field, id) {
    const input = make("input", { type: "text", inputMode: "decimal", className: "form-control", autocomplete: "off" });
    return { box: line(field, id, input, tr("A number.")), read: () => readNumber(input), write: (value) => (input.value = value) };
  },
  text(field, id) {
    const input = make("textarea", { className: "form-control", rows: 2, maxLength: 2000 });
    const read = () => input.value.trim() || undefined;
    return { box: line(field, id, input, tr("Enter sends, Shift+Enter begins a new line.")), read, write: (value) => (input.value = value) };
  },
  point(field, id, frame, tell) {
    let place;
    const said = make("p", { className: "work-place", id, textContent: tr("Not marked yet: click the place, or press P.") });
    const box = make("div", { className: "work-field" }, make("p", { className: "form-label", textContent: title(field) }), said);
    frame?.letMark(field.label, (at, words) => {
      place = at ?? undefined;
      said.textContent = words || tr("The cross moves; Enter sets the mark.");
      tell(words);
    });
    return { box, read: () => place, write: (at) => frame?.mark(at), focus: () => frame?.focus() };
  },
};

// `frame` is the picture in which places are marked, if there is one; `changed()` hears of every change.
export function makeForm({ fields, frame, given = {}, tell, changed }) {
  const parts = fields.map((field) => ({ field, ...KINDS[field.kind](field, `field-${count++}`, frame, tell) }));
  for (const part of parts) {
    if (given[part.field.name] !== undefined) part.write(given[part.field.name]);
    part.box.addEventListener("input", changed);
    part.box.addEventListener("change", changed);
  }

  const isOpen = (part) => part.read() === undefined;
  const active = () => {
    const focused = parts.find((part) => part.pick && part.box.contains(document.activeElement));
    const choosable = parts.filter((part) => part.pick);
    return focused ?? choosable.find(isOpen) ?? choosable[0];
  };
  const read = () =>
    Object.fromEntries(parts.map((part) => [part.field.name, part.read()]).filter(([, value]) => value !== undefined && !Number.isNaN(value)));

  function faults() {
    return parts.flatMap((part) => {
      const value = part.read();
      if (Number.isNaN(value)) return [{ part, message: tr("“%(question)s” is not a number.", { question: part.field.label }) }];
      return value === undefined && part.field.required ? [{ part, message: tr("“%(question)s” is missing.", { question: part.field.label }) }] : [];
    });
  }

  return {
    element: make("div", { className: "work-fields" }, ...parts.map((part) => part.box)),
    read,
    faults,
    isEmpty: () => !Object.keys(read()).length,
    pick: (index) => active()?.pick(index) ?? false,
    focusPoint: () => parts.find((part) => part.focus)?.focus(),
    focus: ({ part }) => (part.focus ? part.focus() : part.box.querySelector("input, textarea")?.focus()),
  };
}
