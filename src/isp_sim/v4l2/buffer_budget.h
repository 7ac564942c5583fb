/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * How much memory buffers may take
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fovea::v4l2 {

class BufferBudget
{
public:
	explicit BufferBudget(uint64_t limit, BufferBudget *parent = nullptr);

	/* What all queues of the process share, and the share of one queue. */
	static BufferBudget &process();
	static BufferBudget forQueue();

	void setLimit(uint64_t limit) { limit_ = limit; }

	bool take(size_t bytes);
	void give(size_t bytes);

private:
	uint64_t limit_;
	uint64_t used_ = 0;
	BufferBudget *parent_;
};

} /* namespace fovea::v4l2 */
