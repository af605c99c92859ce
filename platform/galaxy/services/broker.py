"""The MQTT broker's process if mosquitto is not installed: `python -m galaxy.services.broker <port> <user> <file>`.

It runs without Django. It is separate from `mqtt.py` so that no other process imports amqtt.
"""

import asyncio
import hmac
import logging
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from amqtt.broker import Broker
from amqtt.contexts import BaseContext
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session


class OnePerson(BaseAuthPlugin):  # type: ignore[misc]  # amqtt is not followed
    """Admits one user. The password is compared unhashed: hashing would cost 64 MB at each connection."""

    @dataclass
    class Config:
        """The admitted user."""

        user: str
        password_file: str

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        self._password = Path(self.config.password_file).read_bytes().strip()

    async def authenticate(self, *, session: Session) -> bool:
        """Check the session's name and password."""
        right = hmac.compare_digest((session.password or "").encode(), self._password)
        return right and session.username == self.config.user


async def main(port: str, user: str, password_file: str) -> None:
    """Serve until stopped."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"galaxy.services.broker.OnePerson": {"user": user, "password_file": password_file}},
        }
    )
    await broker.start()
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main(*sys.argv[1:]))
