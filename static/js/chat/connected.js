// This page's one connection, for all that uses it; null on pages without the sidebar, where nothing is live.

import { one } from "../browser/dom.js";
import { Socket } from "./socket.js";

export const socket = one("[data-chat]") ? new Socket(`${location.origin.replace(/^http/, "ws")}/ws/chat`) : null;
