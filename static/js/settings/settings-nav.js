// On a phone the settings' menu is a row that scrolls: the page that is shown is brought into sight.

import { one } from "../browser/dom.js";

one(".settings-nav [aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
