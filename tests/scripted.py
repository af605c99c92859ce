"""A run whose events a test writes itself, in a runner's place: no model and no runner has a part in it."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.storage import connections
from chat import events
from chat.access import notices
from chat.log import stream
from chat.models import Conversation, Message, Run, RunEvent, RunWait
from chat.parts import AnyPart, Text

Told = dict[str, Any]


def call(call_id: str, tool: str, **more: Any) -> Told:
    """A call as the event that begins a step's calls tells of it."""
    return {"call_id": call_id, "tool": tool, "title": tool.title(), "risk": "read", "arguments": "{}"} | more


class ScriptedRun:
    """An answer in the making, in a chat of this person's own."""

    def __init__(self, person: User, title: str = "Scripted") -> None:
        self.chat = Conversation.objects.create(owner=person, tenant_id=person.tenant_id, title=title)
        question = Message.objects.create(conversation=self.chat, role="user", parts=[Text("Do it.")])
        self.answer = Message.objects.create(conversation=self.chat, parent=question, role="assistant", model="Stand-in")
        Conversation.objects.filter(pk=self.chat.pk).update(leaf=self.answer)
        now = timezone.now()
        held = {"status": Run.Status.RUNNING, "fence": 1, "started_at": now, "lease_until": now + timedelta(hours=1)}
        self.run = Run.objects.create(conversation=self.chat, answer=self.answer, person=person, model="Stand-in", **held)
        self._seq = 0
        self._put(events.Accepted(1, str(self.chat.pk), str(self.answer.pk), "Stand-in"))

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/c/{self.chat.pk}"

    def say(self, words: str, kind: events.ChunkKind = "text") -> None:
        """A piece of text or of thoughts."""
        self._put(events.ChunkFrame(self._seq + 1, events.Chunk(kind, words)))

    def show(self, component: str, block: Told) -> None:
        """A component."""
        self._put(events.ChunkFrame(self._seq + 1, events.Chunk("ui", {"component_id": component, "block": block})))

    def tell(self, kind: events.ProcessKind, description: str = "", *, progress: float | None = None, **told: Any) -> None:
        """A process event."""
        event = events.process(kind, description, progress=progress, metadata=told or None)
        self._put(events.EventFrame(self._seq + 1, event))

    def move(self, call_id: str, state: str, description: str = "", **told: Any) -> None:
        """A call goes on."""
        self.tell("tool_execution", description, call_id=call_id, state=state, **told)

    def rethink(self) -> None:
        """The step's text were thoughts."""
        self._put(events.EventFrame(self._seq + 1, events.rethought(1)))

    def wait(self, *calls: Told, expires: timedelta = timedelta(days=7)) -> None:
        """The run is let go until a person has decided on these calls."""
        for one in calls:
            asked = {name: one[name] for name in ("tool", "title", "arguments")} | {"reason": "It changes something."}
            RunWait.objects.create(run=self.run, call=one["call_id"], asked=asked, expires_at=timezone.now() + expires)
        Run.objects.filter(pk=self.run.pk).update(status=Run.Status.WAITING, lease_until=None)
        for one in calls:
            arguments = json.loads(one["arguments"])
            self._put(events.Approval(self._seq + 1, one["call_id"], one["tool"], arguments, "It changes something."))
        notices.run_changed(self.run, Run.Status.WAITING)

    def end(self, parts: list[AnyPart], status: Run.Status = Run.Status.COMPLETE) -> None:
        """The answer is complete, and made of these parts."""
        Message.objects.filter(pk=self.answer.pk).update(parts=parts)
        Run.objects.filter(pk=self.run.pk).update(
            status=status, finish_reason="stop", lease_until=None, ended_at=timezone.now()
        )
        self._put(events.Complete(self._seq + 1, str(self.answer.pk), "stop", events.Usage(), ["Stand-in"]))

    def _put(self, frame: events.Frame) -> None:
        self._seq, line = frame.seq, events.encode(frame)
        RunEvent.objects.create(run=self.run, first=frame.seq, last=frame.seq, frames=line.decode())
        key = stream.key_of(self.run.pk)
        redis = connections.blocking_redis()
        redis.xadd(key, {stream.FIELD: line}, id=f"{frame.seq}-0")
        redis.publish(key, b"%d %s" % (frame.seq, line))
