"""Limits of a program in the sandbox, and what comes of it."""

import os
from typing import Literal

import msgspec

from tools.specs import MadeFile

Status = Literal["ok", "error", "timeout", "memory", "output", "killed"]
Tier = Literal["namespaces", "bubblewrap", "process"]
MEGABYTE = 1024 * 1024


class SandboxError(Exception):
    """A program that could not be run."""


class NotAvailable(SandboxError):
    """This machine cannot hold programs within walls; the message says why."""


class Busy(SandboxError):
    """No place became free in time."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one program, and of all."""

    seconds: float = 30.0  # by the clock, and of processor time
    memory: int = 512 * MEGABYTE
    output: int = MEGABYTE  # bytes printed
    disk: int = 64 * MEGABYTE  # bytes in its folder
    results: int = 20 * MEGABYTE  # bytes of files and plots that are taken from it
    at_once: int = os.cpu_count() or 1  # programs on this machine
    queue_seconds: float = 30.0


class Column(msgspec.Struct, frozen=True):
    """A column of a table."""

    name: str
    type: Literal["text", "number", "date", "boolean"]


class Table(msgspec.Struct, frozen=True):
    """The first rows of a table, and how many it has."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | float | bool | None, ...], ...]
    total: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a program. `error` is a sentence or a traceback, both for people."""

    status: Status
    stdout: str = ""
    stderr: str = ""
    error: str = ""
    value: str = ""  # of the last expression and of what it displayed
    tables: tuple[Table, ...] = ()
    plots: tuple[MadeFile, ...] = ()
    files: tuple[MadeFile, ...] = ()
    left_out: tuple[str, ...] = ()  # names of files and plots beyond the limits
    seconds: float = 0.0


class State(msgspec.Struct, frozen=True):
    """Ability of this machine to run programs: within which walls, or why not."""

    available: bool
    tier: Tier | None
    reason: str = ""
