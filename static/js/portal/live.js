// htmx as the portal uses it: the token of its forms, the end of a sign-in, what went wrong, what is busy, where the focus goes.

import htmx from "../../vendor/htmx-4.0.1.esm.min.js";
import { one } from "../browser/dom.js";
import { toSignIn } from "../browser/rest.js";
import { toast } from "./toasts.js";

export { htmx };

const WORDS = {
  403: "You may not do this. An operator can grant it.",
  404: "This no longer exists.",
  413: "That is too large for Galaxy.",
  429: "That was too often. Wait a moment, then try again.",
};
const FAILED = "Galaxy could not do that just now. Try again in a moment.";
const UNREACHED = "Galaxy cannot be reached. Try again when the connection is back.";
const OF_THE_PAGE = /^(notice:|intersect$)/; // no one asked for it, so no one is told when it fails: it is tried again

const isAsked = ({ sourceEvent }) => !OF_THE_PAGE.test(sourceEvent?.type ?? "");
const isSignIn = ({ status, raw }) => status === 401 || (raw.redirected && new URL(raw.url).pathname === "/sign-in");

function complain(ctx, words) {
  if (isAsked(ctx)) toast(words, { icon: "circle-alert" });
}

// The server's own words come as plain text; an error page is not for a toast.
function wordsOf({ response, text }) {
  const isPlain = (response.headers.get("Content-Type") ?? "").startsWith("text/plain");
  return (isPlain && text) || (WORDS[response.status] ?? FAILED);
}

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRFToken"] = one('meta[name="csrf-token"]').content;
});

// fetch has followed the redirect: the sign-in page must not land in a part of this one.
document.addEventListener("htmx:before:response", (event) => {
  if (!isSignIn(event.detail.ctx.response)) return;
  event.preventDefault();
  toSignIn();
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status !== 422) complain(ctx, wordsOf(ctx)); // that one is the form, with what is wrong
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => ctx && complain(ctx, UNREACHED));

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => ctx.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => ctx.target?.removeAttribute("aria-busy"));

// What had the focus was taken away with what it stood in: the heading of what came in its place has it then.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (document.activeElement !== document.body || !isAsked(ctx) || !ctx.target?.id) return;
  const heading = one("h2", document.getElementById(ctx.target.id) ?? undefined);
  if (!heading?.closest(`#${CSS.escape(ctx.target.id)}`)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
});

// htmx takes such a click from the browser and then leaves it alone: nothing would happen at all.
addEventListener(
  "click",
  (event) => {
    const isForBrowser = event.ctrlKey || event.metaKey || event.shiftKey;
    if (isForBrowser && event.target.closest?.("a[href]:is([hx-get], [hx-delete])")) event.stopPropagation();
  },
  { capture: true },
);
