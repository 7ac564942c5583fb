/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lossless JPEG, as compressed DNGs have it
 */

#pragma once

#include <bit>
#include <stdint.h>
#include <stdlib.h>
#include <vector>

namespace fovea::test {

/*
 * One component, predicted from its left neighbour, in the first column from the one above
 * (ITU-T T.81, process 14 with selection value 1). All categories of differences have codes of
 * five bits: category n has the code n.
 */
class LosslessJpeg
{
public:
	static std::vector<uint8_t> encode(unsigned int width, unsigned int height, unsigned int bits,
					   const std::vector<uint16_t> &samples)
	{
		LosslessJpeg jpeg;
		jpeg.writeHead(width, height, bits);
		for (size_t i = 0; i < samples.size(); i++) {
			const int prediction = i == 0 ? 1 << (bits - 1)
					       : i % width ? samples[i - 1] : samples[i - width];
			jpeg.writeDifference(samples[i] - prediction);
		}
		jpeg.finish();

		return jpeg.bytes_;
	}

private:
	static constexpr unsigned int kCategories = 16;	/* 0 to 15 */
	static constexpr unsigned int kCodeBits = 5;

	void marker(uint8_t code, const std::vector<uint8_t> &data)
	{
		const size_t size = data.size() + 2;
		bytes_.insert(bytes_.end(), { 0xff, code, uint8_t(size >> 8), uint8_t(size) });
		bytes_.insert(bytes_.end(), data.begin(), data.end());
	}

	void writeHead(unsigned int width, unsigned int height, unsigned int bits)
	{
		bytes_ = { 0xff, 0xd8 };
		marker(0xc3, { uint8_t(bits), uint8_t(height >> 8), uint8_t(height), uint8_t(width >> 8),
			       uint8_t(width), 1, 1, 0x11, 0 });

		std::vector<uint8_t> table(1 + 16);
		table[kCodeBits] = kCategories;
		for (unsigned int i = 0; i < kCategories; i++)
			table.push_back(i);
		marker(0xc4, table);
		marker(0xda, { 1, 1, 0, 1, 0, 0 });
	}

	void put(uint32_t value, unsigned int count)
	{
		buffer_ = buffer_ << count | value;
		held_ += count;
		for (; held_ >= 8; held_ -= 8) {
			const uint8_t byte = buffer_ >> (held_ - 8);
			bytes_.push_back(byte);
			if (byte == 0xff)
				bytes_.push_back(0);
		}
	}

	/* The category is the number of its bits; negative ones are less by one. */
	void writeDifference(int difference)
	{
		const unsigned int category = std::bit_width(static_cast<unsigned int>(abs(difference)));
		put(category, kCodeBits);
		if (category)
			put((difference < 0 ? difference - 1 : difference) & ((1u << category) - 1), category);
	}

	void finish()
	{
		put(0x7f, 7);
		bytes_.insert(bytes_.end(), { 0xff, 0xd9 });
	}

	std::vector<uint8_t> bytes_;
	uint64_t buffer_ = 0;
	unsigned int held_ = 0;
};

} /* namespace fovea::test */
