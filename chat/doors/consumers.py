"""The chat socket: tells who is there, hands each action on, and follows runs. It holds no rules of its own."""

import asyncio
import logging
import time
from typing import Any
from uuid import UUID

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError

from accounts import audit
from accounts.access.rights_changes import Watch, rights
from accounts.audit.actor import nobody
from accounts.identity.callers import Caller, caller_of, still
from accounts.storage.connections import in_database
from chat import access
from chat.catalogue import UnknownModel
from chat.delivery import connection_limits
from chat.delivery.client_stream import Follower, Outlet
from chat.delivery.followed import TRY_AGAIN_LATER, Followed, Gone
from chat.doors import components, frames_in
from chat.doors.streams.notices import Teller
from chat.errors import BadRequest, ChatError, NotAllowed, NotFound, NotSignedIn, Unavailable
from chat.events import Envelope, Failure
from chat.runs import asking
from chat.runs.question import parse_question
from chat.runs.tool_calls import waits
from chat.runs.tool_calls.waits import Verdict

NOT_SIGNED_IN = 4401
NOWHERE = 4404
TOO_SLOW = 4408
TOO_MANY = 4429
SWITCHED_OFF = 4503
READ, WRITE = "chat:read", "chat:write"

logger = logging.getLogger(__name__)


async def nowhere(_scope: Any, receive: Any, send: Any) -> None:
    """Answer at any other address: accept first, so that the refusal reaches the client as a close code."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": NOWHERE})


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One client's socket."""

    channel_layer_alias = ""  # no channel of the layer for each socket: `notices.ear` hears for all, also while Redis is away

    async def connect(self) -> None:
        """Accept always, so that a refusal reaches the client as a close code and not as a failed handshake."""
        self.outlet = Outlet(self._send_text, on_stuck=self._give_up)
        self.actor = nobody(self.scope)
        self.followed = Followed(self.close)
        self.watch: Watch | None = None
        self.counted: UUID | None = None
        self.teller = Teller(self._tell)
        self.caller: Caller | None = None
        await self.accept()
        if settings.DISABLE_WEBSOCKET:
            await self.close(SWITCHED_OFF)
            return
        began = time.monotonic()
        try:
            caller = await caller_of(self.scope)
        except DatabaseError:
            await self.close(TRY_AGAIN_LATER)
            return
        if caller is None:
            await self.close(NOT_SIGNED_IN)
        elif not connection_limits.has_room(caller.person.pk):
            await self.close(TOO_MANY)
        else:
            connection_limits.enter(caller.person.pk)
            self.counted = caller.person.pk
            self.followed.count_for(caller.person.pk)
            self.caller = caller
            self.actor = caller.actor(self.scope)
            self.teller.hear(caller)
            self.watch = rights.watch(caller.person.pk, self._look_again, asked_at=began, until=caller.until)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle frames without Channels' hop to the database thread, which a slow query elsewhere would block.

        This consumer touches the database only through `in_database`, which gives connections back by itself.
        """
        match message["type"]:
            case "websocket.connect":
                await self.websocket_connect(message)
            case "websocket.receive":
                await self.websocket_receive(message)
            case _:
                await super().dispatch(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Carry out one action; whatever is wrong with it is answered and the socket stays open."""
        text = text_data if text_data is not None else (bytes_data or b"").decode(errors="replace")
        try:
            await self._answer(text)
        except Gone:
            pass  # `disconnect` is on its way

    async def _answer(self, text: str) -> None:
        try:
            with audit.acting(self.actor):
                await self._act(frames_in.parse(text))
        except NotSignedIn as error:
            await self._refuse(frames_in.request_id_of(text), error.as_failure())
            await self.close(NOT_SIGNED_IN)
        except ChatError as error:
            await self._refuse(frames_in.request_id_of(text), error.as_failure())
        except UnknownModel as error:
            await self._refuse(frames_in.request_id_of(text), Failure("unknown_model", str(error)))
        except (OperationalError, InterfaceError):
            await self._refuse(
                frames_in.request_id_of(text), Unavailable("The database does not answer. Try again.").as_failure()
            )
        except Gone:
            raise
        except Exception:  # the process's edge: a defect in one action must not close the socket on the others
            logger.exception("An action on the socket failed by a defect.")
            failure = Failure("internal", "Galaxy could not do this. The operator's log says why.", retryable=True)
            await self._refuse(frames_in.request_id_of(text), failure)

    async def _look_again(self) -> None:
        """Close a socket whose credential ended and leave runs that may no longer be read, even when the client is idle."""
        try:
            if await self._has_rights():
                return
            self.followed.leave_all()
            await self.close(NOT_SIGNED_IN)
        except (Gone, OSError):
            return  # `disconnect` is on its way
        if self.watch:
            self.watch.close()

    async def _tell(self, frame: bytes) -> None:
        try:
            await self.outlet.send(frame.decode())
        except Gone:
            pass  # `disconnect` is on its way

    async def _has_rights(self) -> bool:
        """Tell whether the socket still belongs to a person. Raises DatabaseError where that cannot be known."""
        followed = self.followed.ids()  # what is followed meanwhile was asked about when it began
        try:
            caller = await self._now()
            if caller is None:
                return False
            may_read = followed and caller.has(READ)
            kept = await in_database(access.visible_runs, caller.person.pk, list(followed)) if may_read else set()
        except NotSignedIn:
            return False
        self.teller.hear(caller)
        lost = followed & self.followed.ids() - kept
        self.followed.leave(lost)
        for run_id in lost:
            await self._refuse(None, NotFound("You may no longer read this answer.").as_failure(), run_id)
        return True

    async def disconnect(self, _code: int) -> None:
        """Stop following; the runs go on."""
        self.outlet.close()
        self.followed.leave_all()
        if self.watch:
            self.watch.close()
        self.teller.leave()
        if self.counted:
            connection_limits.leave(self.counted)

    async def _act(self, action: frames_in.AnyAction) -> None:
        """Carry out the action. The sender is checked anew for each one: a session that has ended does nothing more."""
        match action:
            case frames_in.Ack(payload=payload):
                self.outlet.acknowledge(payload.run_id, payload.seq)
            case frames_in.Ping(request_id):
                await self._send({"request_id": request_id, "status": "pong"})
            case frames_in.Chat():
                await self._chat(action)
            case frames_in.Resume():
                await self._resume(action)
            case frames_in.Stop(payload=payload):
                await asking.stop((await self._caller(WRITE)).person.pk, payload.run_id)
            case frames_in.Approve(payload=payload):
                verdict = Verdict(payload.decision, payload.arguments, payload.words, payload.everywhere)
                await waits.decide((await self._caller(WRITE)).person.pk, payload.call_id, verdict)
            case frames_in.Ui(payload=payload):
                used = await components.use(
                    await self._caller(WRITE), "socket", payload.component_id, payload.event, payload.value
                )
                await self._send({"request_id": action.request_id, "status": "component", **used})

    async def _chat(self, action: frames_in.Chat) -> None:
        ask = action.payload
        question = parse_question(msgspec.structs.asdict(ask) | {"request_id": action.request_id})
        caller = await self._caller(WRITE)
        reads = caller.has(READ)
        if reads:
            self.followed.refuse_one_more()
        started = await asking.start(caller.person, question)
        envelope = Envelope(request_id=action.request_id, run_id=str(started.run_id))
        if started.repeated and reads:
            self.followed.resume(started.run_id, self._follower(started.run_id, envelope, ask), after=0)
            return
        await self.outlet.send(envelope.wrap(started.accepted).decode())
        if reads:
            self.followed.begin(started.run_id, self._follower(started.run_id, envelope, ask))

    async def _resume(self, action: frames_in.Resume) -> None:
        run_id, after = action.payload.run_id, action.payload.after
        if after < 0:
            raise BadRequest("`after` counts events and cannot be negative.")
        person = (await self._caller(READ)).person
        await in_database(access.run_of, person.pk, run_id)
        if run_id not in self.followed.ids():
            self.followed.refuse_one_more()
        envelope = Envelope(request_id=action.request_id, run_id=str(run_id))
        self.followed.resume(run_id, self._follower(run_id, envelope, action.payload), after=after)

    def _follower(self, run_id: UUID, envelope: Envelope, asked: frames_in.ChatPayload | frames_in.ResumePayload) -> Follower:
        return Follower(self.outlet, envelope, run_id, render=asked.render)

    def _give_up(self) -> None:
        """The client takes nothing: it may come back and resume."""
        self.followed.leave_all()
        self.closing = asyncio.create_task(self.close(TOO_SLOW))

    async def _caller(self, scope: str) -> Caller:
        """The caller, if their credential has the scope. Raises NotSignedIn and NotAllowed."""
        caller = await self._now()
        if caller is None:
            raise NotSignedIn("You are no longer signed in. Sign in again.")
        if not caller.has(scope):
            raise NotAllowed(f"This token may not do this. It needs the scope {scope}.")
        return caller

    async def _now(self) -> Caller | None:
        """Return the caller as of now; None when they are no longer signed in."""
        return await still(self.scope, self.caller) if self.caller else None

    async def _refuse(self, request_id: str | None, failure: Failure, run_id: UUID | None = None) -> None:
        await self._send({"request_id": request_id, "run_id": run_id, "status": "error", "error": failure})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self.outlet.send(msgspec.json.encode(frame).decode())

    async def _send_text(self, text: str) -> None:
        try:
            await self.send(text_data=text)
        except (OSError, RuntimeError) as error:  # how servers say that the socket was closed meanwhile
            raise Gone from error
