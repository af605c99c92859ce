"""Attacks on files of the machine, of Galaxy and of other people. Run as a program: see `tests.tools.sandbox.survey`."""

import ctypes
import importlib
import json
import mmap
import os
import platform
import stat
import sys
from pathlib import Path

given = json.loads(Path("given.json").read_text())
libc = ctypes.CDLL(None, use_errno=True)
bait = Path(given["folder"])
secret, owned, shared = bait / "secret.txt", bait / "owned.txt", bait / "shared"
SETXATTR, OPENAT2, TRUNCATE = (188, 437, 76) if platform.machine() == "x86_64" else (5, 437, 45)
AT_FDCWD = -100


def try_reading_a_file() -> object:
    return secret.read_text()


def try_reading_passwd() -> object:
    return Path("/etc/passwd").read_text()


def try_listing_a_folder() -> object:
    return os.listdir(bait)


def try_listing_the_root() -> object:
    return {"etc", "proc", "var"} & set(os.listdir("/"))


def try_listing_homes() -> object:
    return os.listdir("/home") or os.listdir("/home/..")


def try_walking_up() -> object:
    return Path(os.path.relpath(secret)).read_text()


def try_a_link_to_a_file() -> object:
    os.symlink(secret, "link.txt")
    return Path("link.txt").read_text()


def try_a_second_name_for_a_file() -> object:
    os.link(owned, "hard.txt")
    return Path("hard.txt").read_text()


def try_opening_again_what_was_only_named() -> object:
    place = os.open(secret, os.O_PATH)
    return os.read(os.open(f"/proc/self/fd/{place}", os.O_RDONLY), 10)


def try_mapping_a_file() -> object:
    with secret.open("rb") as file:
        return bytes(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def try_opening_by_a_newer_call() -> object:
    how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)
    return libc.syscall(OPENAT2, AT_FDCWD, os.fsencode(secret), how, 24) >= 0


def try_galaxys_code() -> object:
    return Path(given["checkout"], "manage.py").read_text()


def try_importing_galaxy() -> object:
    sys.path.insert(0, given["checkout"])
    return importlib.import_module("accounts").__file__


def try_galaxys_packages() -> object:
    sys.path.insert(0, given["packages"])
    return importlib.import_module("msgspec")


def try_environments_of_processes() -> object:
    return Path(f"/proc/{given['victim']}/environ").read_bytes()


def try_memory_of_processes() -> object:
    return Path(f"/proc/{given['victim']}/maps").read_bytes()


def try_contents_of_memory() -> object:
    begin = int(Path(f"/proc/{given['victim']}/maps").read_text().partition("-")[0], 16)
    with open(f"/proc/{given['victim']}/mem", "rb", buffering=0) as memory:
        memory.seek(begin)
        return memory.read(4)


def try_commands_of_processes() -> object:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if path.read_bytes()]


def try_writing_a_file() -> object:
    return owned.write_text("changed")


def try_appending_to_a_file() -> object:
    with owned.open("a") as file:
        return file.write("more")


def try_emptying_a_file() -> object:
    owned.write_text("full")
    os.truncate(owned, 0)
    return True


def try_emptying_a_file_while_reading() -> object:
    os.open(owned, os.O_RDONLY | os.O_TRUNC)
    return True


def try_emptying_a_file_by_number() -> object:
    return libc.syscall(TRUNCATE, os.fsencode(owned), 0) == 0


def try_changing_a_mode() -> object:
    os.chmod(owned, 0o640 | stat.S_ISVTX)
    return os.stat(owned).st_mode & stat.S_ISVTX


def try_changing_times() -> object:
    os.utime(owned, (1, 1))
    return os.stat(owned).st_mtime == 1


def try_changing_the_owner() -> object:
    os.chown(owned, os.getuid(), os.getgid())
    return True


def try_marking_a_file() -> object:
    return libc.syscall(SETXATTR, os.fsencode(owned), b"user.mark", b"x", 1, 0) == 0


def try_a_new_file_elsewhere() -> object:
    return (shared / "new.txt").write_text("new")


def try_a_new_folder_elsewhere() -> object:
    (shared / "new").mkdir()
    return True


def try_a_hidden_file_elsewhere() -> object:
    return os.write(os.open(shared, os.O_TMPFILE | os.O_WRONLY), b"x")


def try_taking_a_file_away() -> object:
    (shared / "moved.txt").rename("moved.txt")
    return True


def try_removing_a_file() -> object:
    (shared / "removed.txt").unlink()
    return True


def try_shared_memory() -> object:
    return Path(f"/dev/shm/galaxy-test-{os.getpid()}").write_text("x")


def try_temporary_files_of_others() -> object:
    return Path(f"/tmp/galaxy-test-{os.getpid()}").write_text("x")


def try_the_environments_packages() -> object:
    place = Path(str(importlib.import_module("numpy").__file__))
    return place.write_text("raise SystemExit") if os.access(place, os.W_OK) else None


def try_a_pipe_with_a_name() -> object:
    os.mkfifo("fifo")
    return True


def try_a_device() -> object:
    return os.open("/dev/full", os.O_WRONLY) >= 0 and os.open("/dev/ptmx", os.O_RDWR) >= 0


def try_a_folder_that_was_left_open() -> object:
    for number in range(5, 256):
        try:
            if stat.S_ISDIR(os.fstat(number).st_mode):
                return os.listdir(number)
        except OSError:
            continue
    return None
