/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Bounded reading and writing of messages
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <libcamera/base/span.h>

namespace libcamera::ipa::fovea::ipc {

class Writer
{
public:
	void clear() { data_.clear(); }
	Span<const uint8_t> data() const { return data_; }

	template<typename T>
	void put(const T &value)
	{
		static_assert(std::is_arithmetic_v<T>);
		bytes({ reinterpret_cast<const uint8_t *>(&value), sizeof(value) });
	}

	void bytes(Span<const uint8_t> bytes)
	{
		data_.insert(data_.end(), bytes.begin(), bytes.end());
	}

	void string(std::string_view text);

private:
	std::vector<uint8_t> data_;
};

class Reader
{
public:
	explicit Reader(Span<const uint8_t> data)
		: data_(data)
	{
	}

	template<typename T>
	T take()
	{
		static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
		T value{};
		const Span<const uint8_t> source = bytes(sizeof(value));
		if (!source.empty())
			memcpy(&value, source.data(), sizeof(value));
		return value;
	}

	Span<const uint8_t> bytes(size_t size);
	bool boolean();
	double finite();
	uint32_t count(uint32_t limit);
	std::string string(size_t limit);

	void fail(std::string_view reason);
	bool failed() const { return failed_; }
	bool finished();
	const std::string &error() const { return error_; }

private:
	Span<const uint8_t> data_;
	bool failed_ = false;
	std::string error_;
};

} /* namespace libcamera::ipa::fovea::ipc */
