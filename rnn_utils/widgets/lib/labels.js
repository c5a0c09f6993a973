// A table of strings as an object: a plain string stays one, a string with {names} becomes a
// function that puts the values in. The table is picked by the page's language.

export function makeLabels(tables) {
  const language = (document.documentElement.lang || "en").split("-")[0];
  return bind(tables[language] ?? tables.en);
}

function bind(table) {
  return Object.fromEntries(Object.entries(table).map(([key, text]) => {
    if (typeof text !== "string") return [key, bind(text)];
    if (!/\{\w+\}/.test(text)) return [key, text];
    return [key, (values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name])];
  }));
}
