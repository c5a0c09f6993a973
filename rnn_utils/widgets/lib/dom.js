// Small makers of elements. Text goes in as text nodes only, so what a reader types stays text.

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else set(node, name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// An id that no other widget on the page has; in Jupyter each widget runs its own copy of this.
export function uniqueId(name) {
  return `rnn-${name}-${Math.random().toString(36).slice(2)}`;
}

// Attributes as they stand in HTML; true and false switch, null removes.
export function set(node, name, value) {
  if (value === false || value === null || value === undefined) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

// A field shows what the state holds (a number to four decimals), except while it is typed in.
export function showValue(input, value) {
  if (input === input.ownerDocument.activeElement) return;
  input.value = typeof value === "number" ? String(Number(value.toFixed(4))) : value;
}

// Keys of a field, of what scrolls, and of the browser are left to them.
export function pressKey(event, actions) {
  if (event.target.closest("input, select, textarea, summary, .scroll[tabindex]") || event.altKey || event.ctrlKey || event.metaKey) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

export function numberInput(label, onNumber, attributes = {}) {
  return el("input", {
    type: "number", step: "any", "aria-label": label, ...attributes,
    oninput: (event) => {
      const value = event.target.valueAsNumber;
      if (Number.isFinite(value)) onNumber(value);
    },
  });
}
