// Requests to the portal: JSON for the REST API, HTML for fragments. Whoever is signed out is told, or sent to sign in.

import { one } from "./part.js";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The chat says so in its place, and stays: what is written there is not taken away.
function toSignIn() {
  if (!dispatchEvent(new Event("signed-out", { cancelable: true }))) return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

async function ask(path, options) {
  const response = await fetch(path, { credentials: "same-origin", ...options });
  if (response.status === 401 || (response.redirected && new URL(response.url).pathname === "/sign-in")) {
    toSignIn();
    throw new Refused(401, "You are not signed in any more.");
  }
  return response;
}

export async function api(method, path, body, { keepalive = false } = {}) {
  const headers = { "X-CSRFToken": one('meta[name="csrf-token"]').content, "Content-Type": "application/json" };
  const response = await ask(`/api/${path}`, { method, headers, keepalive, body: body && JSON.stringify(body) });
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, answer?.error?.message ?? "Galaxy did not take that.");
  return answer;
}

export async function text(path) {
  const response = await ask(path);
  if (!response.ok) throw new Refused(response.status, "This is not there any more.");
  return response.text();
}

export async function fragment(path) {
  const template = document.createElement("template");
  template.innerHTML = await text(path);
  return template.content;
}
