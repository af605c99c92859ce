// Whether the sign-in has ended, at Galaxy or at a proxy in front of it. A failed handshake gives no reason; a request does.

const ANSWER_WITHIN = 10000;

export async function hasEnded() {
  try {
    const response = await fetch("/api/me", { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) });
    return response.status === 401 || response.type === "opaqueredirect" || isSignInPage(response);
  } catch {
    return false; // no connection at all
  }
}

// Galaxy answers JSON. Some proxies put their sign-in page in its place, as 200 or 403; 502 is a page of theirs too.
function isSignInPage({ ok, status, headers }) {
  return (ok || status === 403) && (headers.get("Content-Type") ?? "").startsWith("text/html");
}
