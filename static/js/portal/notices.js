// Notices: hints that something changed, each as an event on the body, `notice:<topic>` with { id, data }. Who shows such things
// fetches them anew. A page that no one looks at holds them, and sends each topic once when it is looked at.

import { socket } from "../chat/connected.js";

const TOPICS = ["runs", "conversations", "approvals", "models", "tools", "documents", "devices", "me"];
const ALL = "all"; // the connection was away: anything may have changed
const SPREAD = 2000;
const held = new Set();
let wasOpen = false;

function send(topic, { id = null, data = null } = {}) {
  document.body.dispatchEvent(new CustomEvent(`notice:${topic}`, { bubbles: true, detail: { id, data } }));
}

function take(topic, detail) {
  if (topic === ALL) for (const each of TOPICS) take(each);
  else if (document.hidden) held.add(topic);
  else send(topic, detail);
}

function release() {
  if (document.hidden) return;
  const topics = [...held];
  held.clear();
  for (const topic of topics) send(topic);
}

// All pages of a server that was away come back at once: what they fetch anew is spread over a while.
function opened() {
  if (wasOpen) setTimeout(() => take(ALL), Math.random() * SPREAD);
  wasOpen = true;
}

if (socket) {
  socket.addEventListener("frame", ({ detail: frame }) => frame.status === "notice" && take(frame.topic, frame));
  socket.addEventListener("open", opened);
  document.addEventListener("visibilitychange", release);
}
