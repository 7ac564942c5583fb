/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which process this is
 *
 * Children come about by fork(), by clone3() behind the C library's back, and by
 * vfork(). A page that the kernel wipes in children tells the first two from the
 * last one.
 */

#include "process.h"

#include <atomic>

#include "real.h"

namespace fovea::preload {

namespace {

struct Identity {
	std::atomic<uint32_t> generation;
	std::atomic<pid_t> pid;
};

std::atomic<Identity *> page;
std::atomic<uint32_t> lastGeneration;

Identity *identity()
{
	Identity *current = page.load(std::memory_order_acquire);
	if (current)
		return current;

	const size_t size = sysconf(_SC_PAGESIZE);
	void *memory = real().mmap(nullptr, size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return nullptr;
	madvise(memory, size, MADV_WIPEONFORK);

	auto *fresh = static_cast<Identity *>(memory);
	if (page.compare_exchange_strong(current, fresh))
		return fresh;
	munmap(memory, size);
	return current;
}

/* Before there are children. */
[[gnu::constructor]] void start()
{
	processGeneration();
}

} /* namespace */

uint32_t processGeneration()
{
	Identity *self = identity();
	if (!self)
		return 0;

	uint32_t current = self->generation.load();
	if (current)
		return current;

	const uint32_t fresh = lastGeneration.fetch_add(1) + 1;
	if (!self->generation.compare_exchange_strong(current, fresh))
		return current;
	self->pid.store(getpid());
	return fresh;
}

bool borrowsMemory()
{
	Identity *self = identity();
	if (!self || !self->generation.load())
		return false;

	const pid_t pid = self->pid.load();
	return pid && pid != getpid();
}

} /* namespace fovea::preload */
