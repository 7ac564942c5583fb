/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Calls to fovea-hw
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fovea::preload {

struct File;

namespace client {

/*
 * All functions return the result of the call, or a negative error code:
 * -ENODEV when there is no server any more.
 */

/* Open the node \a name. \a fd has close-on-exec as \a flags say. */
int open(const char *name, int flags, int *fd);

/* Learn about \a file, of which \a fd is a carrier. Without a server it stays empty. */
int attach(File *file, int fd);

/* An ioctl as the kernel would see it; it never waits. */
int ioctl(File *file, unsigned long request, void *arg);

/* The memory behind an offset; \a fd is the caller's. */
int mapMemory(File *file, uint64_t offset, uint64_t length, int *fd, uint64_t *fdOffset);

/*
 * A hidden connection on which the server tells what comes and goes, see
 * transport::kOpMonitor; the caller closes it by closeHidden().
 */
int monitor();

/* The connection \a fd is no longer ours. */
void abandon(int fd);

} /* namespace client */

} /* namespace fovea::preload */
