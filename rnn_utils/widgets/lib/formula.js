import { el } from "./dom.js";

// Formulas in the book's notation, as HTML: "f_t = σ(W_if x_t + b_if)". A name may carry one
// subscript; a one-letter name that is a quantity takes that quantity's color.

const QUANTITIES = new Set("xhcifgorzna");

export function formula(text) {
  const line = el("span", { class: "formula" });
  for (const part of text.split(/([A-Za-z]+(?:_[A-Za-z0-9]+(?:[−+]1)?)?)/)) {
    const [name, subscript] = part.split("_");
    if (!/^[A-Za-z]+$/.test(name)) line.append(part);
    else if (name.length > 1) line.append(name); // tanh
    else line.append(symbol(name, subscript));
  }
  return line;
}

function symbol(name, subscript) {
  const quantity = QUANTITIES.has(name) ? `q-${name}` : false;
  return el("span", { class: quantity },
    el("var", {}, name),
    subscript ? el("sub", {}, subscript) : null);
}
