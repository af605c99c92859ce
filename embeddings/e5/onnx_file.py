"""An ONNX model as it is written: nodes, constants, and the file of both (onnx.proto3 names the fields' numbers)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.e5.protobuf import block, number, real, text

IR_VERSION, OPERATORS, CONTRIBUTED = 10, 20, 1
MICROSOFT = "com.microsoft"
TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7, "float16": 10}
FLOAT, INT64 = TYPES["float32"], TYPES["int64"]
TABLES, PAGE = "tables.bin", 4096
_EXTERNAL = 1  # TensorProto.DataLocation
_A_FLOAT, _AN_INT, _A_TEXT, _INTS = 1, 2, 3, 7  # AttributeProto.AttributeType


class Graph:
    """A graph in the making. Each value has a name, which its maker returns."""

    def __init__(self, name: str) -> None:
        self._name, self._made = name, 0
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._doors: list[bytes] = []
        self._table_parts: list[bytes] = []

    def takes(self, name: str, kind: int, *sizes: str | int) -> str:
        """Declare an input."""
        self._doors.append(block(11, _door(name, kind, sizes)))
        return name

    def gives(self, name: str, kind: int, *sizes: str | int) -> None:
        """Declare an output."""
        self._doors.append(block(12, _door(name, kind, sizes)))

    def constant(self, values: npt.NDArray[Any] | np.generic) -> str:
        """Add a constant."""
        name, array = self._new(), np.asarray(values)
        sizes = b"".join(number(1, size) for size in array.shape)
        head = sizes + number(2, TYPES[array.dtype.name]) + text(8, name)
        self._constants.append(block(5, head + block(9, np.ascontiguousarray(array).tobytes())))
        return name

    def table(self, values: npt.NDArray[Any]) -> str:
        """Add a large constant that stands in a file of its own, of which onnxruntime maps what it reads into memory."""
        name, data = self._new(), np.ascontiguousarray(values).tobytes()
        start = sum(map(len, self._table_parts))
        self._table_parts.append(data + bytes(-len(data) % PAGE))
        sizes = b"".join(number(1, size) for size in values.shape)
        place = {"location": TABLES, "offset": str(start), "length": str(len(data))}
        told = b"".join(block(13, text(1, key) + text(2, value)) for key, value in place.items())
        self._constants.append(
            block(5, sizes + number(2, TYPES[values.dtype.name]) + text(8, name) + told + number(14, _EXTERNAL))
        )
        return name

    def ints(self, *values: int) -> str:
        """Add a list of whole numbers: sizes, axes, places."""
        return self.constant(np.array(values, np.int64))

    def node(self, kind: str, *inputs: str, domain: str = "", output: str = "", **attributes: float | str | list[int]) -> str:
        """Add a node with one output."""
        output = output or self._new()
        body = b"".join(text(1, each) for each in inputs) + text(2, output) + text(4, kind)
        body += b"".join(block(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(block(1, body + text(7, domain)))
        return output

    @property
    def tables(self) -> bytes:
        """Return the file of the large constants, which has to stand beside that of the model by the name of TABLES."""
        return b"".join(self._table_parts)

    def file(self) -> bytes:
        """Return the whole model."""
        graph = b"".join([*self._nodes, text(2, self._name), *self._constants, *self._doors])
        sets = block(8, text(1, "") + number(2, OPERATORS)) + block(8, text(1, MICROSOFT) + number(2, CONTRIBUTED))
        return number(1, IR_VERSION) + text(2, "galaxy") + sets + block(7, graph)

    def _new(self) -> str:
        self._made += 1
        return f"v{self._made}"


def _attribute(name: str, value: float | str | list[int]) -> bytes:
    if isinstance(value, int):
        return text(1, name) + _signed(3, value) + number(20, _AN_INT)
    if isinstance(value, float):
        return text(1, name) + real(2, value) + number(20, _A_FLOAT)
    if isinstance(value, str):
        return text(1, name) + text(4, value) + number(20, _A_TEXT)
    return text(1, name) + b"".join(_signed(8, each) for each in value) + number(20, _INTS)


def _signed(field: int, value: int) -> bytes:
    return number(field, value % 2**64)  # as protobuf writes a negative int64


def _door(name: str, kind: int, sizes: tuple[str | int, ...]) -> bytes:
    shape = b"".join(block(1, text(2, size) if isinstance(size, str) else number(1, size)) for size in sizes)
    return text(1, name) + block(2, block(1, number(1, kind) + block(2, shape)))
