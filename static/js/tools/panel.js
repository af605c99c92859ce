// The panel of one tool: beside the list where there is room, above it where there is not.

const panel = document.getElementById("panel");

const floats = () => getComputedStyle(panel).position === "fixed" || getComputedStyle(panel).display === "none";

function mark() {
  const here = location.pathname;
  for (const link of document.querySelectorAll(".tool-name")) {
    link.toggleAttribute("aria-current", false);
    if (new URL(link.href).pathname === here) link.setAttribute("aria-current", "true");
  }
}

function show() {
  panel.hidden = false;
  if (floats() && !panel.matches(":popover-open")) panel.showPopover();
  mark();
}

function close(event) {
  if (!event.target.closest("[data-panel-close]")) return;
  event.preventDefault();
  if (panel.matches(":popover-open")) panel.hidePopover();
  leave();
}

function leave() {
  const opener = document.querySelector('.tool-name[aria-current="true"]');
  panel.hidden = true;
  panel.replaceChildren();
  history.pushState(null, "", "/tools");
  mark();
  opener?.focus();
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target !== panel) return;
  show();
  panel.querySelector("[role=status], [role=alert]")?.scrollIntoView({ block: "nearest" });
});
panel.addEventListener("click", close);
panel.addEventListener("toggle", ({ newState }) => newState === "closed" && !panel.hidden && leave());
if (panel.children.length) show();

// Words that were typed before the script was there.
const search = document.getElementById("tool-q");
addEventListener("load", () => search.value !== search.defaultValue && search.dispatchEvent(new Event("input")));
