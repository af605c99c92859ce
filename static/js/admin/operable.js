// What unfold draws with a click handler alone can also be reached and pressed by key, and has a name that can be spoken.
const NAMES = { dock_to_right: "Sidebar", close: "Close", more_horiz: "More", shield_person: "Overview" };
const OWN = "a[href], button, input, select, textarea, label, summary";

function nameSelect(box) {
  const select = box.closest(".select2-container").previousElementSibling;
  const label = select?.id && document.querySelector(`label[for="${select.id}"]`);
  const shown = box.querySelector(".select2-selection__rendered");
  if (!select || !shown) return;
  shown.removeAttribute("role");
  shown.removeAttribute("aria-readonly");
  box.removeAttribute("aria-labelledby");
  const chosen = select.selectedOptions?.[0]?.text.trim();
  const name = label?.innerText.trim() || select.name.split("-").pop().replace("_", " ");
  box.setAttribute("aria-label", chosen ? `${name}: ${chosen}` : name);
}

function makeOperable(part) {
  if (part.matches(OWN) || part.id === "changelist-filter-close") return;
  part.setAttribute("role", "button");
  part.tabIndex = 0;
  const icon = part.textContent.trim();
  if (NAMES[icon]) part.setAttribute("aria-label", NAMES[icon]);
}

function nameByIcon(icon) {
  const part = icon.closest("a, button, [role='button']");
  icon.setAttribute("aria-hidden", "true");
  if (!part || part.hasAttribute("aria-label") || part.textContent.trim() !== icon.textContent.trim()) return;
  const words = icon.textContent.trim();
  part.setAttribute("aria-label", part.title || NAMES[words] || words.replaceAll("_", " "));
}

function look() {
  document.querySelectorAll("[x-on\\:click]").forEach(makeOperable);
  document.querySelectorAll(".select2-selection[role='combobox']").forEach(nameSelect);
  document.querySelectorAll(".material-symbols-outlined:not([x-on\\:click])").forEach(nameByIcon);
}

document.addEventListener("keydown", (event) => {
  const part = event.target;
  if ((event.key !== "Enter" && event.key !== " ") || !part.matches("[role='button'][x-on\\:click]") || part.matches(OWN)) return;
  event.preventDefault();
  part.click();
});
window.addEventListener("load", () => {
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
});
