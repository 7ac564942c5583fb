/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The application's memory, behind pointers that may be wrong
 */

#pragma once

#include <stddef.h>

namespace fovea::preload {

/* Copy \a size bytes from the application's \a address. 0 or -EFAULT. */
int copyFromUser(void *to, const void *address, size_t size);

/* Copy \a size bytes to the application's \a address. 0 or -EFAULT. */
int copyToUser(void *address, const void *from, size_t size);

} /* namespace fovea::preload */
