/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What of the worker's log reaches the application's
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string>
#include <string_view>

namespace fovea::sandbox {

class LogFilter
{
public:
	std::string accept(std::string_view text, uint64_t milliseconds);

private:
	void refill(uint64_t milliseconds);
	void filter(char character, std::string *accepted);
	bool continueEscape(char character, std::string *accepted);

	size_t budget_ = kBurst;
	uint64_t refilled_ = 0;
	size_t dropped_ = 0;
	std::string escape_;

	static constexpr size_t kBurst = 256 * 1024;
	static constexpr size_t kBytesPerMillisecond = 64;
	static constexpr size_t kLongestEscape = 32;
};

} /* namespace fovea::sandbox */
