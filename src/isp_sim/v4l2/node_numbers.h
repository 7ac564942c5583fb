/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Numbers of device nodes
 */

#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>

namespace fovea::v4l2 {

/* The numbers of one node: 81:minor, and "video" + index below /dev. */
struct NodeNumber {
	unsigned int minor;
	unsigned int index;
};

class NodeNumbers
{
public:
	NodeNumbers();

	std::shared_ptr<const NodeNumber> allocate(unsigned int major,
						   const std::string &base);

private:
	struct Pool {
		std::set<std::pair<unsigned int, unsigned int>> minors;
		std::set<std::pair<std::string, unsigned int>> indices;
	};

	std::shared_ptr<Pool> pool_;
};

} /* namespace fovea::v4l2 */
