/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls: queries, reads, writes, error_idx
 */

#include "core_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class Controls : public CoreTest
{
protected:
	void SetUp() override { file_ = open(source_); }

	int get(uint32_t id, int32_t *value)
	{
		v4l2_control control = { id, -1 };
		int ret = file_->ioctl(VIDIOC_G_CTRL, &control);
		*value = control.value;
		return ret;
	}

	int set(uint32_t id, int32_t *value)
	{
		v4l2_control control = { id, *value };
		int ret = file_->ioctl(VIDIOC_S_CTRL, &control);
		*value = control.value;
		return ret;
	}

	int ext(unsigned long request, std::vector<v4l2_ext_control> *controls,
		uint32_t which, uint32_t *errorIndex = nullptr)
	{
		v4l2_ext_controls arg = {};
		arg.which = which;
		arg.count = controls->size();
		arg.controls = controls->data();
		arg.error_idx = 77;
		int ret = file_->ioctl(request, &arg);
		if (errorIndex)
			*errorIndex = arg.error_idx;
		return ret;
	}

	static v4l2_ext_control control(uint32_t id, int32_t value = 0)
	{
		v4l2_ext_control result = {};
		result.id = id;
		result.value = value;
		return result;
	}

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(Controls, EnumerateInOrder)
{
	std::vector<uint32_t> ids;
	v4l2_query_ext_ctrl query = {};
	query.id = V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;
	while (!file_->ioctl(VIDIOC_QUERY_EXT_CTRL, &query)) {
		ids.push_back(query.id);
		query.id |= V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;
	}

	EXPECT_EQ(ids, (std::vector<uint32_t>{
			V4L2_CID_USER_CLASS, V4L2_CID_EXPOSURE, V4L2_CID_GAIN, V4L2_CID_HFLIP,
			V4L2_CID_IMAGE_SOURCE_CLASS, V4L2_CID_HBLANK,
			V4L2_CID_IMAGE_PROC_CLASS, V4L2_CID_LINK_FREQ, V4L2_CID_PIXEL_RATE,
			V4L2_CID_TEST_PATTERN }));

	query.id = V4L2_CTRL_FLAG_NEXT_COMPOUND;
	EXPECT_EQ(file_->ioctl(VIDIOC_QUERY_EXT_CTRL, &query), -EINVAL);
}

TEST_F(Controls, Query)
{
	v4l2_queryctrl query = {};
	query.id = V4L2_CID_EXPOSURE;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYCTRL, &query), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(query.name), "Exposure");
	EXPECT_EQ(query.minimum, 10);
	EXPECT_EQ(query.maximum, 100);
	EXPECT_EQ(query.step, 5);
	EXPECT_EQ(query.default_value, 50);

	query.id = V4L2_CID_PIXEL_RATE;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYCTRL, &query), 0);
	EXPECT_EQ(query.type, static_cast<uint32_t>(V4L2_CTRL_TYPE_INTEGER64));
	EXPECT_EQ(query.maximum, 0);

	v4l2_query_ext_ctrl wide = {};
	wide.id = V4L2_CID_PIXEL_RATE;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERY_EXT_CTRL, &wide), 0);
	EXPECT_EQ(int64_t{ wide.maximum }, INT64_C(1) << 40);
	EXPECT_EQ(wide.elem_size, 8u);
	EXPECT_EQ(wide.elems, 1u);

	query.id = V4L2_CID_CONTRAST;
	EXPECT_EQ(file_->ioctl(VIDIOC_QUERYCTRL, &query), -EINVAL);
}

TEST_F(Controls, Menus)
{
	v4l2_querymenu menu = {};
	menu.id = V4L2_CID_TEST_PATTERN;
	menu.index = 2;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYMENU, &menu), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(menu.name), "Bars");
	for (uint32_t index : { 1, 3 }) {
		menu.index = index;
		EXPECT_EQ(file_->ioctl(VIDIOC_QUERYMENU, &menu), -EINVAL) << index;
	}

	menu.id = V4L2_CID_LINK_FREQ;
	menu.index = 1;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYMENU, &menu), 0);
	EXPECT_EQ(int64_t{ menu.value }, INT64_C(5000000000));
	menu.id = V4L2_CID_EXPOSURE;
	menu.index = 10;
	EXPECT_EQ(file_->ioctl(VIDIOC_QUERYMENU, &menu), -EINVAL);

	int32_t value = 1;
	EXPECT_EQ(set(V4L2_CID_TEST_PATTERN, &value), -EINVAL);
	value = 3;
	EXPECT_EQ(set(V4L2_CID_TEST_PATTERN, &value), -ERANGE);
	value = 2;
	EXPECT_EQ(set(V4L2_CID_TEST_PATTERN, &value), 0);
}

TEST_F(Controls, ValuesAreRoundedAndClamped)
{
	const std::pair<int32_t, int32_t> cases[] = {
		{ 50, 50 }, { 51, 50 }, { 52, 50 }, { 53, 55 }, { 9, 10 }, { -1000, 10 },
		{ 98, 100 }, { 1000, 100 }, { INT32_MAX, 100 }, { INT32_MIN, 10 },
	};

	for (auto [in, out] : cases) {
		int32_t value = in;
		ASSERT_EQ(set(V4L2_CID_EXPOSURE, &value), 0);
		EXPECT_EQ(value, out) << in;
		ASSERT_EQ(get(V4L2_CID_EXPOSURE, &value), 0);
		EXPECT_EQ(value, out) << in;
	}

	int32_t flip = -5;
	ASSERT_EQ(set(V4L2_CID_HFLIP, &flip), 0);
	EXPECT_EQ(flip, 1);
}

TEST_F(Controls, AccessRules)
{
	int32_t value = 1;
	EXPECT_EQ(set(V4L2_CID_HBLANK, &value), -EACCES);
	EXPECT_EQ(set(V4L2_CID_CONTRAST, &value), -EINVAL);
	EXPECT_EQ(set(V4L2_CID_PIXEL_RATE, &value), -EINVAL);	/* 64 bits: extended only */
	EXPECT_EQ(get(V4L2_CID_PIXEL_RATE, &value), -EINVAL);
	EXPECT_EQ(get(V4L2_CID_USER_CLASS, &value), -EACCES);
	EXPECT_EQ(set(V4L2_CID_USER_CLASS, &value), -EACCES);

	source_.exposure->grab(true);
	EXPECT_EQ(set(V4L2_CID_EXPOSURE, &value), -EBUSY);
	source_.exposure->grab(false);

	ASSERT_EQ(get(V4L2_CID_GAIN, &value), 0);
	EXPECT_EQ(value, 7);
	source_.volatileValue = 8;
	ASSERT_EQ(get(V4L2_CID_GAIN, &value), 0);
	EXPECT_EQ(value, 8);
}

/* The driver hears of changes only; when it refuses, the value stays. */
TEST_F(Controls, DriverIsAskedOnce)
{
	int32_t value = 50;
	source_.writes.clear();
	ASSERT_EQ(set(V4L2_CID_EXPOSURE, &value), 0);
	EXPECT_TRUE(source_.writes.empty());
	value = 60;
	ASSERT_EQ(set(V4L2_CID_EXPOSURE, &value), 0);
	ASSERT_EQ(source_.writes.size(), 1u);
	EXPECT_EQ(source_.writes[0].second, 60);

	source_.setError = -EIO;
	value = 70;
	EXPECT_EQ(set(V4L2_CID_EXPOSURE, &value), -EIO);
	ASSERT_EQ(get(V4L2_CID_EXPOSURE, &value), 0);
	EXPECT_EQ(value, 60);
}

TEST_F(Controls, ExtendedGet)
{
	std::vector<v4l2_ext_control> controls{ control(V4L2_CID_EXPOSURE), control(V4L2_CID_PIXEL_RATE) };
	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_CUR_VAL), 0);
	EXPECT_EQ(controls[0].value, 50);
	EXPECT_EQ(int64_t{ controls[1].value64 }, INT64_C(1) << 35);

	int32_t value = 90;
	ASSERT_EQ(set(V4L2_CID_EXPOSURE, &value), 0);
	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_DEF_VAL), 0);
	EXPECT_EQ(controls[0].value, 50);

	/* For G, error_idx is the count whatever went wrong. */
	uint32_t index;
	controls[1] = control(V4L2_CID_CONTRAST);
	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_CUR_VAL, &index), -EINVAL);
	EXPECT_EQ(index, 2u);
	controls[1] = control(V4L2_CID_USER_CLASS);
	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_CUR_VAL, &index), -EACCES);
	EXPECT_EQ(index, 2u);
}

TEST_F(Controls, ClassesAreChecked)
{
	std::vector<v4l2_ext_control> none;
	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &none, V4L2_CTRL_WHICH_CUR_VAL), 0);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &none, V4L2_CTRL_CLASS_IMAGE_PROC), 0);
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &none, V4L2_CTRL_CLASS_FLASH), -EINVAL);

	std::vector<v4l2_ext_control> controls{ control(V4L2_CID_EXPOSURE, 60), control(V4L2_CID_TEST_PATTERN, 2) };
	uint32_t index;
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &controls, V4L2_CTRL_CLASS_USER, &index), -EINVAL);
	EXPECT_EQ(index, 1u);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_DEF_VAL, &index), -EINVAL);
	EXPECT_EQ(index, 2u);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, V4L2_CTRL_WHICH_REQUEST_VAL), -EINVAL);
}

/* Nothing is set when anything is refused; TRY names the culprit, S does not. */
TEST_F(Controls, ExtendedSetIsAllOrNothing)
{
	std::vector<v4l2_ext_control> controls{ control(V4L2_CID_EXPOSURE, 60), control(V4L2_CID_TEST_PATTERN, 9) };
	uint32_t index;
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &controls, 0, &index), -ERANGE);
	EXPECT_EQ(index, 1u);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, 0, &index), -ERANGE);
	EXPECT_EQ(index, 2u);
	controls[1] = control(V4L2_CID_HBLANK, 3);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, 0, &index), -EACCES);
	EXPECT_EQ(index, 2u);
	EXPECT_EQ(source_.exposure->value(), 50);

	controls[1] = control(V4L2_CID_TEST_PATTERN, 2);
	controls[0].value = 1000;
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &controls, 0), 0);
	EXPECT_EQ(controls[0].value, 100);
	EXPECT_EQ(source_.exposure->value(), 50);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, 0), 0);
	EXPECT_EQ(source_.exposure->value(), 100);
	EXPECT_EQ(source_.menu->value(), 2);

	/* An error of the driver names the control that it happened at. */
	source_.setError = -EIO;
	controls[0].value = 20;
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &controls, 0, &index), -EIO);
	EXPECT_EQ(index, 0u);
}

TEST_F(Controls, RangeChangesMoveTheValue)
{
	EXPECT_EQ(source_.exposure->modifyRange(10, 30, 1, 20), 0);
	EXPECT_EQ(source_.exposure->value(), 30);
	EXPECT_EQ(source_.exposure->modifyRange(10, 300, 1, 20), 0);
	EXPECT_EQ(source_.exposure->value(), 30);
	EXPECT_EQ(source_.exposure->modifyRange(30, 10, 1, 20), -ERANGE);
	EXPECT_EQ(source_.exposure->modifyRange(10, 30, 1, 31), -ERANGE);
}

} /* namespace */
