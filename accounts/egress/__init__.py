"""placeholder"""

from typing import Any


class EgressError(Exception):
    """x"""


async def fetch(url: str, **_: Any) -> Any:
    """X"""
