"""The figures beside their bars."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Measured = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line. `held` is what is compared with the bar; a figure that was not measured has none."""

    figure: str
    a: str
    galaxy: str
    held: float | None
    bar: float
    unit: str = ""
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """The verdict: ok or MISSED, empty without a measurement."""
        if self.held is None:
            return ""
        good = self.held >= self.bar if self.at_least else self.held <= self.bar
        return "ok" if good else "MISSED"


def rows(measured: Measured) -> list[Row]:
    """Every figure that was measured."""
    makers: list[Callable[[Measured], list[Row]]] = [_streams, _first, _tools, _memory, _trouble, _adapters, _embedding, _local]
    return [row for make in makers for row in make(measured)]


def _streams(measured: Measured) -> list[Row]:
    a, galaxy = measured["A"], measured["Galaxy"]
    made: list[Row] = []
    for key, times, p50, p99 in (("30", 5.0, 0.7, 5.0), ("200", 3.0, 2.0, 20.0)):
        if key not in galaxy or key not in a:
            continue
        mine, theirs = galaxy[key], a[key]
        used, base = mine["cpu"]["web"] + mine["cpu"]["runner"], theirs["cpu"]["relay"]
        parts = " + ".join(f"{mine['cpu'][name]:.0f} {name}" for name in ("web", "runner", "valkey", "postgres"))
        made += [
            Row(f"CPU per chunk, {key} streams, µs ({parts})", f"{base:.0f}", f"{used:.0f}", used / base, times, "× A"),
            Row(f"added delay p50, {key} streams", f"{theirs['p50']:.2f}", f"{mine['p50']:.2f}", mine["p50"], p50, "ms"),
            Row(f"added delay p99, {key} streams", f"{theirs['p99']:.2f}", f"{mine['p99']:.2f}", mine["p99"], p99, "ms"),
            Row(f"answers that did not end well, {key} streams", "", f"{_bad(mine)}", _bad(mine), 0),
            Row(f"  of two cores, others used, {key} streams", f"{theirs['foreign']:.2f}", f"{mine['foreign']:.2f}", None, 0),
        ]
    if "ramp" in galaxy:
        held, base = galaxy["ramp"]["held"], a["ramp"]["held"]
        more = "+" if galaxy["ramp"]["reached_the_end"] else ""
        made.append(Row("streams of 50/s held, p99 under 50 ms", f"{base}", f"{held}{more}", held, 300, at_least=True))
    return made


def _bad(figures: Measured) -> int:
    count: int = figures["unfinished"] + figures["failures"]
    return count


def _first(measured: Measured) -> list[Row]:
    a, galaxy = measured["A"]["each"], measured["Galaxy"]["each"]
    cost = sum(galaxy["cpu_ms"][name] for name in ("web", "runner"))
    stored, sent = galaxy["first_after_accepted"], galaxy["first_after_sent"]
    return [
        Row("added to the first token, from `accepted`", f"{a['first_after_accepted']:.1f}", f"{stored:.1f}", stored, 10, "ms"),
        Row("added to the first token, from sending", f"{a['first_after_sent']:.1f}", f"{sent:.1f}", sent, 30, "ms"),
        Row("CPU per request, web and runner", f"{a['cpu_ms']['relay']:.1f}", f"{cost:.1f}", cost, 30, "ms"),
    ]


def _tools(measured: Measured) -> list[Row]:
    told, steps = measured["Galaxy"]["executor"], measured["Galaxy"]["steps"]
    decided = measured["Galaxy"]["decided"]["result_after_decision"]
    after, cost = steps["first_after_result"], sum(steps["cpu_ms"][name] for name in ("web", "runner"))
    return [
        Row("added to a tool that does nothing, p50", f"{told['alone']:.2f}", f"{told['p50']:.2f}", told["p50"], 1, "ms"),
        Row("added to the first token, from the last result of three steps", "", f"{after:.1f}", after, 15, "ms"),
        Row("from a decision on another device to the call's result", "", f"{decided:.0f}", decided, 300, "ms"),
        Row("CPU per answer with three steps, web and runner", "", f"{cost:.1f}", None, 0, "ms"),
    ]


def _memory(measured: Measured) -> list[Row]:
    galaxy = measured["Galaxy"]
    idle = galaxy["idle"]
    made = [
        Row("memory idle, web", f"{measured['A']['idle']['relay']:.0f}", f"{idle['web']:.0f}", idle["web"], 130, "MB"),
        Row("memory idle, runner", "", f"{idle['runner']:.0f}", idle["runner"], 130, "MB"),
        Row("memory idle, all processes (shared pages once)", "", f"{idle['all']:.0f}", None, 0, "MB"),
    ]
    if "200" in galaxy:
        first = _kilobytes(galaxy["30"]["growth"]) / 30
        further = (_kilobytes(galaxy["200"]["memory"]) - _kilobytes(galaxy["30"]["memory"])) / (200 - 30)
        made += [
            Row("memory per stream of the first 30, with what is loaded and grown once", "", f"{first:.0f}", None, 0, "KB"),
            Row("memory per further stream, from 30 to 200, web and runner", "", f"{further:.0f}", further, 60, "KB"),
        ]
    return made


def _kilobytes(parts: Measured) -> float:
    """Of the two processes that hold streams."""
    held: float = (parts["web"] + parts["runner"]) * 1000
    return held


def _trouble(measured: Measured) -> list[Row]:
    galaxy, made = measured["Galaxy"], []
    calm = galaxy["30"]["p99"]
    if "blocked" in galaxy:
        p99 = galaxy["blocked"]["p99"]
        made.append(Row("p99 with a 200 ms query a second", "", f"{p99:.2f}", p99 / calm, 2, "× p99"))
    if "stalled" in galaxy:
        made += _stalled(measured, "uvicorn", calm="30", flooded="flooded", stalled="stalled")
        grown = galaxy["flooded"]["growth"]["runner"]
        made.append(Row("5 clients take 3 MB at once: growth of the runner", "", f"{grown:.0f}", None, 0, "MB"))
    if "daphne" in galaxy:
        made += _stalled(measured, "daphne", calm="daphne_calm", flooded="daphne_flooded", stalled="daphne")
    if "long" in galaxy:
        longest = galaxy["long"]["max"]
        made.append(
            Row(f"longest pause in {galaxy['long']['minutes']:g} min, 30 streams", "", f"{longest:.1f}", longest, 50, "ms")
        )
    return made


def _stalled(measured: Measured, server: str, *, calm: str, flooded: str, stalled: str) -> list[Row]:
    """Rows for the others while five floods are read, and while the same five are not, both beside a calm time."""
    galaxy, relay = measured["Galaxy"], f"{measured['A']['flooded']['p99']:.2f}"
    base, read, unread = (galaxy[name]["p99"] for name in (calm, flooded, stalled))
    grown = galaxy[stalled]["growth"]["web"]
    return [
        Row(f"5 clients take 3 MB at once, {server}: others' p99", relay, f"{read:.2f}", read / base, 2, "× p99"),
        Row(f"5 clients stop reading it for 8 s, {server}: others' p99", "", f"{unread:.2f}", unread / base, 2, "× p99"),
        Row(f"5 clients stop reading it for 8 s, {server}: growth of web", "", f"{grown:.0f}", grown, 32, "MB"),
    ]


def _adapters(measured: Measured) -> list[Row]:
    found = measured.get("adapters")
    if not found:
        return []
    bare, ours, direct = found["bare"]["us"], found["anthropic"]["us"], found["openai"]["us"]
    return [
        Row("reading a chunk through LiteLLM, µs (A: bare acompletion)", f"{bare:.0f}", f"{ours:.0f}", ours / bare, 1.5, "× A"),
        Row("reading a chunk directly, µs", "", f"{direct:.0f}", direct, 40, "µs"),
    ]


def _local(measured: Measured) -> list[Row]:
    if not (found := measured.get("local")):
        return []
    direct, ours = found["direct"], found["galaxy"]
    alone, through = f"{direct:.0f}", f"{ours:.0f}"
    return [
        Row("tokens/s of the local model (A: its server alone)", alone, through, ours / direct, 0.95, "× A", at_least=True),
        Row("tokens/s of the local model", alone, through, ours, 50, "tokens/s", at_least=True),
    ]


def _embedding(measured: Measured) -> list[Row]:
    """Rows of the embedder. The bars are for processors with eight-bit dot products (VNNI): without them, a third is good."""
    found = measured.get("embedding")
    if not found:
        return []
    made = [
        Row(
            f"passages of {found['tokens']} tokens per CPU second (A: the weights' own engine)",
            _told(found, "reference_a_cpu_second"),
            f"{found['a_cpu_second']:.1f}",
            found["a_cpu_second"],
            35,
            at_least=True,
        ),
        Row("passages a second", "", f"{found['a_second']:.1f}", None, 0),
        Row("embedding a query, from call to vector", "", f"{found['query']:.1f}", found["query"], 4, "ms"),
        Row("waking the embedder", "", f"{found['wake']:.1f}", None, 0, "s"),
        Row(
            "memory of the embedder, asleep before and after",
            f"{found['asleep']:.0f}",
            f"{found['asleep_again']:.0f}",
            found["asleep_again"],
            80,
            "MB",
        ),
        Row("memory of the embedder, awake", "", f"{found['awake']:.0f}", found["awake"], 300, "MB"),
    ]
    if "texts" in found:
        share = 100 * found["same"] / found["texts"]
        made.append(
            Row(f"texts of {found['texts']} with the same tokens", "", f"{found['same']}", share, 99.9, "%", at_least=True)
        )
    return made


def _told(found: Measured, name: str) -> str:
    return f"{found[name]:.1f}" if name in found else ""


def show(measured: Measured) -> str:
    """The table as text."""
    lines = [f"{'':78} {'A':>8} {'Galaxy':>8} {'held':>8} {'bar':>12}"]
    for row in rows(measured):
        held = "" if row.held is None else f"{row.held:.2f}"
        sign = "≥" if row.at_least else "≤"
        bar = f"{sign} {row.bar:g} {row.unit}" if row.held is not None else ""
        lines.append(f"{row.figure[:78]:78} {row.a:>8} {row.galaxy:>8} {held:>8} {bar:>12}  {row.verdict}")
    return "\n".join(lines)
