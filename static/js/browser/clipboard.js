// Puts words on the clipboard.

export async function write(words) {
  if (navigator.clipboard) return navigator.clipboard.writeText(await words);
  const field = document.createElement("textarea"); // plain HTTP has no clipboard API
  field.value = await words;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
