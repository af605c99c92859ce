"""The connection of a page's socket, in a test's hands."""

import re

from playwright.sync_api import Page, WebSocketRoute


class Wire:
    """The socket's connection, which a test can cut: new connections fail until it is mended."""

    def __init__(self, page: Page) -> None:
        self._open: list[WebSocketRoute] = []
        self._is_cut = False
        page.route_web_socket(re.compile("/ws/chat"), self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        if self._is_cut:
            route.close(code=4000)
            return
        route.connect_to_server()
        self._open.append(route)

    def cut(self) -> None:
        self._is_cut = True
        for route in self._open:
            route.close(code=4000)
        self._open.clear()

    def mend(self) -> None:
        self._is_cut = False
