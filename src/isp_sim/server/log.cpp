/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages of fovea-hw to its standard error
 */

#include "log.h"

#include <array>
#include <atomic>
#include <mutex>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utility>

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

namespace {

/*
 * Clients can cause warnings; what they can fill with them is bounded to so many
 * lines a second. Returns false for one too many, else \a left, the
 * number of those left out before.
 */
constexpr unsigned int kMaxWarnings = 20;

bool isDue(LogLevel level, unsigned int *left)
{
	static std::mutex mutex;
	static time_t second;
	static unsigned int count, leftOut;

	*left = 0;
	if (level != LogLevel::Warning)
		return true;

	timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	std::lock_guard lock(mutex);
	if (now.tv_sec != second) {
		second = now.tv_sec;
		count = 0;
	}
	if (count++ >= kMaxWarnings) {
		leftOut++;
		return false;
	}

	*left = std::exchange(leftOut, 0);
	return true;
}

} /* namespace */

/* One line, written at once: the programs of a run share standard error. */
void log(LogLevel level, const std::string &message)
{
	unsigned int left;
	if (level > maxLevel || !isDue(level, &left))
		return;

	std::string line;
	if (left)
		line += "fovea-hw: warning: " + std::to_string(left) + " warnings left out\n";
	line += "fovea-hw: ";
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
