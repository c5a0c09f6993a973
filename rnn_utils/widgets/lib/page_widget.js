import { Address } from "./address.js";
import { makeLabels } from "./labels.js";
import { WRITE_MS, soon } from "./soon.js";

// A widget whose state is the model's traits; on a page it stands in the address, too. One method
// changes it (commit), one shows it (refresh). A subclass has draw(), which makes this.root,
// refresh(), and pause() if something runs by itself.

export class PageWidget {
  constructor(model, strings) {
    this.model = model;
    this.labels = makeLabels(strings);
  }

  // traits: what is shown; checks: what the address may hold
  begin(host, traits, checks) {
    this.traits = traits;
    this.draw();
    host.append(this.root);
    const refreshSoon = soon(() => this.refresh());
    this.onChange = () => { if (!this.committing) refreshSoon(); };
    for (const trait of traits) this.model.on(`change:${trait}`, this.onChange);
    this.refresh();
    this.address = new Address(this.model, checks);
    this.address.follow(() => { this.pause(); this.refresh(); });
  }

  // refresh() keeps this.width
  followWidth() {
    this.observer = new ResizeObserver(() => { if (this.root.clientWidth !== this.width) this.refresh(); });
    this.observer.observe(this.root);
  }

  destroy() {
    this.pause();
    clearTimeout(this.writing);
    this.observer?.disconnect();
    for (const trait of this.traits) this.model.off(`change:${trait}`, this.onChange);
    this.root.remove();
  }

  pause() {}

  read() {
    return Object.fromEntries(this.traits.map((trait) => [trait, this.model.get(trait)]));
  }

  commit(patch) {
    this.committing = true;
    for (const [trait, value] of Object.entries(patch)) this.model.set(trait, value);
    this.committing = false;
    this.model.save_changes();
    this.refresh();
    this.writeSoon();
  }

  // A browser is slow to change an address, and allows it a few times a second only.
  writeSoon() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => { if (!this.running) this.address.write(); }, WRITE_MS);
  }
}
