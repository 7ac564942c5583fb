/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Environment of the IPA worker
 */

#include "environment.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fovea::sandbox {

namespace {

/*
 * What the worker may inherit. Everything else is dropped, above all
 * LD_PRELOAD and the variables that name the server of the virtual hardware:
 * an IPA has no business with devices. The launcher sets LD_LIBRARY_PATH anew.
 */
constexpr std::array<std::string_view, 8> kAllowed{
	"ASAN_OPTIONS",
	"LANG",
	"LC_ALL",
	"LIBCAMERA_LOG_LEVELS",
	"LIBCAMERA_LOG_NO_COLOR",
	"PATH",
	"TSAN_OPTIONS",
	"UBSAN_OPTIONS",
};

} /* namespace */

/**
 * \brief Select the variables that the worker gets
 * \param[in] environment Null-terminated array of "NAME=value" strings
 *
 * \return Null-terminated array of pointers into \a environment
 */
std::vector<char *> workerEnvironment(char **environment)
{
	std::vector<char *> selected;

	for (char **variable = environment; *variable; variable++) {
		std::string_view entry{ *variable };
		std::string_view name = entry.substr(0, entry.find('='));

		if (std::find(kAllowed.begin(), kAllowed.end(), name) != kAllowed.end())
			selected.push_back(*variable);
	}

	selected.push_back(nullptr);

	return selected;
}

} /* namespace fovea::sandbox */
