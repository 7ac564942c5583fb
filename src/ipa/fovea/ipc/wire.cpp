/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Bounded reading and writing of messages
 */

#include "wire.h"

#include <cmath>

/**
 * \file wire.h
 * \brief Bounded reading and writing of messages
 *
 * Numbers are in the byte order of the machine, without padding: both ends are
 * on it.
 */

namespace libcamera::ipa::fovea::ipc {

/**
 * \class Writer
 * \brief Appends values to a message; its memory is kept for the next one
 */

void Writer::string(std::string_view text)
{
	put<uint32_t>(text.size());
	bytes({ reinterpret_cast<const uint8_t *>(text.data()), text.size() });
}

/**
 * \class Reader
 * \brief Takes values out of a message that nobody vouches for
 *
 * The first value that is not there or not allowed fails the reader for good;
 * from then on it gives zeros. Hence a message is read to its end and failed()
 * asked once, before anything of it is used. Loops end because count() gives 0.
 */

/** \brief The next \a size bytes, none if there are fewer or the reader failed */
Span<const uint8_t> Reader::bytes(size_t size)
{
	if (failed_)
		return {};

	if (size > data_.size()) {
		fail("is too short");
		return {};
	}

	const Span<const uint8_t> taken = data_.first(size);
	data_ = data_.subspan(size);

	return taken;
}

/** \brief A truth value, of which only 0 and 1 are allowed */
bool Reader::boolean()
{
	const uint8_t value = take<uint8_t>();
	if (value > 1)
		fail("has a truth value that is neither 0 nor 1");

	return value == 1;
}

/** \brief A number that is neither infinite nor no number */
double Reader::finite()
{
	const double value = take<double>();
	if (std::isfinite(value))
		return value;

	fail("has a value that is not finite");
	return 0.0;
}

/** \brief A number of elements, at most \a limit; 0 if the reader failed */
uint32_t Reader::count(uint32_t limit)
{
	const uint32_t value = take<uint32_t>();
	if (value <= limit)
		return value;

	fail("has " + std::to_string(value) + " elements where at most " +
	     std::to_string(limit) + " are allowed");
	return 0;
}

/** \brief A string of at most \a limit bytes */
std::string Reader::string(size_t limit)
{
	const Span<const uint8_t> text = bytes(count(limit));

	return { text.begin(), text.end() };
}

/** \brief Fail for \a reason; the first one stays */
void Reader::fail(std::string_view reason)
{
	if (failed_)
		return;

	failed_ = true;
	error_ = reason;
}

/** \brief True if nothing has failed and nothing is left */
bool Reader::finished()
{
	if (!data_.empty())
		fail("is too long");

	return !failed_;
}

} /* namespace libcamera::ipa::fovea::ipc */
