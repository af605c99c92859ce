"""`python -m bench` (`make bench`): measures A and Galaxy in one run and prints the figures beside their bars."""

import argparse
import datetime as dt
import json
import time
from typing import Any

from bench import machine, scenarios, table, targets
from bench.machine import python
from bench.targets import Target

STALLED = 8.0


def main() -> None:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the main figures only, in a minute and a half")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long to watch for pauses")
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second of each stream")
    chosen = parser.parse_args()
    began = time.monotonic()
    measured: dict[str, Any] = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    with targets.upstream() as port:
        with targets.relay(port) as relay:
            measured["A"] = _plain(relay, chosen)
        say("embeddings")
        measured["embedding"] = machine.output(python("-m", "bench.embedding"), within=600)
        with targets.galaxy(port) as galaxy:
            measured["Galaxy"] = _galaxy(galaxy, chosen)
        if not chosen.quick:
            measured["adapters"] = {kind: _adapter(kind, port) for kind in ("bare", "anthropic", "openai")}
    measured["seconds"] = round(time.monotonic() - began)
    print(table.show(measured))
    _keep(measured)


def _plain(target: Target, chosen: argparse.Namespace) -> dict[str, Any]:
    """The scenarios that every target goes through."""
    say(f"{target.name}: idle and one by one")
    time.sleep(1 if chosen.quick else 3)
    figures: dict[str, Any] = {"idle": {**target.parts.memory(), "all": target.parts.whole()}}
    figures["each"] = scenarios.one_by_one(target, each=20 if chosen.quick else 60)
    for streams in (30, 200):
        say(f"{target.name}: {streams} streams")
        figures[str(streams)] = scenarios.steady(target, streams=streams, rate=chosen.rate, seconds=4 if chosen.quick else 10)
    if not chosen.quick and target.name == "A":
        figures["flooded"] = scenarios.steady(target, streams=30, rate=chosen.rate, seconds=10, floods=5)
        figures["ramp"] = scenarios.ramp(target, rate=40, most=900)
    return figures


def _galaxy(target: Target, chosen: argparse.Namespace) -> dict[str, Any]:
    """All scenarios. The ramp comes last: its answers go on when their readers are gone."""
    figures = _plain(target, chosen)
    figures["start"] = target.started_in
    seconds = 4 if chosen.quick else 10
    say("Galaxy: a tool that does nothing")
    figures["executor"] = machine.output(python("-m", "bench.executor"), environment=target.environment or {})

    say("Galaxy: answers with three steps of tools")
    figures["steps"] = scenarios.one_by_one(target, each=20 if chosen.quick else 60, tools=3)
    figures["decided"] = scenarios.decided(target, times=10 if chosen.quick else 30)

    def thirty(floods: int = 0, stalled: float = 0, of: Target = target) -> dict[str, Any]:
        lasting = max(seconds, 9) if floods else seconds
        return scenarios.steady(of, streams=30, rate=chosen.rate, seconds=lasting, floods=floods, stalled=stalled)

    say("Galaxy: a slow query a second")
    figures["blocked"] = scenarios.blocked(target, thirty, seconds=seconds + 12)
    if chosen.quick:
        return figures
    say("Galaxy: clients that ask for 3 MB at once, and clients that stop reading it")
    figures["flooded"] = thirty(5)
    figures["stalled"] = thirty(5, STALLED)
    with targets.daphne(target) as other:
        figures["daphne_calm"] = thirty(of=other)
        figures["daphne_flooded"] = thirty(5, of=other)
        figures["daphne"] = thirty(5, STALLED, other)
    say(f"Galaxy: pauses in {chosen.minutes:g} min")
    figures["long"] = scenarios.steady(target, streams=30, rate=chosen.rate, seconds=chosen.minutes * 60)
    figures["long"]["minutes"] = chosen.minutes
    say("Galaxy: how many streams")
    figures["ramp"] = scenarios.ramp(target, rate=20, most=900)
    return figures


def _adapter(kind: str, port: int) -> Any:
    say(f"adapters: {kind}")
    return machine.output(python("-m", "bench.adapters", kind, str(port), "6"), within=60)


def say(what: str) -> None:
    """Print the step that begins."""
    print(f"· {what}", flush=True)


def _keep(measured: dict[str, Any]) -> None:
    folder = machine.ROOT / "bench" / "results"
    folder.mkdir(exist_ok=True)
    file = folder / f"{measured['at'].replace(':', '')}.json"
    file.write_text(json.dumps(measured, indent=1))
    print(f"Kept in {file.relative_to(machine.ROOT)}; it took {measured['seconds']} s.")


if __name__ == "__main__":
    main()
