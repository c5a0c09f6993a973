// Makes a page ready for paper: light, everything unfolded, every figure loaded; and takes it back.
(() => {
  "use strict";

  const root = document.documentElement;
  let undo = null;

  function toPaper() {
    if (undo) return;
    const theme = root.dataset.theme;
    const folded = [...document.querySelectorAll("details:not([open])")].filter((one) => !one.closest("[data-alive]"));
    root.dataset.theme = "light";
    for (const one of folded) one.open = true;
    for (const image of document.querySelectorAll("img[loading=lazy]")) image.loading = "eager";
    undo = () => {
      root.dataset.theme = theme;
      for (const one of folded) one.open = false;
      undo = null;
    };
  }

  function toScreen() {
    undo?.();
  }

  // The first pair for what Firefox prints, a copy; the second also where print is only emulated.
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("print").addEventListener("change", ({ matches }) => (matches ? toPaper() : toScreen()));
})();
