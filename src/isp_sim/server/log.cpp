/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages of fovea-hw to its standard error
 */

#include "log.h"

#include <array>
#include <atomic>
#include <string.h>
#include <unistd.h>

namespace fovea::server {

namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {
	"error", "warning", "info", "debug"
};

std::atomic<LogLevel> maxLevel{ LogLevel::Warning };

} /* namespace */

/* Leave out messages less important than \a level. Warning is the default. */
void setLogLevel(LogLevel level)
{
	maxLevel = level;
}

/* "error", "warning", "info" or "debug". Returns false for another \a name. */
bool parseLogLevel(std::string_view name, LogLevel *level)
{
	for (size_t i = 0; i < kLevelNames.size(); i++) {
		if (kLevelNames[i] == name) {
			*level = static_cast<LogLevel>(i);
			return true;
		}
	}

	return false;
}

/* One line, written at once: the programs of a run share standard error. */
void log(LogLevel level, const std::string &message)
{
	if (level > maxLevel)
		return;

	std::string line = "fovea-hw: ";
	line += kLevelNames[static_cast<size_t>(level)];
	line += ": ";
	line += message;
	line += '\n';

	/* There is nobody to tell that standard error is gone. */
	[[maybe_unused]] ssize_t ret = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string errorText(std::string_view what, int error)
{
	std::string text(what);
	text += ": ";
	text += strerrordesc_np(error) ?: "unknown error";
	return text;
}

} /* namespace fovea::server */
