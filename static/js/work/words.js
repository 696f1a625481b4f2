// The sentences of the work page in the language of whoever works: the page brings them, each by its English.

const words = JSON.parse(document.querySelector("[data-words]").dataset.words);

// `values` are put in where the sentence names them, as %(name)s.
export function tr(message, values = {}) {
  return (words[message] ?? message).replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}
