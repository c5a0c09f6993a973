// Slides and the widgets on them share one page: its keys and its address.
(() => {
  "use strict";

  const entries = () => new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");

  // #slide=3 beside what the widgets keep there; a state of a widget alone opens its slide.
  function open() {
    const state = entries();
    const widget = [...state.keys()].find((key) => key.includes("."))?.split(".")[0];
    const slide = document.querySelector(`[data-widget-key="${CSS.escape(widget ?? "")}"]`)?.closest("section");
    const wanted = state.has("slide") ? Reveal.getSlides()[state.get("slide") - 1] : slide;
    if (!wanted) return;
    const { h, v } = Reveal.getIndices(wanted);
    Reveal.slide(h, v);
  }

  const footer = document.createElement("footer");
  const all = document.createElement("a");
  const place = document.createElement("span");
  all.href = "index.html";
  all.textContent = "All lessons";
  footer.append(all, place);

  function keep() {
    const state = entries();
    const number = Reveal.getSlides().indexOf(Reveal.getCurrentSlide()) + 1;
    place.textContent = `${number} / ${Reveal.getTotalSlides()}`;
    state.set("slide", number);
    history.replaceState(history.state, "", `#${state}`);
  }

  function begin() {
    // What is on the slides is to be read, not an application that has keys of its own for all.
    document.querySelector(".reveal").removeAttribute("role");
    // While a widget has the focus, arrows and space are its own.
    Reveal.configure({ keyboardCondition: () => !document.activeElement?.closest("[data-widget]") });
    document.body.append(footer);
    open();
    keep();
    Reveal.on("slidechanged", () => {
      document.activeElement?.blur();
      keep();
    });
    addEventListener("hashchange", open);
    addEventListener("keydown", ({ key }) => { if (key === "Escape") document.activeElement?.blur(); });
  }

  addEventListener("load", () => (Reveal.isReady() ? begin() : Reveal.on("ready", begin)));
})();
