"""A tool from a typed function: its schemas are made from the annotations.

    @tool(title="Time in a place", category="Time")
    async def current_time(context: Context, zone: Annotated[str, Meta(description="As in Europe/Berlin")] = "UTC") -> Now:
        \"\"\"Say what time it is in a time zone.\"\"\"

The docstring is the description that models read. A function may return `Reply`, a text, or a msgspec.Struct, which becomes
structured data with an output schema. The function can still be called as it is.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypedDict, TypeGuard, TypeVar, Unpack, get_type_hints

import msgspec
from msgspec import Struct

from tools import registry
from tools.specs import Annotations, Available, Context, Example, Reply, Risk, Run, Schema, Sharing, Tool, ToolSpec

Function = Callable[..., Awaitable[Any]]
F = TypeVar("F", bound=Function)


class Options(TypedDict, total=False):
    """Fields of `ToolSpec` that a function does not tell by itself; `offered` as in `Tool`."""

    title: str
    category: str
    risk: Risk
    annotations: Annotations
    timeout: float
    is_long: bool
    cost: float
    sharing: Sharing
    kept_for: float
    examples: tuple[Example, ...]
    offered: Available


def tool(**options: Unpack[Options]) -> Callable[[F], F]:
    """Register the function as a tool with its name. Raises TypeError where a parameter has no type."""

    def register(function: F) -> F:
        registry.register(made_from(function, **options))
        return function

    return register


def made_from(function: Function, **options: Unpack[Options]) -> Tool:
    """Make a tool of a typed function. Raises TypeError where a parameter has no type."""
    offered = options.pop("offered", None)
    takes, gives = _takes(function), get_type_hints(function).get("return")
    told: dict[str, Any] = {"title": _title(function), "annotations": _hints(options.get("risk", Risk.READ)), **options}
    spec = ToolSpec(
        name=function.__name__,
        description=inspect.cleandoc(function.__doc__ or ""),
        input_schema=_schema(takes),
        output_schema=_schema(gives) if _is_struct(gives) else None,
        **told,
    )
    run = _runner(function, takes)
    return Tool(spec, run, offered) if offered else Tool(spec, run)


def _takes(function: Function) -> type[Struct]:
    """A type with the function's parameters as fields; the first is the context."""
    types = get_type_hints(function, include_extras=True)
    fields: list[Any] = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.name not in types:
            raise TypeError(f"{function.__name__}: the parameter {parameter.name} has no type.")
        has_default = parameter.default is not parameter.empty
        fields.append((parameter.name, types[parameter.name], *([parameter.default] if has_default else [])))
    return msgspec.defstruct(f"{function.__name__}_arguments", fields, forbid_unknown_fields=True, kw_only=True)


def _schema(of: type[Struct]) -> Schema:
    """Its JSON Schema, without the outermost reference, which some providers do not follow."""
    (schema,), parts = msgspec.json.schema_components([of], ref_template="#/$defs/{name}")
    own: Schema = parts.pop(schema["$ref"].rpartition("/")[2])
    own.pop("title", None)
    return own | ({"$defs": parts} if parts else {})


def _runner(function: Function, takes: type[Struct]) -> Run:
    fields = takes.__struct_fields__

    async def run(context: Context, arguments: dict[str, Any]) -> Reply:
        given = msgspec.convert(arguments, takes)
        return reply_of(await function(context, **{name: getattr(given, name) for name in fields}))

    return run


def reply_of(result: object) -> Reply:
    """The reply that a function's result stands for."""
    if isinstance(result, Reply):
        return result
    if isinstance(result, Struct):
        return Reply(text=msgspec.json.encode(result).decode(), data=msgspec.to_builtins(result))
    return Reply(text=str(result))


def _is_struct(of: object) -> TypeGuard[type[Struct]]:
    return isinstance(of, type) and issubclass(of, Struct) and of is not Reply


def _title(function: Function) -> str:
    return function.__name__.replace("_", " ").capitalize()


def _hints(risk: Risk) -> Annotations:
    read = risk is Risk.READ
    return Annotations(read_only_hint=read, destructive_hint=not read, idempotent_hint=read, open_world_hint=False)
