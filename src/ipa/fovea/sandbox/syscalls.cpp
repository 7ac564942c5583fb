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
#include <utility>
#include <vector>

#include <seccomp.h>

#include "resource_limits.h"

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
	Row row;
	const char *name;
	Condition condition;
	const char *reason;
};

/* The table. docs/sandbox.md repeats it; a test compares. */
constexpr Entry kTable[] = {
	{ Row::Always, "recvmsg", Condition::None, "messages of the pipeline handler, with the descriptors of buffers" },
	{ Row::Always, "sendmsg", Condition::None, "replies and events to the pipeline handler" },
	{ Row::Always, "poll", Condition::None, "waiting for a message" },
	{ Row::Always, "ppoll", Condition::None, "waiting for a message, and poll() where it is not a call of its own" },
	{ Row::Always, "write", Condition::LogOnly, "the log" },
	{ Row::Always, "close", Condition::None, "descriptors of buffers that are mapped or refused" },
	{ Row::Always, "fcntl", Condition::DescriptorState, "libcamera's SharedFD copies descriptors" },
	{ Row::Always, "lseek", Condition::None, "the size of a buffer's file" },
	{ Row::Always, "mmap", Condition::NotExecutable, "buffers, and the allocator's large blocks" },
	{ Row::Always, "munmap", Condition::None, "buffers, and the allocator's large blocks" },
	{ Row::Always, "mremap", Condition::None, "growing a large block" },
	{ Row::Always, "mprotect", Condition::NotExecutable, "growing the heap of a thread" },
	{ Row::Always, "brk", Condition::None, "growing the heap" },
	{ Row::Always, "madvise", Condition::None, "giving back free memory" },
	{ Row::Always, "futex", Condition::None, "locks" },
	{ Row::Always, "clock_gettime", Condition::None, "time, where the kernel has no faster way to it" },
	{ Row::Always, "clock_nanosleep", Condition::None, "sleeping" },
	{ Row::Always, "sched_yield", Condition::None, "waiting for a thread of the module" },
	{ Row::Always, "getrandom", Condition::None, "seeds of hash tables and generators" },
	{ Row::Always, "rt_sigprocmask", Condition::None, "abort(), and threads that end" },
	{ Row::Always, "rt_sigreturn", Condition::None, "returning from a signal" },
	{ Row::Always, "restart_syscall", Condition::None, "going on after having been stopped" },
	{ Row::Always, "rseq", Condition::None, "the start of a thread, which may come after init() has returned" },
	{ Row::Always, "exit", Condition::None, "the end of a thread" },
	{ Row::Always, "exit_group", Condition::None, "the end of the worker" },

	{ Row::Init, "openat", Condition::ReadOnly, "the module, its libraries, its tuning data" },
	{ Row::Init, "open", Condition::ReadOnly, "the same, by older libraries" },
	{ Row::Init, "read", Condition::None, "the content of files" },
	{ Row::Init, "pread64", Condition::None, "the headers of files" },
	{ Row::Init, "readv", Condition::None, "the content of files" },
	{ Row::Init, "getdents64", Condition::None, "listing the tuning folder" },
	{ Row::Init, "fstat", Condition::None, "sizes of files" },
	{ Row::Init, "newfstatat", Condition::None, "sizes of files, whether they are there" },
	{ Row::Init, "statx", Condition::None, "sizes of files, whether they are there" },
	{ Row::Init, "access", Condition::None, "whether a file is there" },
	{ Row::Init, "faccessat", Condition::None, "whether a file is there" },
	{ Row::Init, "faccessat2", Condition::None, "whether a file is there" },
	{ Row::Init, "readlink", Condition::None, "resolving a path" },
	{ Row::Init, "readlinkat", Condition::None, "resolving a path" },
	{ Row::Init, "getcwd", Condition::None, "resolving a path" },
	{ Row::Init, "mmap", Condition::NotWritable, "loading the module's code" },
	{ Row::Init, "clone", Condition::ThreadOnly, "the module's threads" },
	{ Row::Init, "clone3", Condition::Absent, "its flags cannot be seen, so it does not exist" },
	{ Row::Init, "set_robust_list", Condition::None, "starting a thread" },
	{ Row::Init, "sched_getaffinity", Condition::None, "how many threads are useful" },
	{ Row::Init, "prlimit64", Condition::ReadLimit, "the size of a thread's stack" },
	{ Row::Init, "rt_sigaction", Condition::None, "handlers of the module's own faults" },
	{ Row::Init, "sigaltstack", Condition::None, "the stack of such a handler" },
	{ Row::Init, "getpid", Condition::None, "names in the log" },
	{ Row::Init, "gettid", Condition::None, "names of threads in the log" },
	{ Row::Init, "uname", Condition::None, "which machine this is" },
	{ Row::Init, "landlock_create_ruleset", Condition::None, "sealing" },
	{ Row::Init, "landlock_restrict_self", Condition::None, "sealing" },
	{ Row::Init, "seccomp", Condition::None, "sealing" },

	{ Row::Sanitizer, "sigaltstack", Condition::None, "finding the stack when an exception passes" },
	{ Row::Sanitizer, "openat", Condition::ReadOnly, "the process's maps, for a report" },
	{ Row::Sanitizer, "read", Condition::None, "the process's maps, for a report" },
	{ Row::Sanitizer, "pipe", Condition::None, "asking the kernel whether memory can be read" },
	{ Row::Sanitizer, "pipe2", Condition::None, "asking the kernel whether memory can be read" },
	{ Row::Sanitizer, "write", Condition::None, "asking the kernel whether memory can be read" },
	{ Row::Sanitizer, "readlink", Condition::None, "the program's name, for a report" },
	{ Row::Sanitizer, "getpid", Condition::None, "the process's number, for a report" },
	{ Row::Sanitizer, "gettid", Condition::None, "the thread's number, for a report" },
};

bool holds(const Entry &entry, Stage stage)
{
	switch (entry.row) {
	case Row::Always:
		return true;
	case Row::Init:
		return stage == Stage::Init;
	case Row::Sanitizer:
		return kSanitized;
	}

	return false;
}

constexpr unsigned int count(Row row)
{
	unsigned int found = 0;
	for (const Entry &entry : kTable)
		found += entry.row == row;
	return found;
}

static_assert(count(Row::Always) <= kMaxSealedSyscalls);

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
 * \enum Row
 * \brief When a row of the table holds
 *
 * \var Row::Always
 * \brief Both before and after sealing
 * \var Row::Init
 * \brief Until the cage is sealed
 * \var Row::Sanitizer
 * \brief Before and after, if the worker is built with a sanitizer
 */

/**
 * \brief Number of rows in the table
 */
unsigned int countSyscalls(Row row)
{
	return count(row);
}

/**
 * \brief Print the table of system calls as Markdown
 */
void listSyscalls(FILE *stream)
{
	constexpr std::pair<Row, const char *> kTitles[] = {
		{ Row::Always, "always" },
		{ Row::Init, "until `init()` returns" },
		{ Row::Sanitizer, "with a sanitizer" },
	};

	for (const auto &[row, title] : kTitles) {
		fprintf(stream, "| %s | condition | reason |\n|---|---|---|\n", title);
		for (const Entry &entry : kTable) {
			if (entry.row == row)
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
