// What must outlive a reload of the page: typed answers and messages that are not sent yet, kept for this tab only.

// `owner` is who works, so that nothing is ever sent in the name of whoever signs in next.
export function makeKept(owner) {
  const key = (name) => `work.${owner}.${name}`;
  return {
    read(name, otherwise) {
      try {
        return JSON.parse(sessionStorage.getItem(key(name))) ?? otherwise;
      } catch {
        return otherwise;
      }
    },
    write(name, value) {
      try {
        sessionStorage.setItem(key(name), JSON.stringify(value));
      } catch {
        // Storage may be forbidden or full; then the page itself still holds it.
      }
    },
    remove(name) {
      try {
        sessionStorage.removeItem(key(name));
      } catch {
        // Nothing was kept then.
      }
    },
  };
}
