/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Namespaces of the worker
 */

#pragma once

#include "layer.h"

namespace fovea::sandbox {

/* Which namespaces the process has of its own. */
struct Namespaces {
	bool user = false;
	bool mount = false;
	bool pid = false;

	static Namespaces enter(MissingLayers *missing);
};

} /* namespace fovea::sandbox */
