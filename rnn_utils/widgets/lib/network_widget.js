import { networkOf, whenSeen } from "./model_file.js";
import { PlayingWidget } from "./playing_widget.js";

// A widget that runs a trained network, whose weights come when the widget is first seen. A
// subclass has take(file), which keeps what it needs of a network that has come.

export class NetworkWidget extends PlayingWidget {
  begin(host, traits, checks) {
    super.begin(host, ["model", "network", "models", ...traits], checks);
    this.seen = whenSeen(this.root, () => { this.isSeen = true; this.load(); });
  }

  destroy() {
    this.seen.disconnect();
    super.destroy();
  }

  // The network that the traits ask for; shown when it is there. A subclass calls it whenever it
  // shows itself.
  async load() {
    const [name, packed] = [this.model.get("model"), this.model.get("network")];
    if (!this.isSeen || (this.wanted?.name === name && this.wanted.packed === packed)) return;
    const wanted = (this.wanted = { name, packed });
    try {
      const file = await networkOf(this.model);
      if (this.wanted !== wanted || !file) return; // another one is on its way
      this.take(file);
      this.failed = false;
    } catch (error) {
      if (this.wanted !== wanted) return;
      this.failed = true;
      console.warn(error);
    }
    this.refresh();
  }
}
