/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * How much memory buffers may take
 */

#include "buffer_budget.h"

#include <algorithm>
#include <unistd.h>

namespace fovea::v4l2 {

namespace {

/* More than four nodes with 32 buffers of 8 megapixels take. */
constexpr uint64_t kMostForAll = uint64_t{ 4 } << 30;

/* Of the machine's memory, where that is less. */
constexpr unsigned int kShareOfMachine = 4;

uint64_t limitOfProcess()
{
	const uint64_t memory = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
				static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
	return std::min(kMostForAll, memory / kShareOfMachine);
}

} /* namespace */

/**
 * \class BufferBudget
 * \brief An account of buffer memory with a limit, below another such account
 *
 * A driver's buffers come out of a pool of limited size (CMA); those of the
 * virtual hardware would come out of all the memory of the machine, and be as
 * large and as many as an application asks for. Accounts are used in the event
 * loop's thread only.
 */

/** \brief An account for \a limit bytes, that are taken from \a parent too */
BufferBudget::BufferBudget(uint64_t limit, BufferBudget *parent)
	: limit_(limit), parent_(parent)
{
}

/** \brief The account of all queues: 4 GiB, or a quarter of a small machine */
BufferBudget &BufferBudget::process()
{
	static BufferBudget budget(limitOfProcess());
	return budget;
}

/** \brief An account for one queue: half of what there is for all */
BufferBudget BufferBudget::forQueue()
{
	return BufferBudget(process().limit_ / 2, &process());
}

/** \brief Take \a bytes; false, and nothing is taken, where they are not left */
bool BufferBudget::take(size_t bytes)
{
	if (used_ > limit_ || bytes > limit_ - used_ || (parent_ && !parent_->take(bytes)))
		return false;

	used_ += bytes;
	return true;
}

/** \brief Give back \a bytes that were taken */
void BufferBudget::give(size_t bytes)
{
	used_ -= bytes;
	if (parent_)
		parent_->give(bytes);
}

} /* namespace fovea::v4l2 */
