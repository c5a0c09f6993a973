// A trained network, as rnn_utils/model_files.py packs it: whole numbers of 8 bits with a scale
// for each row. Unpacked to the last bit as Python does it.

const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
const floats = (text) => { // little-endian, whatever the machine
  const view = new DataView(bytes(text));
  return Array.from({ length: view.byteLength / 4 }, (_, n) => view.getFloat32(4 * n, true));
};

function values({ shape, values: vector, whole, scale }) {
  if (vector !== undefined) return floats(vector);
  const [rows, columns] = shape;
  const [all, scales] = [new Int8Array(bytes(whole)), floats(scale)];
  return Array.from({ length: rows }, (_, m) =>
    Array.from(all.subarray(m * columns, (m + 1) * columns), (w) => Math.fround(scales[m] * w)));
}

// {kind, about, parameters: {PyTorch's name: vector or list of rows}}
export function unpack({ kind, about, parameters }) {
  const entries = Object.entries(parameters).map(([name, entry]) => [name, values(entry)]);
  return { kind, about, parameters: Object.fromEntries(entries) };
}

// The network that a widget shows: the reader's own, or one of the book's, whose name is in the
// trait "model". With a kernel both come in the trait "network"; without one the host loads the
// book's. Undefined while a kernel has not yet sent what the name asks for.
export async function networkOf(model) {
  const [name, packed] = [model.get("model"), model.get("network")];
  if (packed && packed.about.name === name) return unpack(packed);
  return model.page ? unpack(await model.page.network(name)) : undefined;
}

// Calls show once, when some of the node comes into view.
export function whenSeen(node, show) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    show();
  });
  observer.observe(node);
  return observer;
}
