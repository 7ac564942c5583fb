/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages of fovea-hw to its standard error
 */

#pragma once

#include <string>
#include <string_view>

namespace fovea::server {

enum class LogLevel {
	Error,
	Warning,
	Info,
	Debug,
};

void setLogLevel(LogLevel level);
bool parseLogLevel(std::string_view name, LogLevel *level);
void log(LogLevel level, const std::string &message);

/* "connect: No such file or directory", for the errno value \a error. */
std::string errorText(std::string_view what, int error);

} /* namespace fovea::server */
