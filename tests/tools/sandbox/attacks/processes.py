"""Attacks by and on processes. Run as a program: see `tests.tools.sandbox.survey`. What harms the victim most comes last."""

import ctypes
import fcntl
import json
import multiprocessing
import os
import platform
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

given = json.loads(Path("given.json").read_text())
victim = given["victim"]
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
CLONE, CLONE3, PTRACE, READ_MEMORY = (56, 435, 101, 310) if X86 else (220, 435, 117, 270)
PIDFD_OPEN, PIDFD_SIGNAL, TGKILL, TKILL, QUEUE = (434, 424, 234, 200, 129) if X86 else (434, 424, 131, 130, 138)
IOPRIO_SET, SYSTEM_CALLS_OF_OTHERS = (251, 312) if X86 else (30, 272)


def _ends(process: int) -> bool:
    """True in the parent: a child was made. The child ends at once."""
    if process == 0:
        os._exit(0)
    return process > 0


def try_fork() -> object:
    return _ends(os.fork())


def try_fork_by_the_c_library() -> object:
    return _ends(libc.fork())


def try_a_terminal_for_a_child() -> object:
    return _ends(os.forkpty()[0])


def try_clone() -> object:
    return _ends(libc.syscall(CLONE, signal.SIGCHLD, 0, 0, 0, 0))


def try_clone_by_a_newer_call() -> object:
    arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    return _ends(libc.syscall(CLONE3, arguments, 64))


def try_subprocess() -> object:
    return subprocess.run(["/bin/true"], check=True)


def try_a_shell() -> object:
    return os.system("exit 7") == 7 << 8


def try_spawning() -> object:
    return os.posix_spawn("/bin/true", ["true"], {})


def try_multiprocessing() -> object:
    process = multiprocessing.get_context("fork").Process(target=int)
    process.start()
    process.join()
    return process.exitcode == 0


def try_python_again() -> object:
    return subprocess.run([sys.executable, "-c", ""], check=True)


def try_asking_for_a_process() -> object:
    os.kill(victim, 0)
    return True


def try_asking_for_all_processes() -> object:
    os.kill(-1, 0)
    return True


def try_asking_for_the_parent() -> object:
    os.kill(os.getppid(), 0)
    return True


def try_a_handle_on_a_process() -> object:
    return libc.syscall(PIDFD_OPEN, victim, 0) >= 0


def try_a_signal_by_a_handle() -> object:
    return libc.syscall(PIDFD_SIGNAL, libc.syscall(PIDFD_OPEN, victim, 0), signal.SIGCONT, None, 0) == 0


def try_a_signal_to_a_thread() -> object:
    return libc.syscall(TGKILL, victim, victim, signal.SIGCONT) == 0


def try_a_signal_to_a_thread_the_old_way() -> object:
    return libc.syscall(TKILL, victim, signal.SIGCONT) == 0


def try_a_queued_signal() -> object:
    information = (ctypes.c_int * 32)(signal.SIGCONT, 0, -1)
    return libc.syscall(QUEUE, victim, signal.SIGCONT, information) == 0


def try_a_signal_by_a_pipe() -> object:
    reading, _ = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, victim)
    return fcntl.fcntl(reading, fcntl.F_GETOWN) == victim


def try_memory_of_a_process() -> object:
    buffer = ctypes.create_string_buffer(8)
    begin = int(Path(f"/proc/{victim}/maps").read_text().partition("-")[0], 16)
    here, there = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8), (ctypes.c_void_p * 2)(begin, 8)
    return libc.syscall(READ_MEMORY, victim, here, 1, there, 1, 0) == 8


def try_comparing_processes() -> object:
    return libc.syscall(SYSTEM_CALLS_OF_OTHERS, os.getpid(), victim, 0, 0, 0) >= 0


def try_limits_of_a_process() -> object:
    return resource.prlimit(victim, resource.RLIMIT_CORE, (0, 0)) is not None


def try_priority_of_a_process() -> object:
    os.setpriority(os.PRIO_PROCESS, victim, 19)
    return os.getpriority(os.PRIO_PROCESS, victim) == 19


def try_processors_of_a_process() -> object:
    os.sched_setaffinity(victim, os.sched_getaffinity(0))
    return True


def try_scheduling_of_a_process() -> object:
    os.sched_setscheduler(victim, os.SCHED_BATCH, os.sched_param(0))
    return True


def try_disk_priority_of_a_process() -> object:
    return libc.syscall(IOPRIO_SET, 1, victim, 3 << 13) == 0


def try_a_session_of_its_own() -> object:
    os.setsid()
    return True


def try_surviving_the_parent() -> object:
    return libc.prctl(1, 0, 0, 0, 0) == 0


def try_tracing_a_process() -> object:
    return libc.syscall(PTRACE, 0x4206, victim, 0, 0) == 0  # PTRACE_SEIZE, as a debugger does


def try_stopping_a_process() -> object:
    os.kill(victim, signal.SIGSTOP)
    os.kill(victim, signal.SIGCONT)
    return True


def try_killing_a_process() -> object:
    os.kill(victim, signal.SIGTERM)
    time.sleep(0.01)
    return True


def try_tracing_itself() -> object:
    # The last: from here on every signal would stop this process.
    return libc.syscall(PTRACE, 0, 0, 0, 0) == 0
