"""Harmless programs, as models write them, and what comes of each.

python -m tests.tools.sandbox.harmless bubblewrap|process
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from tools.sandbox.running import run_in
from tools.sandbox.values import Limits, Outcome


class Harmless(NamedTuple):
    code: str
    prints: str = ""
    value: str = ""
    tables: int = 0
    plots: int = 0
    files: tuple[str, ...] = ()
    given: Mapping[str, bytes] = {}

    def wrong_in(self, outcome: Outcome) -> str:
        """Compare the outcome with what is expected; gives the difference, or an empty text."""
        expected = ("ok", self.prints, self.value, self.tables, self.plots, self.files)
        found = (
            outcome.status,
            self.prints if self.prints in outcome.stdout else outcome.stdout,
            self.value if self.value in outcome.value else outcome.value,
            len(outcome.tables),
            len(outcome.plots),
            tuple(file.name for file in outcome.files),
        )
        return "" if expected == found else f"{outcome}"


PROGRAMS = {
    "print": Harmless("print('Grüße', 6 * 7)", prints="Grüße 42\n"),
    "value": Harmless("x = 6\nx * 7", value="42"),
    "standard library": Harmless(
        """
import collections, datetime, decimal, fractions, hashlib, itertools, random, re, statistics, zoneinfo
moment = datetime.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
print(statistics.median([3, 1, 2]), moment.isoformat())
print(hashlib.sha256(b"x").hexdigest()[:4], decimal.Decimal("0.1") + decimal.Decimal("0.2"))
""",
        prints="2 2026-01-01T00:00:00+01:00\n2d71 0.3",
    ),
    "classes": Harmless(
        """
import dataclasses, enum, pickle
@dataclasses.dataclass
class Point:
    x: int
    y: int = 2
if __name__ == "__main__":
    print(pickle.loads(pickle.dumps(Point(1))))
""",
        prints="Point(x=1, y=2)",
    ),
    "threads": Harmless(
        """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(lambda x: x * x, range(100))))
""",
        prints="328350",
    ),
    "asyncio": Harmless(
        """
import asyncio
async def one(x):
    await asyncio.sleep(0.01)
    return x
async def main():
    return await asyncio.gather(one(1), asyncio.to_thread(int, "2"))
print(asyncio.run(main()))
""",
        prints="[1, 2]",
    ),
    "files": Harmless(
        """
import csv, os, pathlib, shutil, tempfile
print(open("in/given.csv").read().strip())
pathlib.Path("out").mkdir()
with open("out/made.csv", "w", newline="") as file:
    csv.writer(file).writerows([[1, 2], [3, 4]])
shutil.copy("out/made.csv", "copy.csv")
os.replace("copy.csv", "renamed.csv")
with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "x").write_text("x")
print(sorted(os.listdir(".")))
""",
        prints="a,b\n['in', 'out', 'renamed.csv']",
        files=("out/made.csv", "renamed.csv"),
        given={"in/given.csv": b"a,b\n"},
    ),
    "sqlite": Harmless(
        """
import sqlite3
base = sqlite3.connect("base.db")
base.execute("create table t (x)")
base.execute("insert into t values (7)")
base.commit()
base.execute("select x from t").fetchall()
""",
        value="[(7,)]",
        files=("base.db",),
    ),
    "archives": Harmless(
        """
import gzip, json, zipfile
with zipfile.ZipFile("all.zip", "w") as file:
    file.writestr("a.json", json.dumps({"a": 1}))
print(zipfile.ZipFile("all.zip").namelist(), gzip.decompress(gzip.compress(b"x")))
""",
        prints="['a.json'] b'x'",
        files=("all.zip",),
    ),
    "numpy": Harmless(
        """
import numpy as np
a = np.random.default_rng(1).normal(size=(200, 200))
q, r = np.linalg.qr(a)
print(np.allclose(q @ r, a), np.fft.fft(np.ones(8))[0].real)
np.save("a.npy", a)
np.arange(3)
""",
        prints="True 8.0",
        value="array([0, 1, 2])",
        files=("a.npy",),
    ),
    "least squares": Harmless(
        """
import numpy as np
x = np.linspace(0, 1, 50)
print(np.round(np.polyfit(x, 3 * x + 1, 1), 6))
""",
        prints="[3. 1.]",
    ),
    "pandas": Harmless(
        """
import pandas as pd
frame = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=4), "sold": [1, 2, 3, None], "shop": list("abab")})
frame.to_csv("sold.csv", index=False)
display(frame)
frame.groupby("shop")["sold"].sum()
""",
        value="shop",
        tables=2,
        files=("sold.csv",),
    ),
    "reading tables": Harmless(
        """
import pandas as pd
print(pd.read_csv("given.csv").merge(pd.read_json("given.json"), on="a").to_dict("records"))
""",
        prints="[{'a': 1, 'b': 2, 'c': 3}]",
        given={"given.csv": b"a,b\n1,2\n", "given.json": b'[{"a": 1, "c": 3}]'},
    ),
    "plots": Harmless(
        """
import matplotlib.pyplot as plt, numpy as np
x = np.linspace(0, 6)
figure, axes = plt.subplots(1, 2)
axes[0].plot(x, np.sin(x))
axes[1].bar(["ä", "b"], [1, 2])
plt.title("$x^2$")
plt.show()
plt.figure()
plt.hist(np.random.default_rng(1).normal(size=100))
plt.savefig("hist.pdf")
""",
        plots=2,
        files=("hist.pdf",),
    ),
    "pandas plots": Harmless(
        "import pandas as pd\npd.Series([1, 3, 2], name='sold').plot(kind='line', title='Sold')", value="Axes", plots=1
    ),
    "an end": Harmless("import sys\nprint('done')\nsys.exit()", prints="done\n"),
    "an error in between": Harmless(
        """
try:
    1 / 0
except ZeroDivisionError as error:
    print(error)
""",
        prints="division by zero",
    ),
}


async def wrong(tier: Any) -> dict[str, str]:
    """Run the programs; gives those that went wrong, with what was wrong."""
    gate = asyncio.Semaphore(2)

    async def wrong_in(place: int, program: Harmless) -> str:
        async with gate:
            return program.wrong_in(await run_in(tier, place % 12, program.code, program.given, Limits(seconds=60)))

    found = await asyncio.gather(*(wrong_in(place, program) for place, program in enumerate(PROGRAMS.values())))
    return {name: said for name, said in zip(PROGRAMS, found, strict=True) if said}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(wrong(sys.argv[1]))))
