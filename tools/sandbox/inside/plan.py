"""Plan of a child process: the walls that it raises and the limits that hold behind them. The parent makes it."""

from typing import NamedTuple


class Plan(NamedTuple):
    """Values that travel on the command line; nothing in them is secret."""

    parent: int  # the process to die with; 0 if bubblewrap sees to that
    user: int  # the user and group to become; -1 to stay who it is
    namespaces: bool  # make a file tree and a network of its own, which only root can
    readable: list[str]  # files and folders
    links: dict[str, str]  # symbolic links of the system among them, such as /lib64
    devices: list[str]
    work: str  # the only folder in which it may write
    packages: str  # the folder of numpy and the others
    fonts: str  # matplotlib's list of fonts, made at installation
    results: int  # the file descriptor for the report
    seconds: int  # of processor time
    memory: int  # bytes
    disk: int  # bytes in the folder
    threads: int  # of its user, those of other processes included
    report: int  # bytes of files and plots
