export const WRITE_MS = 150; // from a change to the address: a browser is slow to change that

// A function that has show called once, soon, however often it is called until then: traits that
// arrive together are shown once.
export function soon(show) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      show();
    });
  };
}
