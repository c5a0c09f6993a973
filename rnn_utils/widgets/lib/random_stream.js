// Number n of a stream that looks random: mulberry32, equal to Python's to the last bit.
export function uniform(seed, n) {
  const a = (seed + Math.imul(n + 1, 0x6d2b79f5)) | 0;
  let b = Math.imul(a ^ (a >>> 15), a | 1);
  b ^= b + Math.imul(b ^ (b >>> 7), b | 61);
  return ((b ^ (b >>> 14)) >>> 0) / 2 ** 32;
}
