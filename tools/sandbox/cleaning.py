"""Text of a program, fit to be stored and shown: without control characters and without this machine's paths."""

import re
from collections.abc import Callable
from pathlib import Path

from tools.sandbox.environment import Environment
from tools.sandbox.inside.plan import Plan

# Escape sequences and characters that PostgreSQL or a page cannot show.
UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def cleaner(environment: Environment, plan: Plan) -> Callable[[str], str]:
    """Return the function that cleans a text."""
    own = Path(__file__).parent
    folders = (plan.work, environment.packages, environment.standard_library, str(own), str(own.parents[1]))
    paths = re.compile("|".join(re.escape(f"{folder}/") for folder in folders))
    return lambda text: UNPRINTABLE.sub("", paths.sub("", text))
