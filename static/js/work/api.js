// Requests to the server of the page: JSON both ways, and one kind of error for each thing that can be done about it.

const WAIT_LIMIT_MS = 15_000;

// The request may never have arrived, or its answer was lost: the same request is sent again later.
export class Unreachable extends Error {}

// The server said no: `status` says how, `message` why, in words for whoever works here.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  get isSignedOut() {
    return this.status === 401 || this.status === 403 || this.status === 400;
  }
}

const TRY_AGAIN = new Set([408, 425, 429, 500, 502, 503, 504]);

async function words(answer) {
  try {
    const body = await answer.json();
    return body.message ?? body.error ?? "";
  } catch {
    return "";
  }
}

// `token` is the one against forged requests, which the page brings.
export function makeApi(token) {
  async function ask(method, path, body) {
    let answer;
    try {
      answer = await fetch(path, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
        headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
        signal: AbortSignal.timeout(WAIT_LIMIT_MS),
        // Being sent to another page means that nobody is signed in any more.
        redirect: "error",
      });
    } catch (error) {
      throw new Unreachable(error.message);
    }
    if (TRY_AGAIN.has(answer.status)) throw new Unreachable(`${answer.status}`);
    if (!answer.ok) throw new Refused(answer.status, await words(answer));
    try {
      return answer.status === 204 ? {} : await answer.json();
    } catch (error) {
      throw new Unreachable(error.message);
    }
  }
  return { get: (path) => ask("GET", path), post: (path, body = {}) => ask("POST", path, body) };
}
