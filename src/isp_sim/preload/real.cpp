/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The C library's functions behind the wrappers
 */

#include "real.h"

#include <atomic>
#include <dlfcn.h>

namespace fovea::preload {

namespace {

RealFunctions functions;
std::atomic<bool> resolved;

/*
 * All at once, never on demand: a child that was cloned while another thread
 * held the dynamic linker's lock can close descriptors, but not call dlsym().
 * Two threads may do this at the same time, with the same outcome.
 */
void resolve()
{
#define FOVEA_RESOLVE(name) \
	functions.name = reinterpret_cast<decltype(functions.name)>(dlsym(RTLD_NEXT, #name));
	FOVEA_WRAPPED(FOVEA_RESOLVE)
#undef FOVEA_RESOLVE
	resolved.store(true, std::memory_order_release);
}

} /* namespace */

const RealFunctions &real()
{
	if (!resolved.load(std::memory_order_acquire)) [[unlikely]]
		resolve();

	return functions;
}

} /* namespace fovea::preload */
