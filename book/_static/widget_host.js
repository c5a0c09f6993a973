// Brings the book's widgets to life on a static page: no kernel, no network, http or file://.
//
// A widget stands in the page as <div data-widget="name"> with its state as JSON and something
// to read. Its module comes as a classic script, _static/widgets/name.js, which calls
// RNNBook.define; it is loaded when the page has such a widget, once. Before the first of them
// comes _static/widgets/shared.js with what several are made of, which calls RNNBook.share. The
// weights of a trained network come the same way, _static/models/name.js, when a widget asks for
// them: such a script calls RNNBook.network.
(() => {
  "use strict";

  const modules = new Map(); // name -> promise of {module, css}
  const waiting = new Map(); // name -> its resolve
  const networks = new Map(); // name -> promise of the network
  const root = () => document.documentElement.dataset.content_root ?? "./";

  window.RNNBook = {
    share(shared, css) {
      window.RNNBook.shared = shared;
      addStyle(css);
    },
    define(name, module, css) {
      waiting.get(name)({ module, css });
    },
    network(name, packed) {
      waiting.get(`models/${name}`)(packed);
    },
  };

  function addStyle(css) {
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
  }

  function addScript(path, reject) {
    const script = document.createElement("script");
    script.async = false; // they run in the order of being added
    script.src = `${root()}_static/${path}.js`;
    script.onerror = () => reject(new Error(`cannot load ${script.src}`));
    document.head.append(script);
  }

  function load(name) {
    if (!modules.has(name)) {
      modules.set(name, new Promise((resolve, reject) => {
        waiting.set(name, resolve);
        if (modules.size === 0) addScript("widgets/shared", reject);
        addScript(`widgets/${name}`, reject);
      }).then(({ module, css }) => {
        addStyle(css);
        return module;
      }));
    }
    return modules.get(name);
  }

  // Once for all widgets; what failed is asked for again the next time.
  function loadNetwork(name) {
    if (!networks.has(name)) {
      const path = `models/${name}`;
      const loaded = new Promise((resolve, reject) => {
        waiting.set(path, resolve);
        addScript(path, reject);
      });
      networks.set(name, loaded);
      loaded.catch(() => networks.delete(name));
    }
    return networks.get(name);
  }

  // What anywidget gives a module, for state that lives in the page.
  class Model {
    constructor(state, page) {
      this.state = state;
      this.page = page;
      this.listeners = new Map();
    }
    get(trait) {
      return this.state[trait];
    }
    set(trait, value) {
      if (JSON.stringify(this.state[trait]) === JSON.stringify(value)) return;
      this.state[trait] = value;
      this.emit(`change:${trait}`);
      this.emit("change");
    }
    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    }
    off(event, listener) {
      this.listeners.set(event, (this.listeners.get(event) ?? []).filter((other) => other !== listener));
    }
    emit(event) {
      for (const listener of this.listeners.get(event) ?? []) listener();
    }
    save_changes() {}
  }

  // ------------------------------------------------------------------------------ the address
  // #gate-stepper-1.step=3&gate-stepper-1.operation=forget: the state of a page's widgets, each
  // under its name and its place on the page. On slides a widget may begin in a state of its own,
  // data-opens-in, written in the same way without its name.
  class Page {
    constructor(key, node) {
      this.key = `${key}.`;
      this.node = node;
    }
    static entries() {
      const text = location.hash.slice(1);
      return text.includes("=") ? [...new URLSearchParams(text)] : [];
    }
    read() {
      const own = Page.entries().filter(([name]) => name.startsWith(this.key));
      return Object.fromEntries(own.map(([name, value]) => [name.slice(this.key.length), value]));
    }
    write(entries) {
      const others = Page.entries().filter(([name]) => !name.startsWith(this.key));
      const own = Object.entries(entries).map(([name, value]) => [this.key + name, value]);
      const text = new URLSearchParams([...others, ...own]).toString();
      try {
        history.replaceState(history.state, "", text ? `#${text}` : location.pathname + location.search);
      } catch {
        // A page without an address of its own (in a frame, say) keeps no state there.
      }
    }
    address() {
      return location.href;
    }
    network(name) {
      return loadNetwork(name);
    }
    onAddress(listener) {
      const apply = (block) => {
        const entries = this.read();
        if (Object.keys(entries).length === 0) return false;
        listener(entries);
        this.node.scrollIntoView({ block });
        return true;
      };
      // At first the widget has its size still to find, so its top is what can be shown.
      const { opensIn } = this.node.dataset;
      if (!apply("start") && opensIn) listener(Object.fromEntries(new URLSearchParams(opensIn)));
      addEventListener("hashchange", () => apply("nearest"));
    }
  }

  // ------------------------------------------------------------------------------------ links
  // data-links names, for a widget, the numbered links that one of its traits is an end of.
  function connect(models) {
    const links = new Map();
    for (const [node, model] of models) {
      for (const end of JSON.parse(node.dataset.links ?? "[]")) {
        const link = links.get(end.link) ?? links.set(end.link, { source: [], target: [], twoWay: end.twoWay }).get(end.link);
        link[end.role].push([model, end.trait]);
      }
    }
    for (const { source, target, twoWay } of links.values()) {
      const follow = ([from, trait], others) => {
        const pass = () => others.forEach(([model, name]) => model.set(name, from.get(trait)));
        from.on(`change:${trait}`, pass);
        return pass;
      };
      for (const end of source) follow(end, target)();
      if (twoWay) for (const end of target) follow(end, source);
    }
  }

  async function start() {
    const counts = new Map();
    const models = new Map();
    const nodes = [...document.querySelectorAll("[data-widget]")];
    const jobs = nodes.map(async (node) => {
      const name = node.dataset.widget;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const key = `${name}-${counts.get(name)}`;
      node.dataset.widgetKey = key;
      const state = JSON.parse(node.querySelector("script[type='application/json']").textContent);
      const model = new Model(state, new Page(key, node));
      models.set(node, model);
      const module = await load(name);
      return { node, model, module };
    });
    // A widget that cannot start keeps its table to read, and keeps no other from starting.
    const ready = (await Promise.allSettled(jobs)).flatMap(({ value, reason }) => {
      if (reason) console.error(reason);
      return value ? [value] : [];
    });
    connect(models);
    for (const { node, model, module } of ready) {
      const fallback = [...node.childNodes];
      node.replaceChildren();
      try {
        module.render({ model, el: node });
        node.append(...fallback.filter((child) => child.className === "rnn-fallback")); // for print
        node.dataset.alive = "";
      } catch (error) {
        console.error(error);
        node.replaceChildren(...fallback);
      }
    }
  }

  const started = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve);
    else resolve();
  }).then(start);

  // Setting a page's formulas takes longer than making its widgets, so they come when these are seen.
  if (window.MathJax) {
    const seen = () => new Promise((resolve) => setTimeout(resolve, 50));
    const pageReady = () => started.catch(() => {}).then(seen).then(() => window.MathJax.startup.defaultPageReady());
    window.MathJax.startup = { ...window.MathJax.startup, pageReady };
  }
})();
