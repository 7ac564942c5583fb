/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Tries every way out of the cage, while loading, in init() and in mid-stream,
 * and logs what comes of it
 */

#include <stdio.h>

#include "../attempts.h"
#include "hostile.h"

namespace {

void tryAll(const char *when)
{
	for (const fovea::test::Attempt &attempt : fovea::test::attempts()) {
		const int ret = attempt.run();
		fprintf(stderr, "hostile: %s: %s: %s\n", when, attempt.name,
			ret ? strerrorname_np(-ret) : "SUCCESS");
	}
}

class Escape : public hostile::Module
{
public:
	Escape() { tryAll("loading"); }

	void at(const char *callback) override
	{
		if (!strcmp(callback, "init") || !strcmp(callback, "start"))
			tryAll(callback);
	}

	void atFrame(uint32_t frame, uint32_t) override
	{
		if (frame == hostile::kFrame)
			tryAll("frame");
	}
};

} /* namespace */

HOSTILE_MODULE(Escape)
