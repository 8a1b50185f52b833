// Requests to the server of `logotal app`. Its errors are sentences for people and are passed on as they are.

export const LOST = "The server does not answer; is `logotal app` still running? Trying again.";
const PATIENCE = 20; // seconds after which a question of `poll` is asked again

/** Makes the error of an answer: the server's sentence, the status (0: the connection is lost) and the whole answer. */
function failure(sentence, status, body = null) {
  return Object.assign(new Error(sentence), { status, body });
}

/** Whether an error means that the server could not be reached, so that the same can be tried again. */
export const isLost = (error) => error.status === 0;

/** Reads an answer's text as JSON; null where it is none. */
function parse(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/** What the server answered, or an error with its sentence. */
function understand(status, text) {
  const body = parse(text);
  if (status >= 200 && status < 300) return body;
  const unsaid = `The server could not do this (status ${status}); its terminal says more.`;
  throw failure(body?.error ?? unsaid, status, body);
}

async function request(path, options) {
  let status, text;
  try {
    const response = await fetch(path, options);
    status = response.status;
    text = await response.text();
  } catch {
    throw failure(LOST, 0);
  }
  return understand(status, text);
}

/** Asks the server for something. A `signal` can give up. */
export function get(path, signal) {
  return request(path, { cache: "no-store", signal });
}

/** Sends an object as JSON, or a file as it is. */
export function post(path, body = {}, headers = {}) {
  if (body instanceof Blob) return request(path, { method: "POST", body, headers });
  return request(path, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...headers },
  });
}

/** Sends a file; `progress` is told the share that has gone, from 0 to 1. */
export function put(path, blob, progress = () => {}) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest(); // fetch does not tell how much has gone
    sending.open("PUT", path);
    sending.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 1);
    sending.onerror = () => reject(failure(LOST, 0));
    sending.onload = () => {
      try { resolve(understand(sending.status, sending.responseText)); } catch (error) { reject(error); }
    };
    sending.send(blob);
  });
}

const rest = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Asks again and again, and goes on after errors and lost connections: callback(answer, null) or callback(null, error).
 * `path` may be a function that gives the path anew each time. Returns a function that ends it.
 */
export function poll(path, seconds, callback) {
  let going = true;
  (async () => {
    while (going) {
      let answer = null, error = null;
      try {
        answer = await get(typeof path === "function" ? path() : path, AbortSignal.timeout(PATIENCE * 1000));
      } catch (thrown) {
        error = thrown;
      }
      if (going) callback(answer, error);
      await rest(seconds);
    }
  })();
  return () => { going = false; };
}
