"""The script of an answer, written inside the question: `[[tokens=200 rate=50 reasoning=20 fault=cut@30]]`.

Faults: `429 500 503 401 404 400 html redirect` instead of a stream; `cut@n` (connection gone), `end@n` (a tidy end without the
wire's own end mark), `stall@n`, `pause@n` (0.3 s), `garbage@n`, `utf8@n` (half a character), `halves@n` (🌍 as two
halves of a surrogate pair, a chunk each), `endless@n` (a line without end),
`error@n` (the wire's error event); `done2` (the end mark twice), `split` (every byte on its own), `nousage` (refuses
`stream_options`). `first=429x2` fails twice, then answers. `tool=a&b` calls both at once, `tool=a;b` one after the other;
`form=bare` says how a model that takes no tools writes its calls (`tests.providers.plain`). `sample=sky` answers with that one
of `tests.providers.samples`. `play=<name>` sends the bytes of `tests.providers.played`.
"""

import dataclasses
import re
import shlex
from typing import Any

_DIRECTIVE = re.compile(r"\[\[(.+?)\]\]", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault, and the number of tokens before it."""

    kind: str = ""
    at: int = 0

    @classmethod
    def parse(cls, value: str) -> "Fault":
        kind, _, at = value.partition("@")
        return cls(kind, int(at or 0))

    @property
    def status(self) -> int:
        """The HTTP status that it answers with instead of a stream; 0 for the others."""
        return int(self.kind) if self.kind.isdigit() else 0


@dataclasses.dataclass(frozen=True)
class Directive:
    """Directions for an answer. `rate` is in tokens a second, 0 for no limit; `delay` in seconds before the first token."""

    tokens: int = 0
    reasoning: int = 0
    rate: float = 0.0
    delay: float = 0.0
    text: str = ""
    sample: str = ""
    stamp: bool = False
    tool: str = ""
    arguments: str = '{"place": "Zürich"}'
    form: str = "tag"
    finish: str = "stop"
    usage: bool = True
    cached: int = 0
    retry_after: float = 1.0
    fault: Fault = dataclasses.field(default_factory=Fault)
    first: str = ""
    play: str = ""

    @property
    def steps(self) -> list[list[tuple[str, str]]]:
        """The calls of each step, as name and arguments: `tool="a&b;c" arguments="{}&&{};;{}"`, the last for those after."""
        if not self.tool:
            return []
        names = [step.split("&") for step in self.tool.split(";")]
        given = [step.split("&&") for step in self.arguments.split(";;")]
        return [
            [(name, _at(_at(given, place), number)) for number, name in enumerate(step)] for place, step in enumerate(names)
        ]

    @property
    def first_fault(self) -> tuple[Fault, int]:
        """The fault of the first calls, and how many calls it has."""
        kind, _, times = self.first.partition("x")
        return Fault.parse(kind), int(times or 0)


def _at(values: list[Any], place: int) -> Any:
    return values[min(place, len(values) - 1)]


def parse(question: str, *, rate: float = 0.0) -> Directive:
    """The directive in the question, or the default one. `rate` holds where the directive names none."""
    found = _DIRECTIVE.findall(question)  # the last is of the newest question, where several are asked together
    pairs = [word.partition("=")[::2] for word in shlex.split(found[-1])] if found else []
    given = dict(pairs)
    values: dict[str, object] = {"rate": rate}
    for field in dataclasses.fields(Directive):
        if field.name in given:
            values[field.name] = _convert(field.name, given[field.name])
    return Directive(**values)  # type: ignore[arg-type]


def _convert(name: str, value: str) -> object:
    if name == "fault":
        return Fault.parse(value)
    if name in {"stamp", "usage"}:
        return value not in {"", "0", "false"}
    kind = type(getattr(Directive, name))
    return kind(value)
