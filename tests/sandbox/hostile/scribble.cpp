/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Scribbles over every shared buffer, without end from a thread, and reports
 * parameters of every size
 */

#include <thread>

#include "hostile.h"

namespace {

class Scribble : public hostile::Module
{
public:
	void at(const char *callback) override
	{
		/* Threads can be started until init() returns. */
		if (!strcmp(callback, "init"))
			std::thread([this] { scribble(); }).detach();
	}

	void computeParams(uint32_t frame, uint32_t) override
	{
		constexpr uint32_t kSizes[] = { 0, 7, 8, 0x1000, 0x7fffffff, 0xffffffff };
		paramsComputed.emit(frame, kSizes[frame % std::size(kSizes)]);
	}

private:
	void scribble()
	{
		for (unsigned char value = 0;; value++) {
			for (const auto &[id, memory] : std::map(buffers_))
				memset(memory.first, value, memory.second);
			std::this_thread::yield();
		}
	}
};

} /* namespace */

HOSTILE_MODULE(Scribble)
