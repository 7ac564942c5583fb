/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Numbers of device nodes
 */

#include "node_numbers.h"

namespace fovea::v4l2 {

namespace {

/* The first free number of \a set for \a key. */
template<typename Set, typename Key>
unsigned int firstFree(const Set &set, const Key &key)
{
	unsigned int number = 0;
	while (set.contains({ key, number }))
		number++;
	return number;
}

} /* namespace */

/**
 * \class NodeNumbers
 * \brief The minor numbers and names that the nodes of one machine have
 *
 * As in the kernel a node gets the lowest numbers that are free, and keeps them
 * until it is unregistered and its last open file is closed: a device that is
 * plugged in again gets new names while a client still holds the old ones.
 */

NodeNumbers::NodeNumbers()
	: pool_(std::make_shared<Pool>())
{
}

/**
 * \brief Take the numbers of a node
 * \param[in] major The major number, whose minor numbers are counted
 * \param[in] base The name without its number ("video")
 * \return The numbers; they are free again when the last reference goes
 */
std::shared_ptr<const NodeNumber> NodeNumbers::allocate(unsigned int major,
							const std::string &base)
{
	const NodeNumber number{ firstFree(pool_->minors, major), firstFree(pool_->indices, base) };
	pool_->minors.insert({ major, number.minor });
	pool_->indices.insert({ base, number.index });

	return { new NodeNumber(number), [pool = pool_, major, base](const NodeNumber *n) {
			pool->minors.erase({ major, n->minor });
			pool->indices.erase({ base, n->index });
			delete n;
		} };
}

} /* namespace fovea::v4l2 */
