// What every page has.

import "./theme.js";
import "./copy.js";
import "./menus.js";
import "./keys.js";
import "./naming.js";
import "./wheel.js";
