/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Small digital negatives for tests
 */

#pragma once

#include <map>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::test {

/*
 * One directory with uncompressed samples in one strip. Fields can be added, changed and
 * left out before build().
 */
class DngBuilder
{
public:
	enum Type : uint16_t {
		Byte = 1,
		Ascii = 2,
		Short = 3,
		Long = 4,
		Rational = 5,
		SRational = 10,
		Double = 12,
	};

	DngBuilder(unsigned int width, unsigned int height, unsigned int bits,
		   const std::vector<uint16_t> &samples)
		: bits_(bits), width_(width), samples_(samples)
	{
		set(254, Long, { 0 });
		set(256, Long, { double(width) });
		set(257, Long, { double(height) });
		set(258, Short, { double(bits) });
		set(259, Short, { 1 });
		set(262, Short, { 32803 });
		setText(271, "Maker");
		setText(272, "Model X-1");
		set(274, Short, { 1 });
		set(277, Short, { 1 });
		set(278, Long, { double(height) });
		set(284, Short, { 1 });
		set(33421, Short, { 2, 2 });
		set(33422, Byte, { 0, 1, 1, 2 });
		set(33434, Rational, { 0.0125 });
		set(34855, Short, { 400 });
		set(50706, Byte, { 1, 4, 0, 0 });
		set(50707, Byte, { 1, 1, 0, 0 });
		setText(50708, "Maker Model X-1");
		set(50710, Byte, { 0, 1, 2 });
		set(50711, Short, { 1 });
		set(50713, Short, { 2, 2 });
		set(50714, Short, { 64, 65, 66, 67 });
		set(50717, Long, { double((1 << bits) - 24) });
		set(50721, SRational, { 0.75, -0.25, -0.05, -0.5, 1.25, 0.25, -0.1, 0.2, 0.6 });
		set(50722, SRational, { 0.7, -0.2, -0.06, -0.4, 1.2, 0.2, -0.08, 0.19, 0.65 });
		set(50728, Rational, { 0.5, 1, 0.625 });
		set(50778, Short, { 17 });
		set(50779, Short, { 21 });
	}

	void set(uint16_t tag, Type type, std::vector<double> values)
	{
		fields_[tag] = { type, std::move(values) };
	}

	void setText(uint16_t tag, const std::string &text)
	{
		std::vector<double> values(text.begin(), text.end());
		values.push_back(0);
		set(tag, Ascii, std::move(values));
	}

	void remove(uint16_t tag) { fields_.erase(tag); }

	/* Samples as they are in the file, compressed for example. */
	void setStrip(std::vector<uint8_t> strip) { strip_ = std::move(strip); }

	/* Tiles instead of a strip; those at the right and the lower end are filled up. */
	void setTiles(unsigned int width, unsigned int height)
	{
		const unsigned int lines = samples_.size() / width_;
		std::vector<uint16_t> tiles;
		std::vector<double> offsets, sizes;

		for (unsigned int top = 0; top < lines; top += height) {
			for (unsigned int left = 0; left < width_; left += width) {
				offsets.push_back(8.0 + double(tiles.size()) * bits_ / 8);
				sizes.push_back(double(width) * height * bits_ / 8);
				for (unsigned int y = top; y < top + height; y++) {
					for (unsigned int x = left; x < left + width; x++)
						tiles.push_back(y < lines && x < width_ ? samples_[y * width_ + x] : 1);
				}
			}
		}

		samples_ = std::move(tiles);
		width_ = width;
		set(322, Long, { double(width) });
		set(323, Long, { double(height) });
		set(324, Long, offsets);
		set(325, Long, sizes);
		remove(278);
	}

	std::vector<uint8_t> build(bool bigEndian = false)
	{
		const std::vector<uint8_t> strip = strip_.empty() ? pack(bigEndian) : strip_;

		bigEndian_ = bigEndian;
		file_.clear();
		if (!fields_.contains(273) && !fields_.contains(324))
			set(273, Long, { 8 });
		if (!fields_.contains(279) && !fields_.contains(325))
			set(279, Long, { double(strip.size()) });

		const uint32_t directory = (8 + strip.size() + 1) / 2 * 2;
		file_.assign(2, bigEndian ? 'M' : 'I');
		put(42, 2);
		put(directory, 4);
		file_.insert(file_.end(), strip.begin(), strip.end());
		file_.resize(directory);
		writeDirectory();

		return file_;
	}

private:
	struct Field {
		Type type;
		std::vector<double> values;
	};

	/* The most significant bit first; words in the byte order of the file. */
	std::vector<uint8_t> pack(bool bigEndian) const
	{
		std::vector<uint8_t> bytes;

		for (size_t row = 0; row < samples_.size(); row += width_) {
			uint64_t buffer = 0;
			unsigned int held = 0;
			for (size_t x = 0; x < width_; x++) {
				const uint16_t sample = samples_[row + x];
				if (bits_ == 16) {
					bytes.push_back(bigEndian ? sample >> 8 : sample & 0xff);
					bytes.push_back(bigEndian ? sample & 0xff : sample >> 8);
					continue;
				}
				buffer = buffer << bits_ | sample;
				held += bits_;
				for (; held >= 8; held -= 8)
					bytes.push_back(buffer >> (held - 8) & 0xff);
			}
			if (held)
				bytes.push_back(buffer << (8 - held) & 0xff);
		}

		return bytes;
	}

	void put(uint64_t value, unsigned int bytes)
	{
		for (unsigned int i = 0; i < bytes; i++)
			file_.push_back(value >> 8 * (bigEndian_ ? bytes - 1 - i : i));
	}

	void putValue(Type type, double value)
	{
		constexpr double kDenominator = 1000000;

		switch (type) {
		case Byte:
		case Ascii:
			put(static_cast<uint8_t>(value), 1);
			break;
		case Short:
			put(static_cast<uint16_t>(value), 2);
			break;
		case Long:
			put(static_cast<uint32_t>(value), 4);
			break;
		case Rational:
		case SRational:
			put(static_cast<uint32_t>(static_cast<int64_t>(value * kDenominator + (value < 0 ? -0.5 : 0.5))), 4);
			put(static_cast<uint32_t>(kDenominator), 4);
			break;
		case Double: {
			uint64_t bits;
			static_assert(sizeof(bits) == sizeof(value));
			__builtin_memcpy(&bits, &value, sizeof(bits));
			put(bits, 8);
			break;
		}
		}
	}

	static size_t sizeOf(Type type)
	{
		return type == Byte || type == Ascii ? 1 : type == Short ? 2 : type == Long ? 4 : 8;
	}

	/* Entries, then the values that have no room in them. */
	void writeDirectory()
	{
		size_t values = file_.size() + 2 + 12 * fields_.size() + 4;

		put(fields_.size(), 2);
		for (const auto &[tag, field] : fields_) {
			const size_t size = sizeOf(field.type) * field.values.size();
			put(tag, 2);
			put(field.type, 2);
			put(field.values.size(), 4);
			if (size > 4) {
				put(values, 4);
				values += (size + 1) / 2 * 2;
				continue;
			}
			for (double value : field.values)
				putValue(field.type, value);
			file_.resize(file_.size() + 4 - size);
		}
		put(0, 4);

		for (const auto &[tag, field] : fields_) {
			if (sizeOf(field.type) * field.values.size() <= 4)
				continue;
			for (double value : field.values)
				putValue(field.type, value);
			file_.resize((file_.size() + 1) / 2 * 2);
		}
	}

	unsigned int bits_;
	size_t width_;
	std::vector<uint16_t> samples_;
	std::vector<uint8_t> strip_;
	std::map<uint16_t, Field> fields_;
	std::vector<uint8_t> file_;
	bool bigEndian_ = false;
};

} /* namespace fovea::test */
