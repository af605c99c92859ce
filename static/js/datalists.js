// A field's suggestions follow what is chosen beside it: <select data-lists="things-"> names the list of the field after it.
for (const select of document.querySelectorAll("select[data-lists]")) {
  const field = select.form.elements.namedItem("target");
  select.addEventListener("change", () => field.setAttribute("list", select.dataset.lists + select.value));
}
