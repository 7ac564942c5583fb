/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Allocates and touches memory without end
 */

#include <vector>

#include "hostile.h"

namespace {

class Allocate : public hostile::Module
{
public:
	void atFrame(uint32_t frame, uint32_t) override
	{
		std::vector<std::vector<char>> blocks;
		while (frame == hostile::kFrame)
			blocks.emplace_back(16 << 20, 1);
	}
};

} /* namespace */

HOSTILE_MODULE(Allocate)
