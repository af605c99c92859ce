// Requests of the page's own modules: JSON for the REST API, and plain text. Who is signed out is told, or sent to sign in.

import { one } from "./dom.js";

export class Refused extends Error {
  // `error` is the API's own, where it gave one; `after` the seconds after which to try again.
  constructor(status, message, error = {}, after = null) {
    super(message);
    this.status = status;
    this.failure = { code: error.code, message, retryable: error.retryable ?? false, retry_after: after };
  }
}

// The chat says so in its place, and stays: what is written there is not taken away.
export function toSignIn() {
  if (!dispatchEvent(new Event("signed-out", { cancelable: true }))) return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

export async function ask(path, options) {
  const response = await fetch(path, { credentials: "same-origin", ...options });
  if (response.status === 401 || (response.redirected && new URL(response.url).pathname === "/sign-in")) {
    toSignIn();
    throw new Refused(401, "You are no longer signed in.");
  }
  return response;
}

export async function api(method, path, body, { keepalive = false } = {}) {
  const headers = { "X-CSRFToken": one('meta[name="csrf-token"]').content, "Content-Type": "application/json" };
  const response = await ask(`/api/${path}`, { method, headers, keepalive, body: body && JSON.stringify(body) });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : response.json();
}

export async function refusal(response) {
  const { error } = await response.json().catch(() => ({}));
  const after = Number(response.headers.get("Retry-After")) || null;
  return new Refused(response.status, error?.message ?? "Galaxy did not take that.", error, after);
}

export async function text(path) {
  const response = await ask(path);
  if (!response.ok) throw new Refused(response.status, "This no longer exists.");
  return response.text();
}
