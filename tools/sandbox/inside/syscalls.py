"""System calls by name, with their numbers on x86-64 and aarch64 ("-" where there is none), by what a program may do with them.

What is not named does not exist for a program (ENOSYS), so that libraries fall back as on an older kernel.
"""

FILES = """
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69, pwritev 296 70,
preadv2 327 286, pwritev2 328 287, lseek 8 62, close 3 57, close_range 436 436, stat 4 -, fstat 5 80, lstat 6 -,
newfstatat 262 79, statx 332 291, statfs 137 43, fstatfs 138 44, access 21 -, faccessat 269 48, faccessat2 439 439,
readlink 89 -, readlinkat 267 78, getdents 78 -, getdents64 217 61, getcwd 79 17, chdir 80 49, fchdir 81 50,
mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, rename 82 -, renameat 264 38, renameat2 316 276,
ftruncate 77 46, fsync 74 82, fdatasync 75 83, flock 73 32, umask 95 166, sendfile 40 71, copy_file_range 326 285,
fadvise64 221 223
"""

MEMORY_THREADS_TIME_AND_PIPES = """
mmap 9 222, mprotect 10 226, munmap 11 215, mremap 25 216, madvise 28 233, brk 12 214, msync 26 227, mincore 27 232,
membarrier 324 283, exit 60 93, exit_group 231 94, getpid 39 172, getppid 110 173, gettid 186 178, getuid 102 174,
geteuid 107 175, getgid 104 176, getegid 108 177, getgroups 115 158, getresuid 118 148, getresgid 120 150,
getpgrp 111 -, getpgid 121 155, getsid 124 156, uname 63 160, sysinfo 99 179, times 100 153, getrusage 98 165,
getrlimit 97 163, getpriority 140 141, set_tid_address 218 96, set_robust_list 273 99, rseq 334 293, futex 202 98,
wait4 61 260, waitid 247 95, restart_syscall 219 128, sched_yield 24 124, sched_getaffinity 204 123,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126,
getcpu 309 168, rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, pause 34 -, alarm 37 -, setitimer 38 103,
getitimer 36 102, nanosleep 35 101, clock_nanosleep 230 115, clock_gettime 228 113, clock_getres 229 114,
gettimeofday 96 169, time 201 -, getrandom 318 278, poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72,
epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, eventfd2 290 19,
pipe 22 -, pipe2 293 59, dup 32 23, dup2 33 -, dup3 292 24, recvfrom 45 207, getsockname 51 204, getpeername 52 205,
getsockopt 55 209, shutdown 48 210
"""

# Allowed with some arguments only: `seccomp` says which.
BOUNDED = """
open 2 -, openat 257 56, creat 85 -, ioctl 16 29, fcntl 72 25, clone 56 220, kill 62 129, tgkill 234 131,
prlimit64 302 261, prctl 157 167, socketpair 53 199, sendto 44 206
"""

# Landlock does not cover these. They succeed and change nothing, so that copying a file works.
PRETENDED = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88
"""

# "Not supported", which libraries expect of some file systems.
ATTRIBUTES = """
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, listxattr 194 11,
llistxattr 195 12, flistxattr 196 13, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16
"""

# "Not permitted", because people read these refusals.
DENIED = """
socket 41 198, connect 42 203, bind 49 200, listen 50 201, accept 43 202, accept4 288 242, sendmsg 46 211,
sendmmsg 307 269, recvmsg 47 212, recvmmsg 299 243, fork 57 -, vfork 58 -, execve 59 221, execveat 322 281,
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, tkill 200 130, rt_sigqueueinfo 129 138,
rt_tgsigqueueinfo 297 240, pidfd_open 434 434, pidfd_send_signal 424 424, pidfd_getfd 438 438, symlink 88 -,
symlinkat 266 36, link 86 -, linkat 265 37, mknod 133 -, mknodat 259 33, truncate 76 45, chown 92 -, fchown 93 55,
lchown 94 -, fchownat 260 54, chroot 161 51, mount 165 40, umount2 166 39, unshare 272 97, setns 308 268,
setuid 105 146, setgid 106 144, setreuid 113 145, setregid 114 143, setresuid 117 147, setresgid 119 149,
setgroups 116 159, setpgid 109 154, setsid 112 157, setpriority 141 140, sched_setaffinity 203 122,
sched_setscheduler 144 119, setrlimit 160 164, memfd_create 319 279, shmget 29 194, semget 64 190, msgget 68 186,
mq_open 240 180, sethostname 170 161, reboot 169 142
"""

ARCHITECTURES = ("x86_64", "aarch64")


def numbers(table: str, architecture: str) -> dict[str, int]:
    """Return the numbers of a table's calls that the architecture has."""
    column = 1 + ARCHITECTURES.index(architecture)
    entries = (entry.split() for entry in table.split(","))
    return {entry[0]: int(entry[column]) for entry in entries if entry[column] != "-"}
