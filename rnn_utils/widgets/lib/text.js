// From text to numbers, as pure functions: the JavaScript twin of rnn_utils/text, which a test
// holds to it. Both read Unicode's own tables, each in the version that its maker built in; so a
// sign that is newer than one of them may be cut differently.

export const UNKNOWN = "<unk>";
const END_OF_WORD = "</w>";

// ------------------------------------------------------------------------------------- tokens

const HAN = "\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
// What Python takes for a space; \s of JavaScript differs in six signs.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LETTER = `(?![${HAN}])[\\p{L}\\p{Nl}\\p{No}]\\p{M}*`;
const WORD = `(?:${LETTER})+(?:['’](?:${LETTER})+)*`;
const NUMBER = "\\p{Nd}+(?:[.,]\\p{Nd}+)*";
const TOKEN = new RegExp(`${WORD}|(?:${NUMBER}|[^${SPACE}])\\p{M}*`, "gu");

// Words in lower case, or characters; as tokenize in Python.
export function tokenize(text, level = "word") {
  const normal = text.normalize("NFC");
  if (level === "character") return [...normal];
  return normal.toLowerCase().normalize("NFC").match(TOKEN) ?? [];
}

// Order by code points, as Python sorts; JavaScript's own order is by halves of surrogate pairs.
function byCodePoint(a, b) {
  const weight = (unit) => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);
  for (let n = 0; n < Math.min(a.length, b.length); n += 1) {
    const [one, other] = [a.charCodeAt(n), b.charCodeAt(n)];
    if (one !== other) return weight(one) - weight(other);
  }
  return a.length - b.length;
}

function countOf(items) {
  const counts = new Map();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

// --------------------------------------------------------------------------------- byte pairs

// The parts with every pair in one, from the left.
function merged(parts, [first, second]) {
  const result = [];
  for (const part of parts) {
    if (part === second && result.at(-1) === first) result[result.length - 1] += part;
    else result.push(part);
  }
  return result;
}

export function bytePairs(word, merges) {
  return merges.reduce(merged, [...word, END_OF_WORD]);
}

// The pairs that come together most often, in the order in which they are put together.
export function learnBytePairs(words, nMerges) {
  let split = [...countOf(words)].map(([word, count]) => ({ parts: [...word, END_OF_WORD], count }));
  const merges = [];
  while (merges.length < nMerges) {
    const pairs = new Map();
    for (const { parts, count } of split) {
      for (const pair of ngrams(parts, 2)) {
        const key = JSON.stringify(pair);
        const known = pairs.get(key);
        if (known) known.count += count;
        else pairs.set(key, { pair, count });
      }
    }
    if (pairs.size === 0) break;
    const best = [...pairs.values()].reduce((a, b) => (beforePair(b, a) ? b : a)).pair;
    merges.push(best);
    split = split.map(({ parts, count }) => ({ parts: merged(parts, best), count }));
  }
  return merges;
}

function beforePair(a, b) {
  if (a.count !== b.count) return a.count > b.count;
  return (byCodePoint(a.pair[0], b.pair[0]) || byCodePoint(a.pair[1], b.pair[1])) < 0;
}

// --------------------------------------------------------------------------------- vocabulary

// The words of Vocab: "<unk>", then by falling count, equal counts in alphabetical order.
export function vocabularyOf(tokens) {
  const counts = countOf(tokens);
  counts.delete(UNKNOWN);
  const ordered = [...counts].sort(([a, n], [b, m]) => m - n || byCodePoint(a, b));
  return [UNKNOWN, ...ordered.map(([word]) => word)];
}

// A text as tokens at one of the three levels.
export function tokensAt(level, text, merges) {
  if (level !== "byte pair") return tokenize(text, level);
  return tokenize(text).flatMap((word) => bytePairs(word, merges));
}

// The vocabulary of a corpus at a level. Of byte pairs: the characters, then what each merge made.
export function vocabularyAt(level, corpus, merges) {
  if (level !== "byte pair") return vocabularyOf(corpus.flatMap((text) => tokenize(text, level)));
  const characters = corpus.flatMap((text) => tokenize(text)).flatMap((word) => bytePairs(word, []));
  return [...new Set([...vocabularyOf(characters), ...merges.map((pair) => pair.join(""))])];
}

// The index of each token; that of "<unk>" for an unknown one, null if there is none.
export function encode(tokens, words) {
  const index = new Map(words.map((word, k) => [word, k]));
  return tokens.map((token) => index.get(token) ?? index.get(UNKNOWN) ?? null);
}

// ------------------------------------------------------------------------------------- counts

// How often each index comes: the sum of the one-hot rows. No index is a row of zeros.
export function bagOfWords(indices, size) {
  const counts = new Array(size).fill(0);
  for (const index of indices) if (index !== null) counts[index] += 1;
  return counts;
}

export function ngrams(tokens, n) {
  return Array.from({ length: Math.max(0, tokens.length - n + 1) }, (_, t) => tokens.slice(t, t + n));
}

// What the first list has more often than the second, in its order.
export function without(items, others) {
  const left = countOf(others.map((item) => JSON.stringify(item)));
  return items.filter((item) => {
    const key = JSON.stringify(item);
    const there = left.get(key) ?? 0;
    left.set(key, there - 1);
    return there <= 0;
  });
}
