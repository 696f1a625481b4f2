// Sends edits to the server, one after the other, and follows those of others.
//
// An edit shows at once and is sent with what was seen in its cells. Where the server refuses it, it and all that was to follow is
// taken back on the page; where the network is gone, it waits. Undo is an edit of its own, made by the server from its log.

const FOLLOW_MS = 2000;
const HIDDEN_MS = 15000;
const RETRY_MS = 3000;

const newClient = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (byte) => byte.toString(36).padStart(2, "0")).join("");

export class Saver extends EventTarget {
  // `where()` gives the cell that is looked at, as row and column; `skill()` the skill whose coverage is shown.
  constructor(sheet, addresses, where, skill) {
    super();
    Object.assign(this, { sheet, addresses, where, skill });
    this.client = newClient();
    this.token = document.querySelector("meta[name=csrf-token]").content;
    this.since = sheet.version;
    this.queue = [];
    this.undoable = [];
    this.redoable = [];
    this.isSending = false;
    this.state = "saved";
    window.addEventListener("beforeunload", (event) => {
      if (this.queue.length) event.preventDefault();
    });
    window.addEventListener("online", () => this.#send());
    document.addEventListener("visibilitychange", () => document.hidden || this.#follow());
    this.#follow();
  }

  // Keys of the cells whose edits are on their way.
  get pending() {
    return new Set(this.queue.flatMap(({ cells }) => cells.map(({ row, column }) => this.sheet.key(row, column))));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #say(state) {
    this.state = state;
    this.#tell("state", state);
  }

  // Cells are `{ row, column, word, lock }`; a lock that is left out stays as it is. Returns how many of them change.
  edit(cells) {
    const { sheet } = this;
    const changed = cells.flatMap(({ row, column, word, lock }) => {
      const [before, wasLocked] = [sheet.word(row, column), sheet.isLocked(row, column)];
      const isLocked = lock ?? wasLocked;
      return word === before && isLocked === wasLocked ? [] : [{ row, column, word, lock, before, wasLocked, isLocked }];
    });
    if (!changed.length) return 0;
    for (const { row, column, word, isLocked } of changed) sheet.put(row, column, word, isLocked);
    this.queue.push({ kind: "edit", cells: changed });
    this.#tell("cells");
    this.#send();
    return changed.length;
  }

  undo() {
    this.#turnBack(this.undoable, this.redoable, "undo");
  }

  redo() {
    this.#turnBack(this.redoable, this.undoable, "redo");
  }

  // What is still on its way is undone when it has arrived.
  #turnBack(from, to, kind) {
    this.queue.push({ kind, cells: [], from, to });
    this.#send();
  }

  #document(job) {
    if (job.kind !== "edit") return { client: this.client, version: job.version };
    const { people, dates } = this.sheet;
    const edits = job.cells.map(({ row, column, before, word, lock }) => [people[row].code, dates[column], before, word, lock ?? null]);
    return { client: this.client, edits };
  }

  #post(address, document_) {
    const query = new URLSearchParams({ skill: this.skill() });
    return fetch(`${address}?${query}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify(document_),
    });
  }

  async #send() {
    if (this.isSending || !this.queue.length) return;
    const job = this.queue[0];
    if (job.kind !== "edit") {
      job.version ??= job.from.pop();
      if (job.version === undefined) {
        this.queue.shift();
        this.#tell("news", `There is nothing to ${job.kind}.`);
        this.#send();
        return;
      }
    }
    this.isSending = true;
    if (this.state !== "offline") this.#say("saving");
    let answer;
    try {
      answer = await this.#post(job.kind === "edit" ? this.addresses.edits : this.addresses.undo, this.#document(job));
    } catch {
      answer = null;
    }
    this.isSending = false;
    if (!answer || answer.status >= 500) {
      this.#say("offline");
      setTimeout(() => this.#send(), RETRY_MS);
      return;
    }
    const data = await answer.json().catch(() => ({ message: "The answer of the server cannot be read." }));
    if (answer.ok) this.#done(job, data);
    else this.#refused(job, answer.status, data);
    if (this.queue.length) this.#send();
  }

  #done(job, data) {
    this.queue.shift();
    if (data.changed) {
      const [stack, other] = { edit: [this.undoable, null], undo: [this.redoable], redo: [this.undoable] }[job.kind];
      stack.push(data.version);
      if (other === null) this.redoable.length = 0;
    }
    this.#take(data.edits);
    if (!this.queue.length) this.#say("saved");
    this.#tell("cells");
    this.#tell("after", data);
    if (job.kind !== "edit") this.#tell("news", `${job.kind === "undo" ? "Undone" : "Done again"}: ${data.changed} cells.`);
    else this.#tell("done", data);
  }

  #refused(job, status, data) {
    for (const { cells } of [...this.queue].reverse()) {
      for (const { row, column, before, wasLocked } of cells) this.sheet.put(row, column, before, wasLocked);
    }
    this.queue.length = 0;
    for (const { who, day, found, isLocked } of data.conflicts ?? []) {
      const [row, column] = [this.sheet.rowOf.get(who), this.sheet.columnOf.get(day)];
      this.sheet.put(row, column, found, isLocked);
    }
    this.#say(status === 409 ? "conflict" : "refused");
    this.#tell("cells");
    this.#tell("refused", { job, conflicts: data.conflicts ?? [], message: data.message ?? "The server refused this." });
  }

  // Puts what edits made into the cells, except where a newer edit of this page is on its way.
  #take(edits) {
    const pending = this.pending;
    for (const { cells } of edits ?? []) {
      for (const [who, day, word, isLocked] of cells) {
        const [row, column] = [this.sheet.rowOf.get(who), this.sheet.columnOf.get(day)];
        if (row !== undefined && !pending.has(this.sheet.key(row, column))) this.sheet.put(row, column, word, isLocked);
      }
    }
  }

  async #follow() {
    clearTimeout(this.timer);
    const cell = this.where();
    const at = cell && [this.sheet.people[cell[0]].code, this.sheet.dates[cell[1]]];
    const isBusy = this.queue.length > 0;
    try {
      const answer = isBusy ? null : await this.#post(this.addresses.follow, { client: this.client, since: this.since, at });
      if (answer?.ok) this.#heard(await answer.json());
      else if (answer && answer.status < 500) this.#say("signed out");
      else if (answer) this.#say("offline");
    } catch {
      this.#say("offline");
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#follow(), document.hidden ? HIDDEN_MS : FOLLOW_MS);
  }

  #heard(data) {
    const others = data.edits.filter(({ client }) => client !== this.client);
    this.since = Math.max(this.since, ...data.edits.map(({ version }) => version));
    this.#take(others);
    if (this.state !== "saved" && this.state !== "conflict" && this.state !== "refused" && !this.queue.length) this.#say("saved");
    this.#tell("viewers", data.viewers);
    if (others.length) {
      this.#tell("cells");
      this.#tell("after", data);
      const names = [...new Set(others.map(({ by }) => by))].join(", ");
      const count = others.reduce((sum, { cells }) => sum + cells.length, 0);
      this.#tell("news", `${names} changed ${count} ${count === 1 ? "cell" : "cells"}.`);
    }
    if (data.state !== "draft" && this.sheet.isEditable) {
      this.sheet.isEditable = false;
      this.#tell("news", "This roster was published meanwhile; it can no longer be changed here.");
    }
  }
}
