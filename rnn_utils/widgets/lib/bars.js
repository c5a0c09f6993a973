import { set } from "./dom.js";

// The bar in a small track, from its middle: to the right for what is above 0, and hatched to the
// left for what is below, so that the sign does not hang on the side alone.
export function showBar(track, value, largest) {
  const length = Math.min(Math.abs(value) / (largest || 1), 1) * 50;
  track.firstChild.style.width = `${length}%`;
  track.firstChild.style.left = `${value < 0 ? 50 - length : 50}%`;
  set(track, "data-minus", value < 0);
}
