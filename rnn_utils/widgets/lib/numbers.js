// Numbers for eyes and numbers for machines.

// Two decimals with a true minus sign; what would round to 0 or 1 without being it says so.
export function short(value, digits = 2) {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Math.abs(value) >= 1000 ? value.toExponential(1) : value.toFixed(digits);
  return (Number(rounded) === 0 ? rounded.replace("-", "") : rounded).replace("-", "−");
}

export const exact = (value) => value.toPrecision(17);
