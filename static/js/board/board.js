// The planner's board: puts sheet, list, selection, view, saver and panels together, and gives keys and buttons their meaning.

import { Actions } from "./actions.js";
import { Conflicts } from "./conflicts.js";
import { Coverage } from "./coverage.js";
import { Editor } from "./editor.js";
import { List } from "./list.js";
import { attachNames } from "./names.js";
import { attachPointer } from "./pointer.js";
import { read } from "./read.js";
import { Rules } from "./rules.js";
import { Saver } from "./saver.js";
import { Selection } from "./selection.js";
import { Sheet } from "./sheet.js";
import { View } from "./view.js";

const STATES = {
  saved: "✓ Saved",
  saving: "… Saving",
  offline: "⚠ Offline: edits wait and are sent again",
  conflict: "⚠ Conflict: nothing of this edit was saved",
  refused: "⚠ Refused: nothing of this edit was saved",
  "signed out": "⚠ Signed out: sign in again in another tab",
};

const root = document.querySelector("[data-board]");
const part = (name) => root.querySelector(`[data-${name}]`);

async function start() {
  const addresses = { ...root.dataset };
  const box = part("box");
  const news = part("news");
  const readout = part("readout");
  const tell = (text) => {
    news.textContent = text;
  };
  const data = await read(addresses.source);
  if (!data) throw new Error("The roster could not be read. Load the page again.");
  const sheet = new Sheet(data);
  const list = new List(sheet);
  const selection = new Selection(list);
  const view = new View(box, sheet, list, selection, addresses.person);
  const table = view.table;
  const focus = () => table.focus({ preventScroll: true });
  const coverage = new Coverage(root, sheet, selection, addresses.coverage);
  const saver = new Saver(sheet, addresses, () => selection.cell, () => coverage.skill);
  const actions = new Actions(sheet, selection, saver, tell);
  const editor = new Editor(view, sheet, selection, { take: (word) => actions.type(word), leave: focus });
  const rules = new Rules(root, sheet, selection, addresses, {
    tell,
    focus,
    apply: (cells) => {
      const stale = cells.some(({ row, column, seen }) => sheet.word(row, column) !== seen);
      if (stale) tell("These days were changed meanwhile; ask for the nearest fix again.");
      else actions.put(cells, "mended");
      rules.soon();
      focus();
    },
  });
  const conflicts = new Conflicts(document.querySelector("[data-conflicts]"), sheet, saver, focus);
  const help = document.querySelector("[data-help]");
  const extend = part("extend");
  const isExtending = () => extend.getAttribute("aria-pressed") === "true";

  const open = (text) => {
    const cell = selection.cell;
    if (!cell) return;
    if (!editor.open(text ?? "")) tell(sheet.isEditable ? `${sheet.say(...cell)}. Leave and days outside a contract are not changed here.` : "Only a draft can be changed.");
  };

  const showFindings = (findings) => {
    sheet.mark(findings);
    // Rules of the whole site have no cell, but count like the others: here, at the tab, and where one publishes.
    const { blocking, all } = findings;
    part("rule-count").textContent = `In the whole roster ${blocking} block publishing, ${all - blocking} need a reason`;
    document.querySelector("[data-violation-count]").textContent = `(${all.toLocaleString("en")})`;
  };
  const heads = () => {
    const counts = list.heads();
    [...part("heads").cells].slice(1).forEach((cell, column) => {
      if (cell.textContent !== String(counts[column])) cell.textContent = counts[column];
    });
  };
  const readOut = () => {
    const cell = selection.cell;
    const size = selection.size > 1 ? `${selection.size} cells chosen; ` : "";
    readout.textContent = size + (cell ? sheet.say(...cell) : (list.entries[selection.active[0]]?.label ?? ""));
  };
  const redraw = () => {
    view.looks.pending = saver.pending;
    heads();
    readOut();
    view.ask();
  };
  const relist = () => {
    const code = selection.cell && sheet.people[selection.cell[0]].code;
    list.apply();
    view.layout();
    if (!code || !selection.find(code)) selection.to(0, selection.active[1]);
    selection.skipHeading();
    part("count").textContent = list.rows.length === sheet.people.length ? `${list.rows.length} associates` : `${list.rows.length} of ${sheet.people.length} associates`;
    part("nobody").hidden = list.count > 0;
    redraw();
  };

  selection.addEventListener("change", () => {
    readOut();
    table.setAttribute("aria-activedescendant", "active-cell");
  });

  saver.addEventListener("state", ({ detail }) => {
    part("state").textContent = STATES[detail];
    part("state").dataset.state = detail;
  });
  saver.addEventListener("cells", redraw);
  saver.addEventListener("news", ({ detail }) => tell(detail));
  saver.addEventListener("after", ({ detail }) => {
    showFindings(detail.findings);
    coverage.put(detail.coverage);
    rules.soon();
    redraw();
  });
  saver.addEventListener("done", ({ detail }) => {
    const { changed, broken, mended } = detail;
    const worst = broken.find(({ severity }) => !severity) ?? broken[0];
    if (worst) tell(`Saved, but ${broken.length === 1 ? "a rule is" : `${broken.length} rules are`} broken now. ${worst.message}`);
    else if (mended) tell(`Saved; ${mended === 1 ? "a violation is" : `${mended} violations are`} gone.`);
    else if (changed) tell("Saved; no rule is broken by it.");
  });
  saver.addEventListener("refused", ({ detail: { job, conflicts: found, message } }) => {
    tell(message);
    if (found.length && job.kind === "edit") conflicts.open(job, found);
  });
  // Who looks is heard every two seconds, mostly the same as before; to draw it then would stop whoever scrolls.
  let seenViewers = "[]";
  saver.addEventListener("viewers", ({ detail }) => {
    const viewers = JSON.stringify(detail);
    if (viewers === seenViewers) return;
    seenViewers = viewers;
    view.looks.viewers = new Map(detail.filter(({ who }) => sheet.rowOf.has(who)).map(({ who, day, name }) => [sheet.key(sheet.rowOf.get(who), sheet.columnOf.get(day)), name]));
    part("viewers").textContent = detail.map(({ name, who, day }) => (who ? `${name}: ${who}, ${sheet.dayWords(sheet.columnOf.get(day))}` : name)).join(" · ");
    part("viewers").hidden = !detail.length;
    view.ask();
  });

  const doIt = {
    undo: () => saver.undo(),
    redo: () => saver.redo(),
    cut: () => write(actions.copy(true)),
    copy: () => write(actions.copy(false)),
    paste: async () => actions.paste(await clipboard()),
    type: () => open(),
    off: () => actions.type("off"),
    down: () => actions.fillDown(),
    right: () => actions.fillRight(),
    lock: () => actions.lock(),
    repair: () => repair(),
    why: () => why(),
    help: () => help.showModal(),
  };
  let copied = "";
  const write = (text) => {
    copied = text;
    navigator.clipboard?.writeText(text).catch(() => {});
  };
  const clipboard = async () => {
    try {
      return await navigator.clipboard.readText();
    } catch {
      return copied;
    }
  };
  const why = () => {
    const cell = selection.cell;
    if (!cell) return;
    const asked = new URLSearchParams({ associate: sheet.people[cell[0]].code, day: sheet.dates[cell[1]] });
    location.assign(`${addresses.why}?${asked}`);
  };
  const repair = () => {
    const form = part("repair");
    const { left, right } = selection.area;
    const codes = selection.lines().map(({ row }) => sheet.people[row].code);
    form.elements.associates.value = codes.join(" ");
    form.elements.first_day.value = sheet.dates[left];
    form.elements.last_day.value = sheet.dates[right];
    form.submit();
  };

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    doIt[button.dataset.do]();
    if (!["help", "repair", "type", "why"].includes(button.dataset.do)) focus();
  });
  extend.addEventListener("click", () => {
    extend.setAttribute("aria-pressed", String(!isExtending()));
    focus();
  });

  const hasL = sheet.shifts.some(({ code }) => code.toLocaleLowerCase().startsWith("l"));
  const withControl = { z: "undo", y: "redo", Z: "redo", d: "down", r: "right", i: "why" };
  const plain = { Delete: "off", Backspace: "off", F2: "type", Enter: "type", "?": "help", ...(hasL ? {} : { l: "lock", L: "lock" }) };
  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const isControl = event.ctrlKey || event.metaKey;
    const to = selection.step(event);
    const action = (isControl ? withControl : plain)[event.key];
    if (to) selection.to(...to, event.shiftKey || isExtending());
    else if (action) doIt[action]();
    else if (isControl && event.key === "a") selection.set({ top: 0, left: 0, bottom: list.count - 1, right: sheet.columns - 1 });
    else if (!isControl && event.key === "/") part("filter").elements.text.focus();
    else if (event.key === "Escape") selection.to(...selection.active);
    else if (!isControl && event.key.length === 1 && event.key !== " ") open(event.key);
    else return;
    event.preventDefault();
  });
  const onClipboard = (name, act) => {
    document.addEventListener(name, (event) => {
      if (document.activeElement !== table) return;
      event.preventDefault();
      act(event.clipboardData);
    });
  };
  onClipboard("copy", (data) => data.setData("text/plain", (copied = actions.copy(false))));
  onClipboard("cut", (data) => data.setData("text/plain", (copied = actions.copy(true))));
  onClipboard("paste", (data) => actions.paste(data.getData("text/plain")));
  attachPointer(view, selection, actions, { isExtending, open });
  attachNames(view);

  const filter = part("filter");
  const choices = (name, values) => filter.elements[name].append(...values.map((value) => new Option(value.replaceAll("_", " "), value)));
  const distinct = (of) => [...new Set(sheet.people.flatMap(of))].filter(Boolean).sort((a, b) => a.localeCompare(b));
  choices("team", distinct(({ team }) => team));
  choices("skill", distinct(({ skills }) => skills.split(", ")));
  choices("timing", distinct(({ timing }) => timing));
  filter.addEventListener("input", async () => {
    const { text, team, skill, timing, mode, group, changes, violations } = filter.elements;
    if (changes.checked && !sheet.inForce) {
      sheet.putInForce((await read(addresses.inForce)) ?? []);
      if (!sheet.inForce.size) tell("Nothing else is published for these days, so there is nothing to compare with.");
    }
    Object.assign(list.asked, {
      text: text.value,
      team: team.value,
      skill: skill.value,
      timing: timing.value,
      mode: mode.value,
      group: group.value,
      changes: changes.checked,
      violations: violations.checked,
    });
    relist();
  });
  filter.addEventListener("submit", (event) => {
    event.preventDefault();
    focus();
  });

  relist();
  if (addresses.who) selection.find(addresses.who, sheet.columnOf.get(addresses.day) ?? 0);
  const [, findings] = await Promise.all([coverage.load(), rules.load()]);
  if (findings) showFindings(findings);
  redraw();
  root.dataset.ready = "";
  Object.assign(root, { board: { sheet, list, selection, view, saver } });
}

start().catch((error) => {
  part("news").textContent = error.message;
});
