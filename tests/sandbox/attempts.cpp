/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a module in the cage must not be able to do
 *
 * Each attempt is made by its system call, so that no library gets in between.
 */

#include "attempts.h"

#include <array>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/sched.h>

namespace fovea::test {

namespace {

constexpr size_t kPage = 4096;

template<typename... Arguments>
int call(long number, Arguments... arguments)
{
	return syscall(number, arguments...) < 0 ? -errno : 0;
}

int open(const char *path, int flags)
{
	return call(SYS_openat, AT_FDCWD, path, flags, 0600);
}

int readPasswords()
{
	return open("/etc/passwd", O_RDONLY);
}

int readHome()
{
	return open("/root", O_RDONLY | O_DIRECTORY);
}

int readUsersHome()
{
	return open("/home", O_RDONLY | O_DIRECTORY);
}

int readSystem()
{
	return open("/sys/class", O_RDONLY | O_DIRECTORY);
}

int openDevice()
{
	return open("/dev/video0", O_RDWR);
}

int listRoot()
{
	return open("/..", O_RDONLY | O_DIRECTORY);
}

int writeFile()
{
	return open("/tmp/fovea-written-by-a-module", O_WRONLY | O_CREAT);
}

int writeVariable()
{
	return open("/var/tmp/fovea-written-by-a-module", O_WRONLY | O_CREAT);
}

int makeFolder()
{
	return call(SYS_mkdirat, AT_FDCWD, "/made-by-a-module", 0700);
}

int removeModule()
{
	return call(SYS_unlinkat, AT_FDCWD, "/etc/passwd", 0);
}

int openByHandle()
{
	return call(SYS_open_by_handle_at, AT_FDCWD, nullptr, O_RDONLY);
}

template<int Family, int Type>
int makeSocket()
{
	return call(SYS_socket, Family, Type, 0);
}

int makeSocketPair()
{
	int fds[2];
	return call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
}

/* On the one socket that there is, which needs no new one. */
int connectSocket()
{
	sockaddr_un address{ AF_UNIX, "\0fovea" };
	return call(SYS_connect, 3, &address, sizeof(address));
}

int bindSocket()
{
	sockaddr_un address{ AF_UNIX, "\0fovea-module" };
	return call(SYS_bind, 3, &address, sizeof(address));
}

int execute()
{
	const char *argv[] = { "/bin/true", nullptr };
	return call(SYS_execve, argv[0], argv, argv + 1);
}

int executeMemory()
{
	const char *argv[] = { nullptr };
	return call(SYS_execveat, 3, "", argv, argv, AT_EMPTY_PATH);
}

int endChild(long pid)
{
	if (pid < 0)
		return -errno;
	if (!pid)
		syscall(SYS_exit_group, 0);
	return 0;
}

int forkProcess()
{
	return endChild(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

int forkProcess3()
{
	struct clone_args arguments {
	};
	arguments.exit_signal = SIGCHLD;
	return endChild(syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

int traceParent()
{
	return call(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0);
}

int beTraced()
{
	return call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
}

int killAll()
{
	return call(SYS_kill, -1, SIGKILL);
}

int killParent()
{
	return call(SYS_kill, getppid(), SIGKILL);
}

int killThread()
{
	return call(SYS_tgkill, getppid(), getppid(), SIGKILL);
}

int openProcess()
{
	return call(SYS_pidfd_open, 1, 0);
}

int readOtherMemory()
{
	return call(SYS_process_vm_readv, getppid(), nullptr, 0, nullptr, 0, 0);
}

/* Signals by way of a descriptor's owner. */
int ownDescriptor()
{
	return call(SYS_fcntl, 3, F_SETOWN, 1);
}

int mapExecutable()
{
	void *memory = mmap(nullptr, kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? -errno : 0;
}

int makeExecutable()
{
	void *memory = mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return memory == MAP_FAILED ? 0 : call(SYS_mprotect, memory, kPage, PROT_READ | PROT_EXEC);
}

/* Code is made writable, changed and made executable again. */
int patchCode()
{
	const uintptr_t page = reinterpret_cast<uintptr_t>(&patchCode) & ~(kPage - 1);
	const int ret = call(SYS_mprotect, page, kPage, PROT_READ | PROT_WRITE | PROT_EXEC);
	return ret;
}

int makeMemoryFile()
{
	return call(SYS_memfd_create, "module", 0);
}

int attachSharedMemory()
{
	return call(SYS_shmat, 0, nullptr, 0);
}

int makeSharedMemory()
{
	return call(SYS_shmget, IPC_PRIVATE, kPage, IPC_CREAT | 0600);
}

int typeOnTerminal()
{
	return call(SYS_ioctl, STDERR_FILENO, TIOCSTI, "x");
}

int enterNamespace()
{
	return call(SYS_unshare, CLONE_NEWUSER);
}

int mountFiles()
{
	return call(SYS_mount, "none", "/", "tmpfs", 0, nullptr);
}

int changeRoot()
{
	return call(SYS_chroot, "/");
}

int makeRing()
{
	return call(SYS_io_uring_setup, 1, nullptr);
}

int loadProgram()
{
	return call(SYS_bpf, 0, nullptr, 0);
}

int countEvents()
{
	return call(SYS_perf_event_open, nullptr, 0, -1, -1, 0);
}

int useKeys()
{
	return call(SYS_keyctl, 0, 0, 0, 0, 0);
}

int handleFaults()
{
	return call(SYS_userfaultfd, 0);
}

int changePersonality()
{
	return call(SYS_personality, 0x0400000);
}

int makeDumpable()
{
	return call(SYS_prctl, 4, 1, 0, 0, 0);
}

int changeUser()
{
	return call(SYS_setuid, 0);
}

int raiseLimit()
{
	const rlimit limit{ RLIM_INFINITY, RLIM_INFINITY };
	return call(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, nullptr);
}

#if !FOVEA_SANITIZED
/* What the runtime of a sanitizer needs itself. */
int readProcess()
{
	return open("/proc/self/environ", O_RDONLY);
}

/* More than the limit of the address space. */
int allocateWithoutEnd()
{
	constexpr size_t kBlock = 64 << 20;
	void *blocks[64];
	size_t count = 0;
	int ret = 0;

	for (; !ret && count < std::size(blocks); count++) {
		blocks[count] = mmap(nullptr, kBlock, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (blocks[count] == MAP_FAILED)
			ret = -errno;
	}

	/* The module goes on with its work. */
	for (size_t i = 0; i < count; i++) {
		if (blocks[i] != MAP_FAILED)
			munmap(blocks[i], kBlock);
	}

	return ret;
}
#endif

constexpr auto kAttempts = std::to_array<Attempt>({
	{ "read /etc/passwd", readPasswords },
	{ "read root's home", readHome },
	{ "read the users' home", readUsersHome },
			{ "read /sys", readSystem },
	{ "open a device", openDevice },
	{ "list the root", listRoot },
	{ "write a file", writeFile },
	{ "write a file in /var", writeVariable },
	{ "make a folder", makeFolder },
	{ "remove a file", removeModule },
	{ "open by handle", openByHandle },
	{ "make a Unix socket", makeSocket<AF_UNIX, SOCK_STREAM> },
	{ "make an IPv4 socket", makeSocket<AF_INET, SOCK_STREAM> },
	{ "make an IPv6 socket", makeSocket<AF_INET6, SOCK_DGRAM> },
	{ "make a netlink socket", makeSocket<AF_NETLINK, SOCK_RAW> },
	{ "make a packet socket", makeSocket<AF_PACKET, SOCK_RAW> },
	{ "make a vsock socket", makeSocket<AF_VSOCK, SOCK_STREAM> },
	{ "make an alg socket", makeSocket<AF_ALG, SOCK_SEQPACKET> },
	{ "make a socket pair", makeSocketPair },
	{ "connect", connectSocket },
	{ "bind", bindSocket },
	{ "execute a program", execute },
	{ "execute memory", executeMemory },
	{ "fork", forkProcess },
	{ "fork by clone3", forkProcess3 },
	{ "trace the parent", traceParent },
	{ "be traced", beTraced },
	{ "kill all", killAll },
	{ "kill the parent", killParent },
	{ "kill a thread", killThread },
	{ "open a process", openProcess },
	{ "read another's memory", readOtherMemory },
	{ "own a descriptor's signals", ownDescriptor },
	{ "map executable memory", mapExecutable },
	{ "make memory executable", makeExecutable },
	{ "patch code", patchCode },
	{ "make a memory file", makeMemoryFile },
	{ "attach shared memory", attachSharedMemory },
	{ "make shared memory", makeSharedMemory },
	{ "type on the terminal", typeOnTerminal },
	{ "enter a namespace", enterNamespace },
	{ "mount", mountFiles },
	{ "change the root", changeRoot },
	{ "make a ring", makeRing },
	{ "load a program into the kernel", loadProgram },
	{ "count events", countEvents },
	{ "use keys", useKeys },
	{ "handle faults", handleFaults },
	{ "change the personality", changePersonality },
	{ "make itself dumpable", makeDumpable },
	{ "change the user", changeUser },
	{ "raise a limit", raiseLimit },
#if !FOVEA_SANITIZED
	{ "read /proc", readProcess },
	{ "allocate without end", allocateWithoutEnd },
#endif
});

} /* namespace */

std::span<const Attempt> attempts()
{
	return kAttempts;
}

} /* namespace fovea::test */
