/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the environment tells the library
 */

#include "environment.h"

#include <atomic>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "real.h"

namespace fovea::preload {

namespace {

Environment values;
std::atomic<bool> known;

void copy(char *to, const char *name)
{
	const char *value = secure_getenv(name);
	if (value && strlen(value) < PATH_MAX)
		strcpy(to, value);
}

void read()
{
	char tree[PATH_MAX] = "";

	copy(values.socket, "FOVEA_SOCKET");
	copy(tree, "FOVEA_SYSFS");
	copy(values.trace, "FOVEA_TRACE");

	/* Results of realpath() are mapped back by their prefix. */
	if (!*tree || !real().realpath(tree, values.tree))
		strcpy(values.tree, tree);
	values.treeLength = strlen(values.tree);

	values.active = *values.socket && *values.tree;
}

} /* namespace */

const Environment &environment()
{
	if (!known.load(std::memory_order_acquire)) [[unlikely]] {
		const int savedErrno = errno;
		read();
		known.store(true, std::memory_order_release);
		errno = savedErrno;
	}

	return values;
}

namespace {

/*
 * Before main() and before there are threads: what is resolved and read here
 * needs no lock in a child that is cloned later.
 */
[[gnu::constructor]] void start()
{
	real();
	environment();
}

} /* namespace */

} /* namespace fovea::preload */
