/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Types of controls: sizes, ranges, defaults, validation of values
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

#include <linux/videodev2.h>

namespace fovea::v4l2 {

/* Description of a control, as a driver registers it. */
struct ControlInfo {
	uint32_t id = 0;
	uint32_t type = 0;
	std::string name = {};
	int64_t minimum = 0;
	int64_t maximum = 0;
	uint64_t step = 0;
	int64_t defaultValue = 0;
	uint32_t flags = 0;
	std::vector<std::string> menu = {};
	std::vector<int64_t> integerMenu = {};
	uint64_t skipMask = 0;

	/* Arrays: up to 4 dimensions; of dynamic arrays, the most elements. */
	std::vector<uint32_t> dims = {};

	/*
	 * Compound types that are structures: the size of one, where the type
	 * does not tell, and its default, minimum and maximum (zeroes if empty).
	 */
	size_t structSize = 0;
	std::vector<uint8_t> structDefault = {};
	std::vector<uint8_t> structMinimum = {};
	std::vector<uint8_t> structMaximum = {};

	bool isMenu() const;
	bool isArray() const { return !dims.empty(); }
	bool isDynamicArray() const { return flags & V4L2_CTRL_FLAG_DYNAMIC_ARRAY; }
	bool isString() const { return type == V4L2_CTRL_TYPE_STRING; }
	bool isStruct() const;
	bool isCompound() const;
	bool hasPayload() const;
	bool isInt32() const;

	size_t elementSize() const;
	uint32_t maxElements() const;
	uint32_t initialElements() const;

	int check() const;
};

/*
 * The bytes of a control's value: elements in a row, as they lie in a payload.
 * Strings fill maximum + 1 bytes.
 */
class ControlValue
{
public:
	ControlValue() = default;
	explicit ControlValue(const ControlInfo &info);

	static ControlValue bound(const ControlInfo &info, uint32_t which, uint32_t elements);

	bool operator==(const ControlValue &other) const = default;

	std::span<uint8_t> bytes() { return bytes_; }
	std::span<const uint8_t> bytes() const { return bytes_; }
	uint32_t elements(const ControlInfo &info) const;
	void resize(const ControlInfo &info, uint32_t elements);

	int64_t get(const ControlInfo &info, uint32_t element = 0) const;
	void set(const ControlInfo &info, int64_t value, uint32_t element = 0);
	std::string text() const;

	int validate(const ControlInfo &info);

private:
	void fill(const ControlInfo &info, uint32_t first, uint32_t which);
	int validateElement(const ControlInfo &info, uint32_t element);

	std::vector<uint8_t> bytes_;
};

} /* namespace fovea::v4l2 */
