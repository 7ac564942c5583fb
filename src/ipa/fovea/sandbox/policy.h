/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the worker of one IPA module may use
 */

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace fovea::sandbox {

struct CagePolicy {
	std::string module;
	std::string tuning;
	int socket = -1;
	bool relaxed = false;

	static std::optional<CagePolicy> fromArguments(int argc, char **argv);
	std::vector<std::string> toArguments(const std::string &program) const;
};

} /* namespace fovea::sandbox */
