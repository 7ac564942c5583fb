/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Log of ioctls and opened device nodes
 */

#pragma once

namespace fovea::preload::trace {

bool enabled();

void opened(const char *path, int flags, int fd, int error);

/* Is \a request an ioctl of the kernel's media interfaces? */
bool isStandard(unsigned long request);

/* \a fd was the target of an ioctl with the result \a ret, of the node \a name. */
void ioctl(int fd, const char *name, unsigned long request, int ret, int error);

} /* namespace fovea::preload::trace */
