// Which rows the board shows, and in which order: filters, and groups with a heading row each.

const GROUPS = {
  team: (person) => `Team ${person.team}`,
  skill: (person) => person.skills.replaceAll("_", " "),
  timing: (person) => (person.timing ? `Timing ${person.timing}` : "Timing open"),
  mode: (person) => `Works ${{ office: "in the office", home: "from home", hybrid: "hybrid" }[person.mode]}`,
};

const has = (skills, skill) => skills.split(", ").includes(skill);

export class List {
  constructor(sheet) {
    this.sheet = sheet;
    this.asked = { text: "", team: "", skill: "", timing: "", mode: "", group: "", changes: false, violations: false };
    this.apply();
  }

  // Entries are `{ row }` for an associate, `{ label, rows }` for the heading of a group.
  apply() {
    const { sheet, asked } = this;
    const text = asked.text.trim().toLocaleLowerCase();
    const rows = sheet.people.flatMap((person, row) => {
      const fits =
        (!text || person.name.toLocaleLowerCase().includes(text) || person.code.toLocaleLowerCase().includes(text)) &&
        (!asked.team || person.team === asked.team) &&
        (!asked.skill || has(person.skills, asked.skill)) &&
        (!asked.timing || person.timing === asked.timing) &&
        (!asked.mode || person.mode === asked.mode) &&
        (!asked.violations || sheet.rowMarks.has(row)) &&
        (!asked.changes || sheet.isChanged(row));
      return fits ? [row] : [];
    });
    this.rows = rows;
    this.entries = asked.group ? this.#grouped(rows, GROUPS[asked.group]) : rows.map((row) => ({ row }));
    this.placeOf = new Map(this.entries.map(({ row }, place) => [row, place]));
  }

  #grouped(rows, labelOf) {
    const groups = new Map();
    for (const row of rows) {
      const label = labelOf(this.sheet.people[row]);
      groups.set(label, [...(groups.get(label) ?? []), row]);
    }
    const labels = [...groups.keys()].sort((a, b) => a.localeCompare(b));
    return labels.flatMap((label) => [{ label, rows: groups.get(label) }, ...groups.get(label).map((row) => ({ row }))]);
  }

  get count() {
    return this.entries.length;
  }

  // Heads on shift of some rows on each day.
  heads(rows = this.rows) {
    const heads = new Array(this.sheet.columns).fill(0);
    for (const row of rows) {
      const values = this.sheet.values[row];
      for (let column = 0; column < heads.length; column += 1) if (values[column] > 2) heads[column] += 1;
    }
    return heads;
  }
}
