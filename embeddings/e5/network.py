"""The network of multilingual-e5-small (a BERT, mean pooled) as an ONNX graph whose matrices have eight bits.

Each token's row of activations has a scale of its own, so that a vector does not depend on what else is in its batch. Weights
keep seven bits and a scale for each channel: the sums of AVX2's eight-bit products then cannot overflow.
"""

import numpy as np

from embeddings.e5.onnx_file import FLOAT, INT64, MICROSOFT, Graph
from embeddings.e5.weights import BLOCK, Weights

IDS, MASK, VECTOR = "ids", "mask", "vector"
SEVEN_BITS, ACTIVATION_BITS, ZERO = 63.0, 127.0, 128
SMALLEST = 1e-9  # of a scale: a row of zeros has one, too
MASKED = 1e9


def build(weights: Weights) -> tuple[bytes, bytes]:
    """Return the model's file, and the one with its tables."""
    network = _Network(weights)
    return network.file(), network.tables


class _Network:
    def __init__(self, weights: Weights) -> None:
        self._weights, self._shape = weights, weights.shape
        self._graph = Graph("multilingual-e5-small")
        self._quantized: dict[str, tuple[str, str]] = {}

    def file(self) -> bytes:
        ids, mask = (self._graph.takes(name, INT64, "texts", "tokens") for name in (IDS, MASK))
        present = self._graph.node("Cast", mask, to=FLOAT)
        state, hidden = self._embedded(ids), self._hidden(present)
        for layer in range(self._shape.layers):
            state = self._layer(f"l{layer}", state, hidden)
        self._pooled(state, present)
        self._graph.gives(VECTOR, FLOAT, "texts", self._shape.hidden)
        return self._graph.file()

    @property
    def tables(self) -> bytes:
        return self._graph.tables

    def _embedded(self, ids: str) -> str:
        """Add the vectors of the token, of its place and of the one type there is."""
        graph, width = self._graph, self._shape.hidden
        places = self._weights.floats("emb.pos").reshape(-1, width) + self._weights.floats("emb.type").reshape(-1, width)[0]
        length = graph.node("Gather", graph.node("Shape", ids), graph.ints(1))
        place = graph.node("Slice", graph.constant(places), graph.ints(0), length, graph.ints(0))
        return self._normalized(graph.node("Add", self._words(ids), place), "emb.ln")

    def _words(self, ids: str) -> str:
        """Unpack the tokens' vectors: the table, which is most of the model, stays in four bits."""
        graph, width = self._graph, self._shape.hidden
        scales, halves = self._weights.blocks("emb.word", width)
        packed = graph.node("Gather", graph.table(halves.reshape(len(halves), -1)), ids)
        scale = graph.node("Cast", graph.node("Gather", graph.table(scales), ids), to=FLOAT)
        low = graph.node("BitwiseAnd", packed, graph.constant(np.uint8(15)))
        high = graph.node("BitShift", packed, graph.constant(np.uint8(4)), direction="RIGHT")
        sizes = graph.ints(0, 0, width // BLOCK, BLOCK // 2)
        parts = [graph.node("Reshape", half, sizes) for half in (low, high)]
        numbers = graph.node("Cast", graph.node("Concat", *parts, axis=3), to=FLOAT)
        centred = graph.node("Sub", numbers, graph.constant(np.float32(8)))
        words = graph.node("Mul", centred, graph.node("Unsqueeze", scale, graph.ints(3)))
        return graph.node("Reshape", words, graph.ints(0, 0, width))

    def _hidden(self, present: str) -> str:
        """Return what is added to the scores of the tokens: nothing, or so little that padding gets no attention."""
        graph = self._graph
        wide = graph.node("Unsqueeze", present, graph.ints(1, 2))
        return graph.node("Mul", graph.node("Sub", wide, self._real(1)), self._real(MASKED))

    def _layer(self, name: str, state: str, hidden: str) -> str:
        graph, width, inner = self._graph, self._shape.hidden, self._shape.inner
        told = self._linear(self._attention(name, state, hidden), f"{name}.ao", width)
        state = self._normalized(graph.node("Add", state, told), f"{name}.aln")
        wide = graph.node("Gelu", self._linear(state, f"{name}.fi", width))
        return self._normalized(graph.node("Add", state, self._linear(wide, f"{name}.fo", inner)), f"{name}.oln")

    def _attention(self, name: str, state: str, hidden: str) -> str:
        graph, shape = self._graph, self._shape
        size = shape.hidden // shape.heads
        sizes = graph.ints(0, 0, shape.heads, size)

        def heads(which: str, order: list[int]) -> str:
            made = self._linear(state, f"{name}.{which}", shape.hidden)
            return graph.node("Transpose", graph.node("Reshape", made, sizes), perm=order)

        scores = graph.node("MatMul", heads("q", [0, 2, 1, 3]), heads("k", [0, 2, 3, 1]))
        scaled = graph.node("Add", graph.node("Mul", scores, self._real(size**-0.5)), hidden)
        read = graph.node("MatMul", graph.node("Softmax", scaled, axis=-1), heads("v", [0, 2, 1, 3]))
        return graph.node("Reshape", graph.node("Transpose", read, perm=[0, 2, 1, 3]), graph.ints(0, 0, shape.hidden))

    def _linear(self, state: str, name: str, width: int) -> str:
        """Multiply in eight bits: the product's scale is the row's times the channel's."""
        graph = self._graph
        matrix = self._weights.matrix(f"{name}.w", width).T
        scales = np.abs(matrix).max(axis=0) / SEVEN_BITS
        whole = np.clip(np.round(matrix / scales), -SEVEN_BITS, SEVEN_BITS).astype(np.int8)
        rows, row_scales = self._rows(state, width)
        factors = [graph.constant(each) for each in (whole, np.float32(1), scales.astype(np.float32), np.uint8(ZERO))]
        product = graph.node("MatMulIntegerToFloat", rows, *factors, domain=MICROSOFT)
        bias = graph.constant(self._weights.floats(f"{name}.b"))
        return graph.node("Add", graph.node("Mul", product, row_scales), bias)

    def _rows(self, state: str, width: int) -> tuple[str, str]:
        """Return the activations in eight bits, and the scale of each row. Several matrices may ask for the same ones."""
        if state not in self._quantized:
            self._quantized[state] = self._quantize(state, width)
        return self._quantized[state]

    def _quantize(self, state: str, width: int) -> tuple[str, str]:
        graph = self._graph
        largest = graph.node("ReduceMax", graph.node("Abs", state), graph.ints(2), keepdims=1)
        scales = graph.node("Max", graph.node("Mul", largest, self._real(1 / ACTIVATION_BITS)), self._real(SMALLEST))
        flat, flat_scales = (
            graph.node("Reshape", each, graph.ints(*size)) for each, size in ((state, (-1, width)), (scales, (-1,)))
        )
        zeros = graph.node("Expand", graph.constant(np.array([ZERO], np.uint8)), graph.node("Shape", flat_scales))
        rows = graph.node("QuantizeLinear", flat, flat_scales, zeros, axis=0)
        return graph.node("Reshape", rows, graph.node("Shape", state)), scales

    def _normalized(self, state: str, name: str) -> str:
        weight, bias = (self._graph.constant(self._weights.floats(f"{name}.{which}")) for which in "wb")
        return self._graph.node("LayerNormalization", state, weight, bias, axis=-1, epsilon=float(self._shape.epsilon))

    def _pooled(self, state: str, present: str) -> None:
        """Take the mean over the tokens, scaled to length 1."""
        graph = self._graph
        counted = graph.node("Mul", state, graph.node("Unsqueeze", present, graph.ints(2)))
        total = graph.node("ReduceSum", counted, graph.ints(1), keepdims=0)
        mean = graph.node("Div", total, graph.node("ReduceSum", present, graph.ints(1), keepdims=1))
        graph.node("Div", mean, graph.node("ReduceL2", mean, graph.ints(1), keepdims=1), output=VECTOR)

    def _real(self, value: float) -> str:
        return self._graph.constant(np.float32(value))
