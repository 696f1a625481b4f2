// Reads JSON of the board; null where the server cannot be reached or refuses, so that the page stays as it is.

export async function read(address, query = {}) {
  const search = new URLSearchParams(query).toString();
  try {
    const answer = await fetch(search ? `${address}?${search}` : address, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
