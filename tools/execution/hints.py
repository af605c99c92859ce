"""Tells the workers that a call is queued, by a Celery task with its id. A hint that is lost is given again by the sweep."""

import asyncio
import logging
from functools import cache
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

TASK = "tools.tasks.run_long_call"
SEND_WITHIN = 5.0  # seconds
TIMES = {"socket_timeout": 5, "socket_connect_timeout": 2}

logger = logging.getLogger(__name__)


async def send(call_id: str) -> None:
    """Tell of a queued call."""
    try:
        async with asyncio.timeout(SEND_WITHIN):
            await asyncio.to_thread(_send, call_id)
    except TimeoutError:
        logger.warning("Call %s waits until a worker finds it: the broker takes too long.", call_id)


def _send(call_id: str) -> None:
    from kombu.exceptions import OperationalError  # noqa: PLC0415  loaded with the first long call: most processes make none

    try:
        _sender().send_task(TASK, [call_id], retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("Call %s waits until a worker finds it: the broker does not answer: %s", call_id, error)


@cache
def _sender() -> Any:
    """An app that only sends: the portal's own is the roof's, and only the worker loads it."""
    from celery import Celery  # noqa: PLC0415  as above

    sender = Celery("tools", broker=settings.CELERY_BROKER_URL, set_as_current=False)
    sender.conf.broker_transport_options = TIMES
    return sender
