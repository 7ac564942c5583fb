/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the environment tells the library
 */

#pragma once

#include <limits.h>
#include <stddef.h>

namespace fovea::preload {

struct Environment {
	bool active;			/* FOVEA_SOCKET and FOVEA_SYSFS are set */
	char socket[PATH_MAX];		/* FOVEA_SOCKET */
	char tree[PATH_MAX];		/* FOVEA_SYSFS, without symbolic links */
	size_t treeLength;
	char trace[PATH_MAX];		/* FOVEA_TRACE, empty: none */
};

/* As it was when the library was first used. */
const Environment &environment();

} /* namespace fovea::preload */
