/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What of the worker's log reaches the application's
 */

#include "log_filter.h"

#include <algorithm>

/**
 * \file log_filter.h
 * \brief What of the worker's log reaches the application's
 */

namespace fovea::sandbox {

/**
 * \class LogFilter
 * \brief Bounds the worker's log and takes away what acts on a terminal
 *
 * The log may be a terminal, or a file on a disk that can be full: the worker
 * gets 256 KiB at once and 64 KiB a second in the long run. Of control sequences
 * only those that set colours pass, as libcamera's log has them.
 */

void LogFilter::refill(uint64_t milliseconds)
{
	const uint64_t elapsed = milliseconds - std::min(refilled_, milliseconds);
	budget_ = std::min<uint64_t>(kBurst, budget_ + elapsed * kBytesPerMillisecond);
	refilled_ = milliseconds;
}

/*
 * Collect "ESC [ digits ; m", which passes when it is whole. Returns false for a
 * character that does not belong to it: what has been collected is lost.
 */
bool LogFilter::continueEscape(char character, std::string *accepted)
{
	const bool digit = (character >= '0' && character <= '9') || character == ';';
	const bool valid = escape_.size() == 1 ? character == '['
					       : digit || character == 'm';
	if (!valid || escape_.size() >= kLongestEscape) {
		escape_.clear();
		*accepted += '?';
		return false;
	}

	escape_ += character;
	if (character == 'm') {
		*accepted += escape_;
		escape_.clear();
	}

	return true;
}

void LogFilter::filter(char character, std::string *accepted)
{
	if (!escape_.empty() && continueEscape(character, accepted))
		return;

	if (character == '\033') {
		escape_ = character;
		return;
	}

	/* Bytes from 0x80 on are part of UTF-8 text. */
	const auto code = static_cast<unsigned char>(character);
	const bool printable = character == '\n' || character == '\t' ||
			       (code >= 0x20 && code != 0x7f);
	*accepted += printable ? character : '?';
}

/**
 * \brief Take in a piece of the log
 * \param[in] text What the worker wrote
 * \param[in] milliseconds Time that does not go back
 * \return What may be written to the application's log
 */
std::string LogFilter::accept(std::string_view text, uint64_t milliseconds)
{
	refill(milliseconds);

	std::string accepted;
	if (dropped_ && budget_ > text.size()) {
		accepted = "\nfovea sandbox: " + std::to_string(dropped_) +
			   " bytes of the worker's log were too many\n";
		dropped_ = 0;
	}

	const size_t size = std::min(budget_, text.size());
	for (char character : text.substr(0, size))
		filter(character, &accepted);

	budget_ -= size;
	dropped_ += text.size() - size;

	return accepted;
}

} /* namespace fovea::sandbox */
