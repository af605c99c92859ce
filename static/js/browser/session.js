// The sign-in as a request finds it, at Galaxy or at a proxy in front of it. A failed handshake gives no reason; a request does.

const ANSWER_WITHIN = 10000;

export const ENDED = "ended";
export const HOLDS = "holds";

export async function signIn() {
  try {
    const response = await fetch("/api/me", { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(ANSWER_WITHIN) });
    if (response.status === 401 || response.type === "opaqueredirect" || isSignInPage(response)) return ENDED;
    return response.ok ? HOLDS : null;
  } catch {
    return null; // no connection at all
  }
}

// Galaxy answers JSON. Some proxies put their sign-in page in its place, as 200 or 403; 502 is a page of theirs too.
function isSignInPage({ ok, status, headers }) {
  return (ok || status === 403) && (headers.get("Content-Type") ?? "").startsWith("text/html");
}
