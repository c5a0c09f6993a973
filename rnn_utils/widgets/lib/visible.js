// Signs that leave no trace on the page get one.
export function visible(token) {
  return token.replace(/[ \u00a0\u3000]/g, "␣").replace(/\n/g, "↵").replace(/\t/g, "⇥");
}
