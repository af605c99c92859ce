// What every page has.

import "./live.js";
import "./notices.js";
import "./theme.js";
import "./copy.js";
import "./menus.js";
import "./model-picker.js";
import "./keys.js";
import "./dialogs.js";
import "./row-menu.js";
import "./waiting.js";
import "./wheel.js";
