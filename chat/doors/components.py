"""Uses of a tool's component, over the socket and REST: as the person who did it, where they may write."""

from typing import Any
from uuid import UUID

import msgspec

from accounts.access import WRITE
from accounts.identity.callers import Caller
from accounts.models import User
from accounts.storage import texts
from accounts.storage.connections import in_database
from chat import access
from chat.errors import BadRequest, ChatError, NotFound
from tools import calls, components
from tools.calling import output, rows
from tools.calling.caller import Decided, Via
from tools.components import Press
from tools.errors import CallRefused, NeedsApproval, NotPossible


class Refused(ChatError):
    """The call was not made. The code is the executor's."""

    def __init__(self, error: CallRefused) -> None:
        super().__init__(str(error))
        self.code, self.http_status = error.code, error.status  # type: ignore[misc]  # of this refusal, not of all
        self.retry_after = getattr(error, "retry_after", None)


async def use(caller: Caller, via: Via, component_id: str, event: str, value: Any) -> dict[str, Any]:
    """Carry out a use; what came of it, for the page. Raises ChatError."""
    if not texts.is_clean_json([component_id, event, value]):
        raise BadRequest("The value holds a number or a character that cannot be stored.")
    told: dict[str, Any] = {"component_id": component_id}
    try:
        press = await in_database(_press, caller.person, component_id, event, value)
        token = UUID(caller.credential) if caller.via == "token" else None
        by = calls.Caller(person=caller.person, via=via, token_id=token, conversation_id=press.conversation_id)
        result = await components.use(by, press)
    except NeedsApproval as error:
        return told | {"outcome": "waiting", "call_id": error.call_id, "reason": error.reason}
    except NotPossible as error:
        raise NotFound(str(error)) from error
    except CallRefused as error:
        raise Refused(error) from error
    finally:
        await calls.flush()
    text, _ = output.for_model(result.kept.text)
    shown = {"text": text, "blocks": result.kept.blocks, "artifacts": result.kept.artifacts}
    return told | {"outcome": result.outcome, "call_id": result.call_id, **shown}


async def decide(caller: calls.Caller, call_id: str, decided: Decided, arguments: dict[str, Any] | None) -> None:
    """Decide about a call that the person made by themselves, also by a press. Raises CallRefused and ChatError."""
    place = await in_database(_place, caller.person, call_id) if texts.is_clean(call_id) else None
    await calls.decide(msgspec.structs.replace(caller, conversation_id=place), call_id, decided, arguments)


def _place(person: User, call_id: str) -> UUID | None:
    """The conversation in which the person pressed, where they may still write in it. Raises ChatError."""
    place = rows.place_of(call_id, person)
    if place:
        access.conversation_of(person.pk, place, WRITE)
    return place


def _press(person: User, component_id: str, event: str, value: Any) -> Press:
    """The call, where the person may use the component. Raises NotPossible and ChatError."""
    press = components.press_of(component_id, event, value)
    if press.conversation_id:
        access.conversation_of(person.pk, press.conversation_id, WRITE)
    elif press.person_id != person.pk:
        raise NotPossible(components.GONE)
    return press
