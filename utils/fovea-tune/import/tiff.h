/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * TIFF directories of a file that nobody vouches for
 */

#pragma once

#include <optional>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::tune {

/* A tag, and its name for errors. */
struct TiffTag {
	uint16_t number;
	const char *name;
};

class TiffDirectory;

class TiffFile
{
public:
	TiffFile(std::span<const uint8_t> bytes, std::string *error);

	bool readHeader(uint64_t *firstDirectory);
	bool readDirectory(uint64_t offset, TiffDirectory *directory);

	std::span<const uint8_t> bytes() const { return bytes_; }
	bool bigEndian() const { return bigEndian_; }

	/* Always false, so that a reader can return it. */
	bool fail(uint64_t offset, const std::string &message) const;

	uint16_t u16(uint64_t offset) const;
	uint32_t u32(uint64_t offset) const;

private:
	std::span<const uint8_t> bytes_;
	std::string *error_;
	bool bigEndian_ = false;
};

class TiffDirectory
{
public:
	bool has(TiffTag tag) const { return find(tag); }

	/* Required values; their number lies between least and most. */
	bool numbers(TiffTag tag, size_t least, size_t most, double min, double max,
		     std::vector<double> *values) const;
	bool integers(TiffTag tag, size_t least, size_t most, uint64_t min, uint64_t max,
		      std::vector<uint64_t> *values) const;
	bool integer(TiffTag tag, uint64_t min, uint64_t max, uint64_t *value) const;

	/* The first value, where it is one; nothing is an error. */
	std::optional<double> value(TiffTag tag) const;

	/* The text up to its first zero; empty where there is none. */
	std::string text(TiffTag tag) const;

	bool fail(TiffTag tag, const std::string &message) const;

private:
	friend class TiffFile;

	struct Entry {
		uint16_t tag;
		uint16_t type;
		uint32_t count;
		uint64_t entryOffset;
		uint64_t valueOffset;
	};

	const Entry *find(TiffTag tag) const;
	double value(const Entry &entry, size_t index) const;

	const TiffFile *file_ = nullptr;
	uint64_t offset_ = 0;
	std::vector<Entry> entries_;
};

} /* namespace fovea::tune */
