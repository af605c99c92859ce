// The wheel over what does not scroll, such as the header and the composer, moves the page's one scrolling part.

import { one } from "../browser/dom.js";

const LINE = 18;
const main = one("main");

function pixels({ deltaY, deltaMode }, scroller) {
  if (deltaMode === WheelEvent.DOM_DELTA_LINE) return deltaY * LINE;
  return deltaMode === WheelEvent.DOM_DELTA_PAGE ? deltaY * scroller.clientHeight : deltaY;
}

// Menus, and a text that is longer than its field, take the wheel for themselves.
function takesIt(part) {
  if (part.closest("[popover], .thread, .main-scroll")) return true;
  const field = part.closest("textarea");
  return field !== null && field.scrollHeight > field.clientHeight + 1;
}

main?.addEventListener(
  "wheel",
  (event) => {
    const scroller = one(".thread, .main-scroll", main);
    if (!scroller || event.ctrlKey || takesIt(event.target)) return;
    scroller.dispatchEvent(new WheelEvent("wheel", { deltaY: event.deltaY })); // whoever watches it there
    scroller.scrollBy({ top: pixels(event, scroller), behavior: "instant" });
  },
  { passive: true },
);
