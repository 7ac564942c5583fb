/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which paths are those of the virtual hardware
 */

#pragma once

#include <limits.h>
#include <sys/types.h>

namespace fovea::preload {

/* Where a path of the application leads. */
struct Target {
	enum Kind {
		Real,		/* to the real machine: nothing to do */
		Device,		/* to the node `name` of the virtual hardware */
		Redirected,	/* to `path`, in the server's tree */
		Hidden,		/* to a real video device, which must not be seen */
	};

	Kind kind = Real;
	const char *name = nullptr;	/* "video0", in `buffer` */
	const char *path = nullptr;	/* in `buffer`; of a Device: its file in nodes/ */
	char buffer[PATH_MAX];
};

/* Find out about \a path, relative to \a dirfd. Keeps errno. */
void resolve(int dirfd, const char *path, Target *target);

/* The device number of the node with the file \a path in nodes/, 0 if none. */
dev_t deviceNumber(const char *path);

/* The path of \a name in nodes/. Returns false when it is too long. */
bool nodePath(const char *name, char (&path)[PATH_MAX]);

/*
 * Replace a path in the server's tree by the one that the application knows.
 * The result is never longer.
 */
void mapBack(char *path);

} /* namespace fovea::preload */
