// Pages that tools show, apart from this one: each is served alone, and may do nothing but draw itself.

import { all, one } from "../../browser/dom.js";

function fill() {
  const { conversation } = one("[data-chat]").dataset;
  for (const frame of all("[data-frame]:not([src])")) {
    const { message } = frame.closest("[data-message]")?.dataset ?? {};
    const { component } = frame.closest(".component").dataset;
    if (message && conversation) frame.src = `/c/${conversation}/messages/${message}/components/${encodeURIComponent(component)}`;
  }
}

for (const moment of ["piece:drawn", "htmx:after:swap"]) document.addEventListener(moment, fill);
fill();
