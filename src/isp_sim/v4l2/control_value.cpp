/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Types of controls: sizes, ranges, defaults, validation of values
 */

#include "control_value.h"

#include <algorithm>
#include <errno.h>
#include <string.h>

/**
 * \file control_value.h
 * \brief What the kernel's control types allow
 *
 * Sizes, ranges and error codes are those of the kernel's framework; its
 * documentation is Documentation/userspace-api/media/v4l/vidioc-queryctrl.rst.
 */

namespace fovea::v4l2 {

namespace {

/* Menus hide entries by a mask of 64 bits. */
constexpr int64_t kMaskedEntries = 64;

/*
 * The nearest value of the form minimum + n * step within the range; written to
 * be exact for the whole range of 64 bits.
 */
int64_t roundToRange(int64_t value, const ControlInfo &info)
{
	value = std::clamp(value, info.minimum, info.maximum);

	uint64_t step = info.step ? info.step : 1;
	uint64_t offset = static_cast<uint64_t>(value) - static_cast<uint64_t>(info.minimum);
	uint64_t range = static_cast<uint64_t>(info.maximum) - static_cast<uint64_t>(info.minimum);
	uint64_t below = offset - offset % step;

	if (offset - below >= step - step / 2 && range - below >= step)
		below += step;

	return static_cast<int64_t>(static_cast<uint64_t>(info.minimum) + below);
}

int validateMenu(const ControlInfo &info, int64_t value)
{
	if (value < info.minimum || value > info.maximum)
		return -ERANGE;

	if (value < kMaskedEntries && (info.skipMask & (1ULL << value)))
		return -EINVAL;

	if (info.type == V4L2_CTRL_TYPE_MENU && info.menu[value].empty())
		return -EINVAL;

	return 0;
}

/* A string of the right length; what follows the end is made 0. */
int validateString(const ControlInfo &info, std::span<uint8_t> text)
{
	auto end = std::find(text.begin(), text.end(), 0);
	int64_t length = end - text.begin();

	if (length < info.minimum || length > info.maximum)
		return -ERANGE;
	if ((length - info.minimum) % static_cast<int64_t>(info.step))
		return -ERANGE;

	std::fill(end, text.end(), 0);
	return 0;
}

/* The kernel looks into few of its structures. */
int validateStruct(const ControlInfo &info, std::span<const uint8_t> bytes)
{
	if (info.type == V4L2_CTRL_TYPE_AREA) {
		v4l2_area area;
		memcpy(&area, bytes.data(), sizeof(area));
		return area.width && area.height ? 0 : -EINVAL;
	}

	return 0;
}

int checkMenu(const ControlInfo &info)
{
	int64_t entries = info.type == V4L2_CTRL_TYPE_MENU
			? static_cast<int64_t>(info.menu.size())
			: static_cast<int64_t>(info.integerMenu.size());

	if (info.minimum < 0 || info.minimum > info.maximum || info.maximum >= entries ||
	    info.defaultValue < info.minimum || info.defaultValue > info.maximum)
		return -ERANGE;
	if (info.defaultValue < kMaskedEntries &&
	    (info.skipMask & (1ULL << info.defaultValue)))
		return -EINVAL;

	return 0;
}

} /* namespace */

/* --------------------------------------------------------------------------
 * ControlInfo
 */

/**
 * \struct ControlInfo
 * \brief Type, range and flags of a control
 *
 * For strings, minimum and maximum are lengths without the terminating 0, and
 * the default is empty, filled up with spaces to the minimum.
 */

bool ControlInfo::isMenu() const
{
	return type == V4L2_CTRL_TYPE_MENU || type == V4L2_CTRL_TYPE_INTEGER_MENU;
}

/** \brief Is an element a structure, which has no range of numbers? */
bool ControlInfo::isStruct() const
{
	return type >= V4L2_CTRL_COMPOUND_TYPES && type != V4L2_CTRL_TYPE_U8 &&
	       type != V4L2_CTRL_TYPE_U16 && type != V4L2_CTRL_TYPE_U32;
}

/** \brief Is it enumerated by V4L2_CTRL_FLAG_NEXT_COMPOUND only? */
bool ControlInfo::isCompound() const
{
	return isArray() || type >= V4L2_CTRL_COMPOUND_TYPES;
}

/** \brief Does the value travel through a pointer (V4L2_CTRL_FLAG_HAS_PAYLOAD)? */
bool ControlInfo::hasPayload() const
{
	return isCompound() || isString();
}

/** \brief Does the value fit the old VIDIOC_G_CTRL and VIDIOC_S_CTRL? */
bool ControlInfo::isInt32() const
{
	return !hasPayload() && type != V4L2_CTRL_TYPE_INTEGER64;
}

/** \brief Size of an element in bytes; 0 for a structure of unknown size */
size_t ControlInfo::elementSize() const
{
	switch (type) {
	case V4L2_CTRL_TYPE_INTEGER64:
		return sizeof(int64_t);
	case V4L2_CTRL_TYPE_STRING:
		return maximum + 1;
	case V4L2_CTRL_TYPE_U8:
		return sizeof(uint8_t);
	case V4L2_CTRL_TYPE_U16:
		return sizeof(uint16_t);
	case V4L2_CTRL_TYPE_U32:
		return sizeof(uint32_t);
	case V4L2_CTRL_TYPE_AREA:
		return sizeof(v4l2_area);
	case V4L2_CTRL_TYPE_RECT:
		return sizeof(v4l2_rect);
	default:
		return isStruct() ? structSize : sizeof(int32_t);
	}
}

/** \brief The product of the dimensions, 1 for what is no array */
uint32_t ControlInfo::maxElements() const
{
	uint32_t elements = 1;
	for (uint32_t dim : dims)
		elements *= dim;

	return elements;
}

/** \brief Elements that a control has at first: dynamic arrays have one */
uint32_t ControlInfo::initialElements() const
{
	return isDynamicArray() ? 1 : maxElements();
}

/**
 * \brief Can there be such a control?
 * \return 0, -ERANGE for a range or default that the type forbids, -EINVAL for
 * dimensions or sizes that it forbids
 */
int ControlInfo::check() const
{
	/* As much as an application may hand over at once. */
	constexpr uint64_t kMaxSize = 1024 * 1024;

	uint64_t size = 1;
	for (uint32_t dim : dims) {
		size *= dim;
		if (!dim || size > kMaxSize)
			return -EINVAL;
	}

	bool plain = type == V4L2_CTRL_TYPE_BUTTON || type == V4L2_CTRL_TYPE_CTRL_CLASS;
	if (dims.size() > V4L2_CTRL_MAX_DIMS || (isArray() && plain))
		return -EINVAL;
	if (isDynamicArray() && dims.size() != 1)
		return -EINVAL;

	switch (type) {
	case V4L2_CTRL_TYPE_BOOLEAN:
		if (step != 1 || minimum < 0 || maximum > 1)
			return -ERANGE;
		[[fallthrough]];
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_INTEGER64:
	case V4L2_CTRL_TYPE_U8:
	case V4L2_CTRL_TYPE_U16:
	case V4L2_CTRL_TYPE_U32:
		if (!step || minimum > maximum || defaultValue < minimum || defaultValue > maximum)
			return -ERANGE;
		break;
	case V4L2_CTRL_TYPE_BITMASK:
		if (step || minimum || !maximum || (defaultValue & ~maximum))
			return -ERANGE;
		break;
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		return checkMenu(*this);
	case V4L2_CTRL_TYPE_STRING:
		if (minimum < 0 || minimum > maximum || !step || defaultValue)
			return -ERANGE;
		break;
	default:
		break;
	}

	if (!elementSize() || size * elementSize() > kMaxSize)
		return -EINVAL;

	for (const auto *bytes : { &structDefault, &structMinimum, &structMaximum }) {
		if (!bytes->empty() && (!isStruct() || bytes->size() != elementSize()))
			return -EINVAL;
	}

	return 0;
}

/* --------------------------------------------------------------------------
 * ControlValue
 */

/**
 * \class ControlValue
 * \brief The value of a control of any type
 */

/** \brief The default value of a control */
ControlValue::ControlValue(const ControlInfo &info)
{
	resize(info, info.initialElements());
}

/**
 * \brief The default, least or largest value of a control
 * \param[in] info The control
 * \param[in] which V4L2_CTRL_WHICH_DEF_VAL, MIN_VAL or MAX_VAL
 * \param[in] elements As many as the control has now
 */
ControlValue ControlValue::bound(const ControlInfo &info, uint32_t which, uint32_t elements)
{
	ControlValue value;
	value.bytes_.resize(info.elementSize() * elements);
	value.fill(info, 0, which);
	return value;
}

/* Give the elements from \a first on the value that \a which stands for. */
void ControlValue::fill(const ControlInfo &info, uint32_t first, uint32_t which)
{
	const size_t size = info.elementSize();
	const std::vector<uint8_t> &bytes = which == V4L2_CTRL_WHICH_MIN_VAL ? info.structMinimum
					  : which == V4L2_CTRL_WHICH_MAX_VAL ? info.structMaximum
									     : info.structDefault;
	const int64_t number = which == V4L2_CTRL_WHICH_MIN_VAL ? info.minimum
			     : which == V4L2_CTRL_WHICH_MAX_VAL ? info.maximum
								: info.defaultValue;

	for (uint32_t i = first; i < elements(info); i++) {
		uint8_t *element = bytes_.data() + i * size;

		if (info.isString())
			memset(element, ' ', which == V4L2_CTRL_WHICH_MAX_VAL ? info.maximum : info.minimum);
		else if (!info.isStruct())
			set(info, number, i);
		else if (!bytes.empty())
			memcpy(element, bytes.data(), size);
	}
}

/** \brief Elements that the value has */
uint32_t ControlValue::elements(const ControlInfo &info) const
{
	return bytes_.size() / info.elementSize();
}

/** \brief Drop elements, or add such with the default value */
void ControlValue::resize(const ControlInfo &info, uint32_t count)
{
	uint32_t before = elements(info);

	bytes_.resize(info.elementSize() * count);
	fill(info, before, V4L2_CTRL_WHICH_DEF_VAL);
}

/** \brief An element as a number; 0 for strings and structures */
int64_t ControlValue::get(const ControlInfo &info, uint32_t element) const
{
	const size_t size = info.elementSize();
	const uint8_t *bytes = bytes_.data() + element * size;

	if (info.isString() || info.isStruct())
		return 0;

	if (info.type == V4L2_CTRL_TYPE_INTEGER64) {
		int64_t value;
		memcpy(&value, bytes, sizeof(value));
		return value;
	}

	uint32_t value = 0;
	memcpy(&value, bytes, size);

	bool isSigned = info.type != V4L2_CTRL_TYPE_BITMASK && info.type < V4L2_CTRL_COMPOUND_TYPES;
	return isSigned ? static_cast<int32_t>(value) : int64_t{ value };
}

/** \brief Set an element that is a number; the value is truncated to its type */
void ControlValue::set(const ControlInfo &info, int64_t value, uint32_t element)
{
	const size_t size = info.elementSize();

	/* The lowest bytes come first on the machines that this runs on. */
	static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	memcpy(bytes_.data() + element * size, &value, size);
}

/** \brief The value of a string control */
std::string ControlValue::text() const
{
	auto end = std::find(bytes_.begin(), bytes_.end(), 0);
	return std::string(bytes_.begin(), end);
}

int ControlValue::validateElement(const ControlInfo &info, uint32_t element)
{
	const size_t size = info.elementSize();
	std::span<uint8_t> bytes(bytes_.data() + element * size, size);
	int64_t value = get(info, element);

	switch (info.type) {
	case V4L2_CTRL_TYPE_INTEGER:
	case V4L2_CTRL_TYPE_INTEGER64:
	case V4L2_CTRL_TYPE_U8:
	case V4L2_CTRL_TYPE_U16:
	case V4L2_CTRL_TYPE_U32:
		set(info, roundToRange(value, info), element);
		return 0;
	case V4L2_CTRL_TYPE_BOOLEAN:
		set(info, !!value, element);
		return 0;
	case V4L2_CTRL_TYPE_MENU:
	case V4L2_CTRL_TYPE_INTEGER_MENU:
		return validateMenu(info, value);
	case V4L2_CTRL_TYPE_BITMASK:
		set(info, value & info.maximum, element);
		return 0;
	case V4L2_CTRL_TYPE_BUTTON:
	case V4L2_CTRL_TYPE_CTRL_CLASS:
		set(info, 0, element);
		return 0;
	case V4L2_CTRL_TYPE_STRING:
		return validateString(info, bytes);
	default:
		return validateStruct(info, bytes);
	}
}

/**
 * \brief Bring the value into what the control takes, or refuse it
 *
 * Numbers are rounded to the next step and clamped, bitmasks lose unknown bits.
 *
 * \return 0, -ERANGE for menu entries and lengths outside of the range, or
 * -EINVAL for menu entries and structures that do not exist
 */
int ControlValue::validate(const ControlInfo &info)
{
	for (uint32_t i = 0; i < elements(info); i++) {
		int ret = validateElement(info, i);
		if (ret)
			return ret;
	}

	return 0;
}

} /* namespace fovea::v4l2 */
