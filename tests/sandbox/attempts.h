/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a module in the cage must not be able to do
 */

#pragma once

#include <span>

namespace fovea::test {

/* Returns 0 if it succeeds, or a negative error code. */
struct Attempt {
	const char *name;
	int (*run)();
};

std::span<const Attempt> attempts();

} /* namespace fovea::test */
