// Slides and the widgets on them share one page: its keys and its address.
(() => {
  "use strict";

  const entries = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");

  // #slide=3 beside what the widgets keep there; a state of a widget alone opens its slide.
  function open() {
    const state = entries();
    const widget = [...state.keys()].find((key) => key.includes("."))?.split(".")[0];
    const slide = document.querySelector(`[data-widget-key="${CSS.escape(widget ?? "")}"]`)?.closest("section");
    if (state.has("slide")) Reveal.slide(...place(Number(state.get("slide")) - 1));
    else if (slide) {
      const { h, v } = Reveal.getIndices(slide);
      Reveal.slide(h, v);
    }
  }

  function place(number) {
    const slide = Reveal.getSlides()[number] ?? Reveal.getSlides()[0];
    const { h, v } = Reveal.getIndices(slide);
    return [h, v];
  }

  function keep() {
    const state = entries();
    state.set("slide", Reveal.getSlides().indexOf(Reveal.getCurrentSlide()) + 1);
    history.replaceState(history.state, "", `#${state}`);
  }

  function begin() {
    // While a widget has the focus, arrows and space are its own.
    Reveal.configure({ keyboardCondition: () => !document.activeElement?.closest("[data-widget]") });
    open();
    keep();
    Reveal.on("slidechanged", () => {
      document.activeElement?.blur();
      keep();
    });
    addEventListener("hashchange", open);
  }

  addEventListener("load", () => (Reveal.isReady() ? begin() : Reveal.on("ready", begin)));
})();
