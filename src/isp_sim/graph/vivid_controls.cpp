/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls of vivid
 */

#include <linux/v4l2-controls.h>

#include "vivid.h"

namespace fovea::graph {

namespace {

template<typename T>
std::vector<uint8_t> bytesOf(const T &value)
{
	const auto *bytes = reinterpret_cast<const uint8_t *>(&value);
	return { bytes, bytes + sizeof(value) };
}

v4l2::ControlInfo number(uint32_t offset, uint32_t type, const char *name, int64_t minimum,
			 int64_t maximum, int64_t defaultValue)
{
	v4l2::ControlInfo info;
	info.id = kVividUserBase + offset;
	info.type = type;
	info.name = name;
	info.minimum = minimum;
	info.maximum = maximum;
	info.step = 1;
	info.defaultValue = defaultValue;
	return info;
}

void addNumbers(v4l2::ControlHandler *controls)
{
	v4l2::ControlInfo button = number(0, V4L2_CTRL_TYPE_BUTTON, "Button", 0, 0, 0);
	button.step = 0;
	controls->add(button);
	controls->add(number(1, V4L2_CTRL_TYPE_BOOLEAN, "Boolean", 0, 1, 1));
	controls->add(number(2, V4L2_CTRL_TYPE_INTEGER, "Integer 32 Bits", INT32_MIN, INT32_MAX, 0));
	controls->add(number(3, V4L2_CTRL_TYPE_INTEGER64, "Integer 64 Bits", INT64_MIN, INT64_MAX, 0));

	v4l2::ControlInfo readOnly = number(12, V4L2_CTRL_TYPE_INTEGER, "Read-Only Integer 32 Bits",
					    0, 255, 0);
	readOnly.flags = V4L2_CTRL_FLAG_READ_ONLY;
	controls->add(readOnly);

	v4l2::ControlInfo bitmask = number(6, V4L2_CTRL_TYPE_BITMASK, "Bitmask", 0, 0x80402010,
					   0x80002000);
	bitmask.step = 0;
	controls->add(bitmask);
}

void addMenus(v4l2::ControlHandler *controls)
{
	v4l2::ControlInfo menu = number(4, V4L2_CTRL_TYPE_MENU, "Menu", 1, 4, 3);
	menu.menu = { "Menu Item 0 (Skipped)", "Menu Item 1", "Menu Item 2 (Skipped)",
		      "Menu Item 3", "Menu Item 4", "Menu Item 5 (Skipped)" };
	menu.skipMask = 1U << 2;
	controls->add(menu);

	v4l2::ControlInfo integers = number(7, V4L2_CTRL_TYPE_INTEGER_MENU, "Integer Menu", 1, 8, 4);
	integers.integerMenu = { 1, 1, 2, 3, 5, 8, 13, 21, 42 };
	integers.skipMask = 1U << 1;
	controls->add(integers);

	controls->add(number(5, V4L2_CTRL_TYPE_STRING, "String", 2, 4, 0));
}

void addArray(v4l2::ControlHandler *controls, v4l2::ControlInfo info,
	      std::vector<uint32_t> dims, uint32_t flags = 0)
{
	info.dims = std::move(dims);
	info.flags = flags;
	controls->add(std::move(info));
}

void addArrays(v4l2::ControlHandler *controls)
{
	addArray(controls, number(8, V4L2_CTRL_TYPE_U32, "U32 1 Element Array", 0x10, 0x20000, 0x18), { 1 });
	addArray(controls, number(9, V4L2_CTRL_TYPE_U16, "U16 8x16 Matrix", 0x10, 0x2000, 0x18), { 8, 16 });
	addArray(controls, number(10, V4L2_CTRL_TYPE_U8, "U8 2x3x4x5 Array", 0x10, 0x20, 0x18), { 2, 3, 4, 5 });
	addArray(controls, number(13, V4L2_CTRL_TYPE_U32, "U32 Dynamic Array", 10, 90, 50), { 100 },
		 V4L2_CTRL_FLAG_DYNAMIC_ARRAY);
	addArray(controls, number(14, V4L2_CTRL_TYPE_U8, "U8 Pixel Array", 0, 0xff, 0x80), { 40, 22 });
	addArray(controls, number(15, V4L2_CTRL_TYPE_INTEGER, "S32 2 Element Array", -10, 10, 2), { 2 });
	addArray(controls, number(16, V4L2_CTRL_TYPE_INTEGER64, "S64 5 Element Array", -10, 10, 4), { 5 });

	v4l2::ControlInfo area = number(11, V4L2_CTRL_TYPE_AREA, "Area", 0, 0, 0);
	area.step = 0;
	area.structDefault = bytesOf(v4l2_area{ 1000, 2000 });
	controls->add(area);
}

} /* namespace */

/** \brief Add one control of each type that there is */
void addVividUserControls(v4l2::ControlHandler *controls)
{
	addNumbers(controls);
	addMenus(controls);
	addArrays(controls);
}

/** \brief Add the controls that change the picture */
void addVividPictureControls(v4l2::ControlHandler *controls)
{
	controls->addStandard(V4L2_CID_BRIGHTNESS, 0, 255, 1, 128);
	controls->addStandard(V4L2_CID_CONTRAST, 0, 255, 1, 128);
	controls->addStandard(V4L2_CID_SATURATION, 0, 255, 1, 128);
	controls->addStandard(V4L2_CID_HUE, -128, 128, 1, 0);
	controls->addStandard(V4L2_CID_HFLIP, 0, 1, 1, 0);
	controls->addStandard(V4L2_CID_VFLIP, 0, 1, 1, 0);

	/* The gain of the automatic mode shows the time. */
	v4l2::Control *automatic = controls->addStandard(V4L2_CID_AUTOGAIN, 0, 1, 1, 1);
	v4l2::Control *gain = controls->addStandard(V4L2_CID_GAIN, 0, 255, 1, 100);
	controls->autoCluster({ automatic, gain }, 0, true);

	auto add = [controls](uint32_t id, uint32_t type, const char *name, int64_t maximum,
			      int64_t defaultValue, std::vector<std::string> menu = {}) {
		controls->add({ id, type, name, 0, maximum, 1, defaultValue, 0, std::move(menu) });
	};

	controls->add({ kCidVividClass, V4L2_CTRL_TYPE_CTRL_CLASS, "Vivid Controls", 0, 0, 0, 0,
			V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY });
	add(kCidVividPattern, V4L2_CTRL_TYPE_MENU, "Test Pattern", patternNames().size() - 1, 0,
	    patternNames());
	add(kCidVividTextMode, V4L2_CTRL_TYPE_MENU, "OSD Text Mode", 2, 0,
	    { "All", "Counters Only", "None" });
	add(kCidVividHorizontalMove, V4L2_CTRL_TYPE_MENU, "Horizontal Movement", 6, 3,
	    { "Move Left Fast", "Move Left", "Move Left Slow", "No Movement", "Move Right Slow",
	      "Move Right", "Move Right Fast" });
	add(kCidVividVerticalMove, V4L2_CTRL_TYPE_MENU, "Vertical Movement", 6, 3,
	    { "Move Up Fast", "Move Up", "Move Up Slow", "No Movement", "Move Down Slow",
	      "Move Down", "Move Down Fast" });
	add(kCidVividBorder, V4L2_CTRL_TYPE_BOOLEAN, "Show Border", 1, 0);
	add(kCidVividSensorHflip, V4L2_CTRL_TYPE_BOOLEAN, "Sensor Flipped Horizontally", 1, 0);
	add(kCidVividSensorVflip, V4L2_CTRL_TYPE_BOOLEAN, "Sensor Flipped Vertically", 1, 0);
}

} /* namespace fovea::graph */
