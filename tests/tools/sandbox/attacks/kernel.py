"""Attacks on the kernel's rarer calls, on limits and on secrets nearby. Run as a program: see `tests.tools.sandbox.survey`."""

import ctypes
import json
import os
import platform
import resource
import signal
from pathlib import Path

given = json.loads(Path("given.json").read_text())
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
CALLS = {
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "io_uring_setup": (425, 425),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "inotify_init1": (294, 26),
    "timer_create": (222, 107),
    "io_setup": (206, 0),
    "process_madvise": (440, 440),
    "vmsplice": (278, 75),
}


def _call(name: str, *arguments: object) -> int:
    return int(libc.syscall(CALLS[name][0 if X86 else 1], *arguments))


def try_entering_a_namespace() -> object:
    return libc.setns(os.open(f"/proc/{given['victim']}/ns/user", os.O_RDONLY), 0) == 0


def try_becoming_root() -> object:
    os.setuid(0)
    return True


def try_becoming_root_again() -> object:
    return libc.setresuid(0, 0, 0) == 0


def try_capabilities() -> object:
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    return libc.capget(header, data) == 0 and any(data[:2])


def try_filter_programs_in_the_kernel() -> object:
    attributes = (ctypes.c_uint32 * 30)(2, 4, 4, 1)  # BPF_MAP_CREATE
    return _call("bpf", 0, attributes, 120) >= 0


def try_performance_counters() -> object:
    attributes = (ctypes.c_uint32 * 32)(1, 128)
    return _call("perf_event_open", attributes, 0, -1, -1, 0) >= 0


def try_faults_in_user_space() -> object:
    return _call("userfaultfd", 1) >= 0


def try_adding_keys() -> object:
    return _call("add_key", b"user", b"galaxy-test", b"x", 1, -2) >= 0


def try_reading_keys() -> object:
    return _call("keyctl", 0, -3, 0) >= 0


def try_memory_as_a_file() -> object:
    return _call("memfd_create", b"x", 0) >= 0


def try_secret_memory() -> object:
    return _call("memfd_secret", 0) >= 0


def try_memory_that_outlives_it() -> object:
    return _call("shmget", 0x47A1, 4096, 0o1600) >= 0


def try_semaphores_that_outlive_it() -> object:
    return _call("semget", 0x47A1, 1, 0o1600) >= 0


def try_messages_that_outlive_it() -> object:
    return _call("msgget", 0x47A1, 0o1600) >= 0


def try_a_ring_of_calls() -> object:
    return _call("io_uring_setup", 2, (ctypes.c_uint32 * 30)()) >= 0


def try_asynchronous_files() -> object:
    return _call("io_setup", 1, (ctypes.c_uint64 * 1)()) == 0


def try_another_personality() -> object:
    return _call("personality", 0x0040000) >= 0


def try_handles_of_files() -> object:
    handle, mount = (ctypes.c_uint32 * 34)(128), ctypes.c_int()
    return _call("name_to_handle_at", -100, b"/etc/passwd", handle, ctypes.byref(mount), 0) == 0


def try_watching_files() -> object:
    return libc.inotify_add_watch(_call("inotify_init1", 0), os.fsencode(given["folder"]), 2) >= 0


def try_timers_that_signal() -> object:
    event = (ctypes.c_uint64 * 8)(0, signal.SIGCONT)
    return _call("timer_create", 0, event, (ctypes.c_int * 1)()) == 0


def try_memory_advice_for_others() -> object:
    return _call("process_madvise", -1, 0, 0, 0, 0) >= 0 or ctypes.get_errno() == 9


def try_moving_pages() -> object:
    _, writing = os.pipe()
    page = ctypes.create_string_buffer(b"x" * 16)
    return _call("vmsplice", writing, (ctypes.c_void_p * 2)(ctypes.addressof(page), 16), 1, 0) > 0


def try_core_dumps() -> object:
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    return resource.getrlimit(resource.RLIMIT_CORE)[0] != 0


def try_unlimited_memory() -> object:
    return resource.getrlimit(resource.RLIMIT_AS)[1] == resource.RLIM_INFINITY


def try_unlimited_files() -> object:
    return resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY


def try_secrets_of_the_environment() -> object:
    return "GALAXY_TEST_SECRET" in os.environ or b"GALAXY_TEST_SECRET" in Path("/proc/self/environ").read_bytes()


def try_messages_of_the_kernel() -> object:
    return os.open("/dev/kmsg", os.O_RDONLY) >= 0


def try_settings_of_the_kernel() -> object:
    return Path("/proc/sys/kernel/hostname").read_text()


def try_devices_of_the_kernel() -> object:
    return os.listdir("/sys/class")


def try_secrets_of_the_c_library() -> object:
    place = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    found: list[bytes] = []
    while place[len(found)]:
        found.append(place[len(found)])
    return [each for each in found if b"GALAXY_TEST_SECRET" in each]


# From here on the process has rights of its own in a namespace, if it can.


def try_rights_of_its_own_in_a_namespace() -> object:
    return libc.unshare(0x10000000) == 0


def try_mounting() -> object:
    return libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/mnt", b"tmpfs", 0, None) == 0


def try_a_network_of_its_own() -> object:
    return libc.unshare(0x40000000) == 0


def try_the_name_of_the_machine() -> object:
    return libc.unshare(0x4000000) == 0 and libc.sethostname(b"x", 1) == 0


def try_changing_the_root() -> object:
    os.chroot(".")
    return True
