/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The system calls that the worker may make
 */

#include "syscalls.h"

#include <algorithm>
#include <array>
#include <errno.h>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <string.h>
#include <string_view>
#include <sys/mman.h>
#include <type_traits>
#include <unistd.h>
#include <vector>

#include <seccomp.h>

/**
 * \file syscalls.h
 * \brief The system calls that the worker may make
 */

namespace fovea::sandbox {

namespace {

constexpr const char *kLayer = "seccomp";

/* What a condition on a call's arguments is, for the filter and the reader. */
enum class Condition {
	None,
	/* Memory that is not executable. */
	NotExecutable,
	/* Memory that is not writable. */
	NotWritable,
	/* The log, which is the standard error stream. */
	LogOnly,
	/* Commands of fcntl() that copy a descriptor or read its state. */
	DescriptorState,
	/* Files are read, never created or written. */
	ReadOnly,
	/* Threads of this process, no processes. */
	ThreadOnly,
	/* Limits are read, not set. */
	ReadLimit,
	/* Answered with ENOSYS: the C library then uses clone(), whose flags can be seen. */
	Absent,
};

struct Entry {
	Stage stage;
	const char *name;
	Condition condition;
	const char *reason;
};

/*
 * The table. Stage::Sealed entries hold from the start on; Stage::Init entries
 * only until init() has returned. docs/sandbox.md repeats it; a test compares.
 */
constexpr Entry kTable[] = {
	{ Stage::Sealed, "recvmsg", Condition::None, "messages of the pipeline handler, with the descriptors of buffers" },
	{ Stage::Sealed, "sendmsg", Condition::None, "replies and events to the pipeline handler" },
	{ Stage::Sealed, "poll", Condition::None, "waiting for a message" },
	{ Stage::Sealed, "ppoll", Condition::None, "waiting for a message, and poll() where it is not a call of its own" },
	{ Stage::Sealed, "write", Condition::LogOnly, "the log" },
	{ Stage::Sealed, "close", Condition::None, "descriptors of buffers that are mapped or refused" },
	{ Stage::Sealed, "fcntl", Condition::DescriptorState, "libcamera's SharedFD copies descriptors" },
	{ Stage::Sealed, "lseek", Condition::None, "the size of a buffer's file" },
	{ Stage::Sealed, "mmap", Condition::NotExecutable, "buffers, and the allocator's large blocks" },
	{ Stage::Sealed, "munmap", Condition::None, "buffers, and the allocator's large blocks" },
	{ Stage::Sealed, "mremap", Condition::None, "growing a large block" },
	{ Stage::Sealed, "mprotect", Condition::NotExecutable, "growing the heap of a thread" },
	{ Stage::Sealed, "brk", Condition::None, "growing the heap" },
	{ Stage::Sealed, "madvise", Condition::None, "giving back free memory" },
	{ Stage::Sealed, "futex", Condition::None, "locks" },
	{ Stage::Sealed, "clock_gettime", Condition::None, "time, where the kernel has no faster way to it" },
	{ Stage::Sealed, "clock_nanosleep", Condition::None, "sleeping" },
	{ Stage::Sealed, "sched_yield", Condition::None, "waiting for a thread of the module" },
	{ Stage::Sealed, "getrandom", Condition::None, "seeds of hash tables and generators" },
	{ Stage::Sealed, "rt_sigprocmask", Condition::None, "abort(), and threads that end" },
	{ Stage::Sealed, "rt_sigreturn", Condition::None, "returning from a signal" },
	{ Stage::Sealed, "restart_syscall", Condition::None, "going on after having been stopped" },
	{ Stage::Sealed, "exit", Condition::None, "the end of a thread" },
	{ Stage::Sealed, "exit_group", Condition::None, "the end of the worker" },

	{ Stage::Init, "openat", Condition::ReadOnly, "the module, its libraries, its tuning data" },
	{ Stage::Init, "open", Condition::ReadOnly, "the same, by older libraries" },
	{ Stage::Init, "read", Condition::None, "the content of files" },
	{ Stage::Init, "pread64", Condition::None, "the headers of files" },
	{ Stage::Init, "readv", Condition::None, "the content of files" },
	{ Stage::Init, "getdents64", Condition::None, "listing the tuning folder" },
	{ Stage::Init, "fstat", Condition::None, "sizes of files" },
	{ Stage::Init, "newfstatat", Condition::None, "sizes of files, whether they are there" },
	{ Stage::Init, "statx", Condition::None, "sizes of files, whether they are there" },
	{ Stage::Init, "access", Condition::None, "whether a file is there" },
	{ Stage::Init, "faccessat", Condition::None, "whether a file is there" },
	{ Stage::Init, "faccessat2", Condition::None, "whether a file is there" },
	{ Stage::Init, "readlink", Condition::None, "resolving a path" },
	{ Stage::Init, "readlinkat", Condition::None, "resolving a path" },
	{ Stage::Init, "getcwd", Condition::None, "resolving a path" },
	{ Stage::Init, "mmap", Condition::NotWritable, "loading the module's code" },
	{ Stage::Init, "clone", Condition::ThreadOnly, "the module's threads" },
	{ Stage::Init, "clone3", Condition::Absent, "its flags cannot be seen, so it does not exist" },
	{ Stage::Init, "set_robust_list", Condition::None, "starting a thread" },
	{ Stage::Init, "rseq", Condition::None, "starting a thread" },
	{ Stage::Init, "sched_getaffinity", Condition::None, "how many threads are useful" },
	{ Stage::Init, "prlimit64", Condition::ReadLimit, "the size of a thread's stack" },
	{ Stage::Init, "rt_sigaction", Condition::None, "handlers of the module's own faults" },
	{ Stage::Init, "sigaltstack", Condition::None, "the stack of such a handler" },
	{ Stage::Init, "getpid", Condition::None, "names in the log" },
	{ Stage::Init, "gettid", Condition::None, "names of threads in the log" },
	{ Stage::Init, "uname", Condition::None, "which machine this is" },
	{ Stage::Init, "landlock_create_ruleset", Condition::None, "sealing" },
	{ Stage::Init, "landlock_restrict_self", Condition::None, "sealing" },
	{ Stage::Init, "seccomp", Condition::None, "sealing" },
};

constexpr bool holds(const Entry &entry, Stage stage)
{
	return entry.stage == Stage::Sealed || stage == Stage::Init;
}

constexpr unsigned int count(Stage stage)
{
	unsigned int found = 0;
	for (const Entry &entry : kTable)
		found += holds(entry, stage);
	return found;
}

static_assert(count(Stage::Sealed) <= kMaxSealedSyscalls);

struct ConditionText {
	Condition condition;
	const char *text;
};

constexpr ConditionText kConditionTexts[] = {
	{ Condition::None, "" },
	{ Condition::NotExecutable, "never executable memory" },
	{ Condition::NotWritable, "executable memory that is never writable" },
	{ Condition::LogOnly, "to descriptor 2 only" },
	{ Condition::DescriptorState, "F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_GET_SEALS" },
	{ Condition::ReadOnly, "O_RDONLY, without O_CREAT and O_TRUNC" },
	{ Condition::ThreadOnly, "with CLONE_VM, CLONE_THREAD and CLONE_SIGHAND, no namespace" },
	{ Condition::ReadLimit, "reading only" },
	{ Condition::Absent, "answered with ENOSYS" },
};

const char *textOf(Condition condition)
{
	for (const ConditionText &entry : kConditionTexts) {
		if (entry.condition == condition)
			return entry.text;
	}

	return "";
}

using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, decltype(&seccomp_release)>;

/* Alternatives; within one all comparisons must hold. */
using Alternatives = std::vector<std::vector<scmp_arg_cmp>>;

Alternatives alternatives(Condition condition)
{
	constexpr scmp_datum_t kThread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
	constexpr scmp_datum_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
					     CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS |
					     CLONE_NEWCGROUP;

	switch (condition) {
	case Condition::NotExecutable:
		return { { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } };
	case Condition::NotWritable:
		return { { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, 0) } };
	case Condition::LogOnly:
		return { { SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO) } };
	case Condition::DescriptorState:
		return { { SCMP_A1(SCMP_CMP_EQ, F_DUPFD_CLOEXEC) },
			 { SCMP_A1(SCMP_CMP_EQ, F_GETFD) },
			 { SCMP_A1(SCMP_CMP_EQ, F_SETFD) },
			 { SCMP_A1(SCMP_CMP_EQ, F_GETFL) },
			 { SCMP_A1(SCMP_CMP_EQ, F_GET_SEALS) } };
	case Condition::ThreadOnly:
		return { { SCMP_A0(SCMP_CMP_MASKED_EQ, kThread | kNamespaces, kThread) } };
	case Condition::ReadLimit:
		return { { SCMP_A2(SCMP_CMP_EQ, 0) } };
	default:
		return { {} };
	}
}

/* open(path, flags) and openat(folder, path, flags). */
Alternatives readOnly(std::string_view name)
{
	constexpr scmp_datum_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC;

	if (name == "open")
		return { { SCMP_A1(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY) } };
	return { { SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, O_RDONLY) } };
}

int addEntry(scmp_filter_ctx filter, const Entry &entry)
{
	const int number = seccomp_syscall_resolve_name(entry.name);
	if (number < 0)
		/* Not every call exists on every processor. */
		return 0;

	if (entry.condition == Condition::Absent)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);

	const Alternatives rules = entry.condition == Condition::ReadOnly
					   ? readOnly(entry.name)
					   : alternatives(entry.condition);
	for (const std::vector<scmp_arg_cmp> &rule : rules) {
		const int ret = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number,
						       rule.size(), rule.data());
		if (ret)
			return ret;
	}

	return 0;
}

int load(scmp_filter_ctx filter, Stage stage)
{
	/* Threads that the module has started get the filter as well. */
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (ret)
		return ret;

	/* The process has given up new privileges; it need not be asked again. */
	ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	if (ret)
		return ret;

	/* Calls by the numbers of another processor mode are an attack. */
	ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (ret)
		return ret;

	for (const Entry &entry : kTable) {
		if (!holds(entry, stage))
			continue;
		ret = addEntry(filter, entry);
		if (ret)
			return ret;
	}

	return seccomp_load(filter);
}

} /* namespace */

/**
 * \enum Stage
 * \brief The worker's life
 *
 * \var Stage::Init
 * \brief The module is loaded and init() runs
 * \var Stage::Sealed
 * \brief init() has returned
 */

/**
 * \brief Number of system calls that a stage has
 */
unsigned int countSyscalls(Stage stage)
{
	return count(stage);
}

/**
 * \brief Print the table of system calls as Markdown
 */
void listSyscalls(FILE *stream)
{
	for (Stage stage : { Stage::Sealed, Stage::Init }) {
		fprintf(stream, "| %s | condition | reason |\n|---|---|---|\n",
			stage == Stage::Sealed ? "always" : "until init() returns");
		for (const Entry &entry : kTable) {
			if (entry.stage == stage)
				fprintf(stream, "| `%s` | %s | %s |\n", entry.name,
					textOf(entry.condition), entry.reason);
		}
		fprintf(stream, "\n");
	}
}

/**
 * \brief Allow only the system calls of a stage, for this process and for ever
 * \param[in] stage The stage
 * \param[out] missing Gets an entry if the filter cannot be had
 *
 * Every other call fails with EPERM. The process must have given up new
 * privileges.
 */
void restrictSyscalls(Stage stage, MissingLayers *missing)
{
	const Filter filter{ seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release };
	const int ret = filter ? load(filter.get(), stage) : -ENOMEM;
	if (ret)
		missing->push_back({ kLayer, std::string("loading the filter: ") + strerror(-ret),
				     "run a kernel with CONFIG_SECCOMP_FILTER, in a container "
				     "that allows seccomp()" });
}

} /* namespace fovea::sandbox */
