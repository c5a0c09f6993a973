import { set } from "./dom.js";
import { PageWidget } from "./page_widget.js";

// A widget that can run by itself. A subclass has this.playButton, whose first child is its sign,
// and this.live, which says each step, but not while it plays.

export class PlayingWidget extends PageWidget {
  // advance() is called every so many ms, and every calmMs where motion is to be reduced, until
  // it, or the reader, calls pause().
  playOrPause(advance, ms, calmMs) {
    if (this.timer) { this.pause(); return; }
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.timer = setInterval(advance, calm ? calmMs : ms);
    this.showPlay();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.showPlay();
  }

  showPlay() {
    const name = this.timer ? this.labels.pause : this.labels.play;
    set(this.playButton, "aria-label", name);
    set(this.playButton, "title", name);
    this.playButton.firstChild.textContent = this.timer ? "⏸" : "▶";
    set(this.live, "aria-live", this.timer ? "off" : "polite"); // no sentence for each step
  }
}
