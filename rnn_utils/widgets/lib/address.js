// A widget's plain traits in the page's address: only what differs from where the page started.
// Texts stand there as they are, everything else as JSON. Without a page there is no address.

export class Address {
  // checks: for each trait that may stand in the address, a function that says whether a value
  // fits; a hand-written address can hold anything, and what does not fit is left out.
  constructor(model, checks) {
    Object.assign(this, { model, checks });
    this.base = Object.fromEntries(Object.keys(checks).map((trait) => [trait, structuredClone(model.get(trait))]));
  }

  // Call once, when the widget can show a state: what the address holds is set, and shown.
  follow(show) {
    this.model.page?.onAddress((entries) => {
      for (const trait of Object.keys(this.checks)) {
        const value = trait in entries ? this.parse(trait, entries[trait]) : undefined;
        this.model.set(trait, value !== undefined && this.checks[trait](value) ? value : structuredClone(this.base[trait]));
      }
      this.model.save_changes();
      show();
    });
  }

  parse(trait, text) {
    if (typeof this.base[trait] === "string") return text;
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  // Call after every change that the reader makes.
  write() {
    const entries = {};
    for (const trait of Object.keys(this.checks)) {
      const value = this.model.get(trait);
      const text = typeof value === "string" ? value : JSON.stringify(value);
      if (JSON.stringify(value) !== JSON.stringify(this.base[trait])) entries[trait] = text;
    }
    this.model.page?.write(entries);
  }
}
