/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The cage of the IPA worker
 */

#include "cage.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "capabilities.h"
#include "landlock.h"
#include "libraries.h"
#include "resource_limits.h"

/* Since Linux 6.3; not in the headers of the distribution. */
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/**
 * \file cage.h
 * \brief The cage of the IPA worker
 */

#if FOVEA_SANITIZED
/*
 * LeakSanitizer looks at the process with a second one and ptrace(), which the
 * cage is there to forbid. Leaks are looked for where the module runs uncaged.
 */
extern "C" int __lsan_is_turned_off();

extern "C" int __lsan_is_turned_off()
{
	return 1;
}
#endif

namespace fovea::sandbox {

namespace {

/* What the launcher has put up before this program began. */
void checkLauncher(MissingLayers *missing)
{
	constexpr const char *kRemedy = "start the worker with fovea_ipa_cage";

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		missing->push_back({ "no_new_privs", "it is not set", kRemedy });
	if (hasCapabilities())
		missing->push_back({ "no capabilities", "there are some", kRemedy });
	if (getpid() != 1)
		missing->push_back({ "PID namespace", "the worker is not the first process of one",
				     kRemedy });
}

std::vector<std::string> readableFiles(const CagePolicy &policy)
{
	const char *libraryPath = getenv("LD_LIBRARY_PATH");
	std::vector<std::string> files = filesToLoad({ policy.module },
						     libraryPath ? libraryPath : "");
	if (!policy.tuning.empty())
		files.push_back(policy.tuning);

	/* The sanitizers' runtime looks at the process's own maps. */
	if (kSanitized)
		files.push_back("/proc");

	return files;
}

} /* namespace */

/**
 * \class Cage
 * \brief The layers that the worker puts up around itself
 *
 * The launcher has done what must happen before the dynamic loader runs:
 * namespaces, root, limits, environment and descriptors. The cage adds what must
 * happen between the worker's own start and the vendor's code. docs/sandbox.md
 * tells of all of them.
 *
 * The worker calls enter() before it loads the module, and seal() when the
 * module's init() has returned. Threads that the module wants are started before
 * that or not at all.
 */

/**
 * \brief Construct an open cage
 * \param[in] policy What the module may use
 */
Cage::Cage(const CagePolicy &policy)
	: policy_(policy)
{
}

/**
 * \brief Close the cage as far as loading a module and its init() allow
 *
 * From here on only the module, its libraries and its tuning data can be read,
 * no memory becomes executable, and the system calls are those of Stage::Init.
 * The process must have a single thread.
 *
 * \return 0, or -EPERM if a layer is missing and the module must not run; the
 * log names the layer and the remedy
 */
int Cage::enter()
{
	MissingLayers missing;

	checkLauncher(&missing);

	/* Landlock and seccomp ask for it; the launcher has done it already. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	restrictToFiles(readableFiles(policy_), &missing);

	/* Where the kernel has it; the system calls' conditions hold everywhere. */
	prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);

	restrictSyscalls(Stage::Init, &missing);

	return judge(missing, policy_.module, policy_.relaxed);
}

/**
 * \brief Close the cage
 *
 * From here on no file can be opened and the system calls are those of
 * Stage::Sealed, for all threads of the process.
 *
 * \return 0, or -EPERM if a layer is missing and the module must not run
 */
int Cage::seal()
{
	MissingLayers missing;

	/* A sanitizer's report reads the process's maps. */
	if (!kSanitized)
		restrictToFiles({}, &missing);

	restrictSyscalls(Stage::Sealed, &missing);

	return judge(missing, policy_.module, policy_.relaxed);
}

} /* namespace fovea::sandbox */
