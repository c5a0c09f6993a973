// Numbers for eyes and numbers for machines.

// Two decimals with a true minus sign; what would round to 0 or 1 without being it says so.
export function short(value, digits = 2) {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(digits);
  return (Number(rounded) === 0 ? rounded.replace("-", "") : rounded).replace("-", "−");
}

export const exact = (value) => value.toPrecision(17);

const RAISED = Object.fromEntries([..."0123456789"].map((digit, n) => [digit, "⁰¹²³⁴⁵⁶⁷⁸⁹"[n]]));
export const powerOfTen = (exponent) => `10${[...String(exponent)].map((sign) => RAISED[sign] ?? "⁻").join("")}`;

const LOWERED = "₀₁₂₃₄₅₆₇₈₉";
export const subscript = (n) => String(n).replace(/\d/g, (digit) => LOWERED[digit]);

// Two digits, with a power of ten where they would be hard to read: 3.1·10⁻⁹, 0.40, 130.
export function scientific(value) {
  if (value === 0) return "0";
  if (value >= 0.00995 && value < 999.5) return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2);
  const [digits, exponent] = value.toExponential(1).split("e");
  return `${digits}·${powerOfTen(Number(exponent))}`;
}
