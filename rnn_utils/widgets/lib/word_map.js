import { set, svg } from "./dom.js";

// Words as points of a plane: a mark for the role that each plays, and a name where there is room.

const ROLE_MARKS = {
  center: "M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0",
  context: "M-5-5h10v10h-10z",
  negative: "M0-6L5.6 4.4H-5.6z",
  other: "M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0",
};
const NAME_WIDE = 7.3; // px, about
const NAME_HIGH = 14;
const EDGE = 26;
const NEAR_ENOUGH = 24; // px around a mark that belong to it

export class WordMap {
  constructor({ label, onPick }) {
    this.ring = svg("circle", { class: "ring", r: 9 });
    this.marks = svg("g");
    this.names = svg("g");
    this.root = svg("svg", {
      class: "word-map", role: "img", "aria-label": label,
      onclick: (event) => { const word = this.nearestTo(event); if (word !== null) onPick(word); },
    }, this.ring, this.marks, this.names);
  }

  layout(words, width, height) {
    const key = JSON.stringify([words, width]);
    if (key === this.drawn) return;
    Object.assign(this, { drawn: key, words, width, height });
    for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${height}`, width, height })) set(this.root, name, value);
    this.paths = words.map(() => svg("path"));
    this.texts = words.map((word) => svg("text", {}, word));
    this.marks.replaceChildren(...this.paths);
    this.names.replaceChildren(...this.texts);
  }

  // points: [x, y] of the words; roles: {word: role} of this step, the most important last;
  // selected: a word; near: words to be named before others
  update({ points, roles, selected, near }) {
    const [across, up] = [0, 1].map((axis) => {
      const values = points.map((point) => point[axis]);
      return { least: Math.min(...values), most: Math.max(...values) };
    });
    const scale = Math.min((this.width - 4 * EDGE) / (across.most - across.least || 1), (this.height - 2 * EDGE) / (up.most - up.least || 1));
    this.places = points.map(([x, y]) => [
      this.width / 2 + scale * (x - (across.least + across.most) / 2), this.height / 2 - scale * (y - (up.least + up.most) / 2),
    ]);
    this.paths.forEach((path, k) => {
      const role = roles.get(k) ?? "other";
      if (path.getAttribute("class") !== role) { // a change costs the page more than a look
        set(path, "class", role);
        set(path, "d", ROLE_MARKS[role]);
      }
      set(path, "transform", `translate(${this.places[k].map((at) => at.toFixed(1)).join(" ")})`);
    });
    const [x, y] = this.places[selected];
    set(this.ring, "cx", x.toFixed(1));
    set(this.ring, "cy", y.toFixed(1));
    this.name([...new Set([...[...roles.keys()].reverse(), selected, ...near, ...this.words.keys()])], roles, selected);
  }

  // Names in order of importance, each beside its mark if nothing is there yet. The chosen word
  // and those of this step may stand over small marks.
  name(order, roles, selected) {
    const marks = this.places.map(([x, y], k) => {
      const half = k === selected ? 10 : roles.has(k) ? 6 : 3;
      return [x - half, y - half, x + half, y + half];
    });
    const names = [];
    for (const k of order) {
      const wide = this.words[k].length * NAME_WIDE * (roles.has(k) || k === selected ? 1.12 : 1); // bold
      const [x, y] = this.places[k];
      const away = k === selected ? 12 : 8;
      const [right, left, over, under] = [x + away, x - away - wide, y - away - 13, y + away - 1];
      const corners = [
        [right, y - 7], [left, y - 7], [x - wide / 2, over], [x - wide / 2, under],
        [right - 4, over + 4], [left + 4, over + 4], [right - 4, under - 4], [left + 4, under - 4],
      ];
      const free = (taken) => corners.find(([from, top]) => {
        const [to, bottom] = [from + wide, top + NAME_HIGH];
        return from > 0 && to < this.width && top > 0 && bottom < this.height
          && taken.every(([l, t, r, b]) => to < l || from > r || bottom < t || top > b);
      });
      const others = (kind) => [...marks.filter((_, other) => other !== k && kind(other)), ...names];
      const corner = free(others(() => true)) ?? (k === selected || roles.has(k) ? free(others((other) => other === selected || roles.has(other))) : undefined);
      const text = this.texts[k];
      if (!corner !== text.hasAttribute("visibility")) set(text, "visibility", corner ? null : "hidden");
      if (!corner) continue;
      names.push([corner[0], corner[1], corner[0] + wide, corner[1] + NAME_HIGH]);
      set(text, "x", corner[0].toFixed(1));
      set(text, "y", (corner[1] + 11).toFixed(1));
      const kind = `${roles.get(k) ?? "other"}${k === selected ? " selected" : ""}`;
      if (text.getAttribute("class") !== kind) set(text, "class", kind);
    }
  }

  nearestTo(event) {
    const box = this.root.getBoundingClientRect();
    const away = this.places.map(([x, y]) => Math.hypot(x - event.clientX + box.left, y - event.clientY + box.top));
    const nearest = away.indexOf(Math.min(...away));
    return away[nearest] < NEAR_ENOUGH ? nearest : null;
  }
}
