// The result of a press or a sent form, below its component; a call that cannot be undone is asked about there first.

import { one } from "../../browser/dom.js";
import { api } from "../../browser/rest.js";

const HOW = { failed: "It failed.", denied: "It was not run.", cancelled: "It was stopped.", unknown: "It is not known whether it happened." };

function place(component) {
  const found = one(".component-result", component) ?? component.appendChild(document.createElement("div"));
  found.className = "component-result";
  found.setAttribute("role", "status");
  return found;
}

function button(words, look, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button small ${look}`;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

async function decide(component, callId, decision) {
  await api("POST", `tool-calls/${callId}/decision`, { decision });
  const { state, result } = await api("GET", `tool-calls/${callId}`);
  show(component, { outcome: state, text: result?.text ?? "" });
}

function ask(component, { call_id: callId, reason }) {
  const row = document.createElement("p");
  row.className = "row wrap";
  row.append(
    `${reason} `,
    button("Do not run", "", () => decide(component, callId, "deny")),
    button("Run", "danger", () => decide(component, callId, "once")),
  );
  place(component).replaceChildren(row);
}

export function show(component, came) {
  if (came.outcome === "waiting") return ask(component, came);
  const said = document.createElement("p");
  said.textContent = [HOW[came.outcome], came.text].filter(Boolean).join(" ");
  const files = (came.artifacts ?? []).map(({ artifact_id: id, version, name }) => {
    const link = document.createElement("a");
    link.href = `/artifacts/${id}/${version}?download`;
    link.textContent = name;
    return link;
  });
  place(component).replaceChildren(said, ...files);
}
