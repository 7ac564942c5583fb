/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The functions of libudev behind the wrappers
 */

#include "udev.h"

#include <atomic>
#include <dlfcn.h>

namespace fovea::preload::udev {

namespace {

RealUdev functions;
std::atomic<bool> resolved;

/*
 * libudev may be a dependency of a plugin, out of sight of the next object in the
 * search order, but it is loaded if anybody calls it.
 */
void *find(const char *name, void *library)
{
	void *symbol = dlsym(RTLD_NEXT, name);
	return symbol || !library ? symbol : dlsym(library, name);
}

} /* namespace */

const RealUdev &realUdev()
{
	if (resolved.load(std::memory_order_acquire))
		return functions;

	void *library = dlopen("libudev.so.1", RTLD_LAZY | RTLD_NOLOAD);
#define FOVEA_RESOLVE(name) \
	functions.name = reinterpret_cast<decltype(functions.name)>(find(#name, library));
	FOVEA_UDEV_WRAPPED(FOVEA_RESOLVE)
#undef FOVEA_RESOLVE
	resolved.store(functions.udev_ref != nullptr, std::memory_order_release);

	return functions;
}

} /* namespace fovea::preload::udev */
