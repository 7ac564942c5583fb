/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Definition of wrappers
 */

#pragma once

#include <errno.h>

/* What takes the place of a function of the C library. */
#define FOVEA_EXPORT extern "C" [[gnu::visibility("default")]]

namespace fovea::preload {

/* The C library's way to report the negative error code \a result. */
inline int returned(int result)
{
	if (result >= 0)
		return result;

	errno = -result;
	return -1;
}

} /* namespace fovea::preload */
