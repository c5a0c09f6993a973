import { powerOfTen, short } from "./numbers.js";

// A signed number that may be very small: 0.40, −3·10⁻⁹, 0.
export function tiny(value, digits = 2) {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : String(value);
  if (Math.abs(value) >= 0.00995 && Math.abs(value) < 1000) return short(value, digits);
  const [digit, exponent] = value.toExponential(0).split("e");
  return `${digit.replace("-", "−")}·${powerOfTen(Number(exponent))}`;
}
