"""The declarations of components, by kind. Pure."""

from typing import Annotated, Any, Literal

import msgspec

Style = Literal["primary", "default", "danger"]
Scalar = str | int | float | bool | None
Height = Annotated[int, msgspec.Meta(ge=1, le=4_000)]


class Block(msgspec.Struct, tag_field="type", frozen=True):
    """Common form of all kinds."""


class Button(msgspec.Struct, frozen=True):
    """A button, and what its press tells the tool."""

    id: str
    label: str
    style: Style = "default"
    value: Any = None
    disabled: bool = False


class Buttons(Block, tag="buttons", frozen=True):
    """Buttons in a row."""

    buttons: list[Button]


class Form(Block, tag="form", frozen=True):
    """A form for an object of this JSON Schema."""

    schema: dict[str, Any]
    submit: str = "Send"


class Column(msgspec.Struct, frozen=True):
    """A column of a table."""

    name: str
    type: Literal["text", "number", "date", "boolean"] = "text"


class Table(Block, tag="table", frozen=True):
    """Rows and columns; `total` counts the rows where these are not all."""

    columns: list[Column]
    rows: list[list[Scalar]]
    total: int | None = None


class Series(msgspec.Struct, frozen=True):
    """Numbers of a chart, one for each of its `x`."""

    name: str
    values: list[float | None]


class Chart(Block, tag="chart", frozen=True):
    """Series over a common `x`."""

    kind: Literal["line", "bar", "area", "scatter", "pie"]
    x: list[str | float]
    series: list[Series]
    title: str = ""
    unit: str = ""


class Image(Block, tag="image", frozen=True):
    """An artifact that is an image."""

    artifact: str
    version: int = 1
    alt: str = ""


class File(Block, tag="file", frozen=True):
    """An artifact to download."""

    artifact: str
    version: int = 1
    name: str = ""
    media_type: str = ""
    size: int | None = None


class Html(Block, tag="html", frozen=True):
    """A page of its own, which is shown apart from this one."""

    html: str
    height: Height = 320


class Markdown(Block, tag="text", frozen=True):
    """Words, as Markdown."""

    markdown: str


AnyBlock = Buttons | Form | Table | Chart | Image | File | Html | Markdown


def read(block: dict[str, Any]) -> AnyBlock | None:
    """The declaration as a value; None for one that is not understood."""
    try:
        found: AnyBlock = msgspec.convert(block, AnyBlock)
    except msgspec.ValidationError:
        return None
    return found
