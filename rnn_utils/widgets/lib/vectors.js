// Word vectors: what is near what, which way a cloud is long, and how it looks from somewhere.
// A vector is an array of numbers, a cloud is an array of vectors (rows).

export function dot(u, v) {
  let sum = 0;
  for (let k = 0; k < u.length; k += 1) sum += u[k] * v[k];
  return sum;
}

export const minus = (u, v) => u.map((value, k) => value - v[k]);

// u + factor·v
export const plus = (u, v, factor = 1) => u.map((value, k) => value + factor * v[k]);

// Divided by the largest number first, so that no square overflows.
export function norm(v) {
  const largest = Math.max(...v.map(Math.abs));
  return largest > 0 ? largest * Math.sqrt(v.reduce((sum, value) => sum + (value / largest) ** 2, 0)) : 0;
}

// The same direction at length 1; zeros stay zeros.
export function unit(v) {
  const length = norm(v);
  return length > 0 ? v.map((value) => value / length) : [...v];
}

export const cosine = (u, v) => dot(unit(u), unit(v));

export const distance = (u, v) => norm(minus(u, v));

// -------------------------------------------------------------------------------- neighbors

// [index, score] of all rows but those left out, the best first, the first row first among equals.
export function ranked(scores, { smallest = false, without = [] } = {}) {
  const sign = smallest ? 1 : -1;
  return scores.map((score, k) => [k, score])
    .filter(([k]) => !without.includes(k))
    .sort(([i, a], [j, b]) => sign * (a - b) || i - j);
}

// The rows nearest to row k: by cosine, or by Euclidean distance.
export function neighbors(rows, k, metric = "cosine") {
  const near = { cosine, distance }[metric];
  return ranked(rows.map((row) => near(rows[k], row)), { smallest: metric === "distance", without: [k] });
}

// a is to b as c is to …: cosines with b − a + c, each at length 1 (3CosAdd; Mikolov et al. 2013).
export function analogy(rows, [a, b, c], exclude = true) {
  const wanted = plus(minus(unit(rows[b]), unit(rows[a])), unit(rows[c]));
  return ranked(rows.map((row) => cosine(wanted, row)), { without: exclude ? [a, b, c] : [] });
}

// --------------------------------------------------------------------- principal components

export function mean(rows) {
  return rows.reduce((sum, row) => plus(sum, row)).map((value) => value / rows.length);
}

// The variance of each column, over all rows.
export function variances(rows) {
  const middle = mean(rows);
  return middle.map((m, k) => rows.reduce((sum, row) => sum + (row[k] - m) ** 2, 0) / rows.length);
}

const transposed = (rows) => rows[0].map((_, k) => rows.map((row) => row[k]));

// Principal components of a cloud: the mean, the singular values of the centered rows (largest
// first), the share of the variance that each holds, and of the first `keep` the directions (unit
// vectors, their largest number positive) and the scores (each row's place along them).
//
// One-sided Jacobi (Hestenes 1958) turns vectors two by two until all stand at right angles: their
// lengths are the singular values. It does what Jacobi's method does to the covariance, without
// squaring, so that a singular value of 0 comes out as 0. A QR decomposition first makes the
// vectors short and the sweeps few (Drmač and Veselić 2008).
export function principalComponents(rows, keep = 3) {
  const middle = mean(rows);
  const centered = rows.map((row) => minus(row, middle));
  const tall = rows.length >= middle.length;
  const columns = orthogonalized(triangle(tall ? transposed(centered) : centered));
  const order = ranked(columns.map((column) => norm([...column])));
  const singular = order.map(([, length]) => length);
  const total = singular.reduce((sum, s) => sum + s * s, 0);
  const smallest = 1e-13 * singular[0]; // below this is rounding, and no direction
  const directions = order.slice(0, keep).map(([k, length]) => {
    if (length <= smallest) return middle.map(() => 0);
    return signed(unit(tall ? [...columns[k]] : transposed(centered).map((column) => dot(column, columns[k]))));
  });
  return {
    mean: middle, singular, directions,
    shares: singular.map((s) => (total > 0 ? (s * s) / total : 0)),
    scores: centered.map((row) => directions.map((direction) => dot(row, direction))),
  };
}

// A direction and its opposite are the same component: the one is taken whose largest number is
// positive, the first of those that are as large up to rounding.
function signed(direction) {
  const largest = Math.max(...direction.map(Math.abs));
  const first = direction.find((value) => Math.abs(value) > (1 - 1e-9) * largest);
  return first < 0 ? direction.map((value) => -value) : direction;
}

// R of the QR decomposition of a matrix, both given by their columns, as R's rows in the order of
// the matrix's columns. Householder's reflections, the longest column that is left first.
function triangle(given) {
  const columns = given.map((column) => Float64Array.from(column));
  const left = [...columns];
  for (let r = 0; r < columns.length; r += 1) {
    const squares = left.map((column) => between(column, column, r));
    const [first] = left.splice(squares.indexOf(Math.max(...squares)), 1);
    reflect(first, left, r);
  }
  return columns.map((_, r) => Float64Array.from(columns, (column) => column[r]));
}

// Mirrors a column so that it has nothing below row r, and all the others in the same mirror.
function reflect(column, others, r) {
  const length = Math.sqrt(between(column, column, r)) * (column[r] < 0 ? -1 : 1);
  if (length === 0) return;
  const normal = column.slice();
  normal[r] += length;
  const square = between(normal, normal, r);
  for (const other of others) {
    const factor = (2 * between(normal, other, r)) / square;
    for (let i = r; i < other.length; i += 1) other[i] -= factor * normal[i];
  }
  column.fill(0, r);
  column[r] = -length;
}

// The product of two vectors, from one place on.
function between(u, v, from) {
  let sum = 0;
  for (let k = from; k < u.length; k += 1) sum += u[k] * v[k];
  return sum;
}

// Vectors turned in pairs until all are orthogonal to each other.
function orthogonalized(vectors) {
  for (let sweep = 0, turns = 1; turns > 0 && sweep < 60; sweep += 1) {
    turns = 0;
    const squares = vectors.map((v) => between(v, v, 0)); // kept up to date, made anew each sweep
    const nothing = 1e-30 * Math.max(...squares);
    const rounding = 4e-16 * vectors.length; // of a cosine
    for (let i = 0; i < vectors.length - 1; i += 1) {
      for (let j = i + 1; j < vectors.length; j += 1) {
        const product = between(vectors[i], vectors[j], 0);
        if (Math.abs(product) <= Math.max(rounding * Math.sqrt(squares[i] * squares[j]), nothing)) continue;
        const zeta = (squares[j] - squares[i]) / (2 * product);
        const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        turnPair(vectors[i], vectors[j], tangent);
        squares[i] = Math.max(squares[i] - tangent * product, 0);
        squares[j] += tangent * product;
        turns += 1;
      }
    }
  }
  return vectors;
}

function turnPair(u, v, tangent) {
  const c = 1 / Math.sqrt(1 + tangent * tangent);
  const s = c * tangent;
  for (let k = 0; k < u.length; k += 1) {
    const a = u[k];
    const b = v[k];
    u[k] = c * a - s * b;
    v[k] = s * a + c * b;
  }
}

// ------------------------------------------------------------------------------------- axes

// Each row along the axis from row a to row b: 0 halfway between them, the unit of length that of
// the vectors. `across` is the first principal component of what is left.
export function alongAxis(rows, a, b) {
  const direction = unit(minus(rows[b], rows[a]));
  const halfway = plus(rows[a], rows[b]).map((value) => value / 2);
  const along = rows.map((row) => dot(minus(row, halfway), direction));
  const rest = rows.map((row, k) => plus(row, direction, -along[k]));
  return { along, across: principalComponents(rest, 1).scores.map(([score]) => score) };
}

// ------------------------------------------------------------------------------------ turning

const radians = (degrees) => (degrees * Math.PI) / 180;

// Rows of three numbers turned about the direction (1, 2, 3), which is skew to all axes (Rodrigues).
export function turned(rows, degrees) {
  const k = unit([1, 2, 3]);
  const [c, s] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  return rows.map((v) => {
    const cross = [k[1] * v[2] - k[2] * v[1], k[2] * v[0] - k[0] * v[2], k[0] * v[1] - k[1] * v[0]];
    const along = dot(k, v) * (1 - c);
    return v.map((value, n) => value * c + cross[n] * s + k[n] * along);
  });
}

// A point as it is seen: x to the right, y up, z towards the eye, after a turn about the upright
// axis (yaw) and a nod about the level one (pitch).
export function seen([x, y, z], yaw, pitch) {
  const [cy, sy, cp, sp] = [Math.cos(radians(yaw)), Math.sin(radians(yaw)), Math.cos(radians(pitch)), Math.sin(radians(pitch))];
  const level = z * cy - x * sy;
  return [x * cy + z * sy, y * cp - level * sp, y * sp + level * cp];
}
