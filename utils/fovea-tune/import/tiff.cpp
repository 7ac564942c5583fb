/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * TIFF directories of a file that nobody vouches for
 */

#include "tiff.h"

#include <algorithm>
#include <bit>
#include <math.h>

#include <fmt/format.h>

namespace fovea::tune {

namespace {

/* Types of TIFF 6.0, section 2. */
enum Type : uint16_t {
	Byte = 1,
	Ascii = 2,
	Short = 3,
	Long = 4,
	Rational = 5,
	SByte = 6,
	Undefined = 7,
	SShort = 8,
	SLong = 9,
	SRational = 10,
	Float = 11,
	Double = 12,
	Ifd = 13,
};

/* Bytes of a value; 0 of a type that does not exist. */
size_t typeSize(uint16_t type)
{
	static constexpr uint8_t kSizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4 };

	return type < std::size(kSizes) ? kSizes[type] : 0;
}

constexpr size_t kEntrySize = 12;
constexpr size_t kMaximumEntries = 4096;

} /* namespace */

/**
 * \class TiffFile
 * \brief The structure of a TIFF file, all of it checked before it is used
 *
 * Offsets and counts are compared with the size of the file before anything is read
 * or allocated. Errors have the offset, and the tag where there is one. BigTIFF is not
 * read.
 */

TiffFile::TiffFile(std::span<const uint8_t> bytes, std::string *error)
	: bytes_(bytes), error_(error)
{
}

bool TiffFile::fail(uint64_t offset, const std::string &message) const
{
	if (error_->empty())
		*error_ = fmt::format("offset {}: {}", offset, message);
	return false;
}

uint16_t TiffFile::u16(uint64_t offset) const
{
	const uint8_t *p = bytes_.data() + offset;

	return bigEndian_ ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

uint32_t TiffFile::u32(uint64_t offset) const
{
	return bigEndian_ ? uint32_t{ u16(offset) } << 16 | u16(offset + 2)
			  : uint32_t{ u16(offset + 2) } << 16 | u16(offset);
}

/** \brief Read the byte order and where the first directory is */
bool TiffFile::readHeader(uint64_t *firstDirectory)
{
	constexpr uint16_t kMagic = 42;
	constexpr size_t kHeaderSize = 8;

	if (bytes_.size() < kHeaderSize)
		return fail(bytes_.size(), "truncated: a TIFF header has 8 bytes");
	if (bytes_[0] != bytes_[1] || (bytes_[0] != 'I' && bytes_[0] != 'M'))
		return fail(0, "expected II or MM: not a TIFF file");

	bigEndian_ = bytes_[0] == 'M';
	if (u16(2) != kMagic)
		return fail(2, fmt::format("got {}, expected 42: not a classic TIFF file", u16(2)));

	*firstDirectory = u32(4);
	return true;
}

/** \brief Read the entries of the directory at \a offset; none of them are lost */
bool TiffFile::readDirectory(uint64_t offset, TiffDirectory *directory)
{
	if (offset > bytes_.size() || bytes_.size() - offset < 2)
		return fail(offset, fmt::format("a directory lies behind the end of the file at {}",
						bytes_.size()));

	const size_t count = u16(offset);
	if (count == 0 || count > kMaximumEntries)
		return fail(offset, fmt::format("a directory of {} entries, expected 1 to {}", count,
						kMaximumEntries));
	if ((bytes_.size() - offset - 2) / kEntrySize < count)
		return fail(offset, fmt::format("truncated: a directory of {} entries, the file ends at {}",
						count, bytes_.size()));

	directory->file_ = this;
	directory->offset_ = offset;
	directory->entries_.clear();

	for (size_t i = 0; i < count; i++) {
		const uint64_t at = offset + 2 + i * kEntrySize;
		TiffDirectory::Entry entry{ u16(at), u16(at + 2), u32(at + 4), at, at + 8 };
		const uint64_t size = typeSize(entry.type) * uint64_t{ entry.count };

		/* A type from a later version of TIFF says nothing to us. */
		if (!typeSize(entry.type))
			continue;
		if (size > 4)
			entry.valueOffset = u32(at + 8);
		if (entry.valueOffset > bytes_.size() || size > bytes_.size() - entry.valueOffset)
			return fail(at, fmt::format("tag {}: {} bytes at offset {}, the file ends at {}",
						    entry.tag, size, entry.valueOffset, bytes_.size()));
		directory->entries_.push_back(entry);
	}

	return true;
}

const TiffDirectory::Entry *TiffDirectory::find(TiffTag tag) const
{
	const auto entry = std::find_if(entries_.begin(), entries_.end(),
					[&](const Entry &e) { return e.tag == tag.number; });

	return entry == entries_.end() ? nullptr : &*entry;
}

/** \brief Report \a message of a tag, with the place of its entry or of the directory */
bool TiffDirectory::fail(TiffTag tag, const std::string &message) const
{
	const Entry *entry = find(tag);

	return file_->fail(entry ? entry->entryOffset : offset_,
			   fmt::format("field '{}' ({}): {}", tag.name, tag.number, message));
}

/* The value as a number; NaN of a text or a fraction without a denominator. */
double TiffDirectory::value(const Entry &entry, size_t index) const
{
	const uint64_t at = entry.valueOffset + index * typeSize(entry.type);
	const TiffFile &file = *file_;

	switch (entry.type) {
	case Byte:
	case Undefined:
		return file.bytes()[at];
	case SByte:
		return static_cast<int8_t>(file.bytes()[at]);
	case Short:
		return file.u16(at);
	case SShort:
		return static_cast<int16_t>(file.u16(at));
	case Long:
	case Ifd:
		return file.u32(at);
	case SLong:
		return static_cast<int32_t>(file.u32(at));
	case Rational:
		return file.u32(at + 4) ? double(file.u32(at)) / file.u32(at + 4) : NAN;
	case SRational:
		return file.u32(at + 4) ? double(static_cast<int32_t>(file.u32(at))) /
						  static_cast<int32_t>(file.u32(at + 4))
					: NAN;
	case Float:
		return std::bit_cast<float>(file.u32(at));
	case Double: {
		const uint64_t first = file.u32(at), second = file.u32(at + 4);
		return std::bit_cast<double>(file.bigEndian() ? first << 32 | second
							      : second << 32 | first);
	}
	default:
		return NAN;
	}
}

bool TiffDirectory::numbers(TiffTag tag, size_t least, size_t most, double min, double max,
			    std::vector<double> *values) const
{
	const Entry *entry = find(tag);

	if (!entry)
		return fail(tag, "missing");
	if (entry->count < least || entry->count > most)
		return fail(tag, fmt::format("{} values, expected {} to {}", entry->count, least, most));

	values->clear();
	for (size_t i = 0; i < entry->count; i++) {
		const double v = value(*entry, i);
		if (!(v >= min && v <= max))
			return fail(tag, fmt::format("value {} is {}, expected {} to {}", i, v, min, max));
		values->push_back(v);
	}

	return true;
}

bool TiffDirectory::integers(TiffTag tag, size_t least, size_t most, uint64_t min, uint64_t max,
			     std::vector<uint64_t> *values) const
{
	std::vector<double> found;

	if (!numbers(tag, least, most, min, max, &found))
		return false;

	values->clear();
	for (double v : found) {
		if (v != floor(v))
			return fail(tag, fmt::format("got {}, expected an integer", v));
		values->push_back(static_cast<uint64_t>(v));
	}

	return true;
}

bool TiffDirectory::integer(TiffTag tag, uint64_t min, uint64_t max, uint64_t *value) const
{
	std::vector<uint64_t> values;

	if (!integers(tag, 1, 1, min, max, &values))
		return false;

	*value = values[0];
	return true;
}

std::optional<double> TiffDirectory::value(TiffTag tag) const
{
	const Entry *entry = find(tag);
	if (!entry || !entry->count)
		return std::nullopt;

	const double v = value(*entry, 0);
	return isfinite(v) ? std::optional(v) : std::nullopt;
}

std::string TiffDirectory::text(TiffTag tag) const
{
	const Entry *entry = find(tag);
	std::string text;

	if (!entry || (entry->type != Ascii && entry->type != Byte))
		return text;

	for (size_t i = 0; i < entry->count && file_->bytes()[entry->valueOffset + i]; i++)
		text += static_cast<char>(file_->bytes()[entry->valueOffset + i]);
	while (!text.empty() && text.back() == ' ')
		text.pop_back();

	return text;
}

} /* namespace fovea::tune */
