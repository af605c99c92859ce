// The note about the missing password stays away for a month where someone does not want one now.

import { keep } from "../browser/cookies.js";
import { one } from "../browser/dom.js";

one("[data-no-password-later]").addEventListener("click", () => {
  keep("galaxy_no_password", "later");
  one("[data-no-password]").remove();
  document.getElementById("message")?.focus();
});
