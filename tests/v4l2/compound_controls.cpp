/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arrays, structures and strings
 */

#include "control_test.h"

#include <errno.h>
#include <numeric>

using namespace fovea;
using namespace fovea::test;

namespace {

class CompoundControls : public ControlTest
{
protected:
	CompoundControls()
	{
		integer_ = handler_.add({ kCustom, V4L2_CTRL_TYPE_INTEGER, "Integer", 0, 9, 1, 3 });
		bytes_ = handler_.add({ .id = kCustom + 1, .type = V4L2_CTRL_TYPE_U8, .name = "Bytes",
					.minimum = 0x10, .maximum = 0x20, .step = 1, .defaultValue = 0x18,
					.dims = { 2, 3, 4, 5 } });
		wide_ = handler_.add({ .id = kCustom + 2, .type = V4L2_CTRL_TYPE_INTEGER64, .name = "Wide",
				       .minimum = -1000, .maximum = INT64_C(1) << 40, .step = 10, .defaultValue = -20,
				       .dims = { 5 } });
		text_ = handler_.add({ kCustom + 3, V4L2_CTRL_TYPE_STRING, "Text", 2, 6, 2, 0 });
		area_ = handler_.add({ .id = kCustom + 4, .type = V4L2_CTRL_TYPE_AREA, .name = "Area",
				       .minimum = 0, .maximum = 0, .step = 0, .defaultValue = 0,
				       .flags = V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX,
				       .structDefault = area(1000, 2000),
				       .structMinimum = area(1, 1), .structMaximum = area(5000, 5000) });
		dynamic_ = handler_.add({ .id = kCustom + 5, .type = V4L2_CTRL_TYPE_U32, .name = "Dynamic",
					  .minimum = 10, .maximum = 0xffffffff, .step = 1, .defaultValue = 50,
					  .flags = V4L2_CTRL_FLAG_DYNAMIC_ARRAY, .dims = { 4 } });
	}

	static std::vector<uint8_t> area(uint32_t width, uint32_t height)
	{
		v4l2_area a = { width, height };
		std::vector<uint8_t> bytes(sizeof(a));
		memcpy(bytes.data(), &a, sizeof(a));
		return bytes;
	}

	int setData(const v4l2::Control &control, std::span<const uint8_t> data) override
	{
		if (setError_)
			return setError_;
		written_[control.id()].assign(data.begin(), data.end());
		return 0;
	}

	int getVolatileData(const v4l2::Control &, std::span<uint8_t> data) override
	{
		std::iota(data.begin(), data.end(), 1);
		return 0;
	}

	int getText(std::string *text, uint32_t size, uint32_t *needed = nullptr)
	{
		std::vector<char> buffer(size, 'x');
		v4l2_ext_control one = payload(kCustom + 3, &buffer);
		int ret = ext(VIDIOC_G_EXT_CTRLS, &one);
		if (!ret)
			*text = buffer.data();
		if (needed)
			*needed = one.size;
		return ret;
	}

	int setText(std::string text, bool terminated = true)
	{
		std::vector<char> buffer(text.begin(), text.end());
		if (terminated)
			buffer.push_back(0);
		v4l2_ext_control one = payload(kCustom + 3, &buffer);
		return ext(VIDIOC_S_EXT_CTRLS, &one);
	}

	v4l2::Control *integer_;
	v4l2::Control *bytes_;
	v4l2::Control *wide_;
	v4l2::Control *text_;
	v4l2::Control *area_;
	v4l2::Control *dynamic_;
	int setError_ = 0;
	std::map<uint32_t, std::vector<uint8_t>> written_;
};

TEST_F(CompoundControls, QueryTellsTheShape)
{
	v4l2_query_ext_ctrl array = query(kCustom + 1);
	EXPECT_EQ(array.elem_size, 1u);
	EXPECT_EQ(array.elems, 120u);
	EXPECT_EQ(array.nr_of_dims, 4u);
	EXPECT_EQ(std::vector<uint32_t>(array.dims, array.dims + 4), (std::vector<uint32_t>{ 2, 3, 4, 5 }));
	EXPECT_TRUE(array.flags & V4L2_CTRL_FLAG_HAS_PAYLOAD);

	v4l2_query_ext_ctrl text = query(kCustom + 3);
	EXPECT_EQ(text.elem_size, 7u);
	EXPECT_TRUE(text.flags & V4L2_CTRL_FLAG_HAS_PAYLOAD);
	EXPECT_EQ(query(kCustom + 4).elem_size, sizeof(v4l2_area));
	EXPECT_FALSE(query(kCustom).flags & V4L2_CTRL_FLAG_HAS_PAYLOAD);

	/* The old query has no room for such ranges. */
	v4l2_queryctrl old = {};
	old.id = kCustom + 1;
	ASSERT_EQ(file_.ioctl(VIDIOC_QUERYCTRL, &old), 0);
	EXPECT_EQ(old.maximum, 0);
}

TEST_F(CompoundControls, EnumerationSeparatesThem)
{
	auto enumerate = [&](uint32_t flags) {
		std::vector<uint32_t> ids;
		v4l2_query_ext_ctrl next = {};
		next.id = flags;
		while (!file_.ioctl(VIDIOC_QUERY_EXT_CTRL, &next)) {
			if (next.type != V4L2_CTRL_TYPE_CTRL_CLASS)
				ids.push_back(next.id - kCustom);
			next.id |= flags;
		}
		return ids;
	};

	using Ids = std::vector<uint32_t>;
	EXPECT_EQ(enumerate(V4L2_CTRL_FLAG_NEXT_CTRL), (Ids{ 0, 3 }));
	EXPECT_EQ(enumerate(V4L2_CTRL_FLAG_NEXT_COMPOUND), (Ids{ 1, 2, 4, 5 }));
	EXPECT_EQ(enumerate(V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND), (Ids{ 0, 1, 2, 3, 4, 5 }));
}

TEST_F(CompoundControls, ArraysAreReadAndWrittenWhole)
{
	std::vector<uint8_t> data(120);
	std::iota(data.begin(), data.end(), 0);
	v4l2_ext_control one = payload(kCustom + 1, &data);
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);

	/* Each element is brought into the range, and the caller sees it. */
	EXPECT_EQ(data[0], 0x10);
	EXPECT_EQ(data[0x15], 0x15);
	EXPECT_EQ(data[119], 0x20);
	EXPECT_EQ(written_[kCustom + 1], data);

	std::vector<uint8_t> back(200);
	one = payload(kCustom + 1, &back);
	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one), 0);
	EXPECT_EQ(one.size, 120u);
	back.resize(120);
	EXPECT_EQ(back, data);

	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one, V4L2_CTRL_WHICH_DEF_VAL), 0);
	EXPECT_EQ(back, std::vector<uint8_t>(120, 0x18));

	std::vector<int64_t> numbers{ -5000, 4, 5, INT64_C(1) << 41, 996 };
	one = payload(kCustom + 2, &numbers);
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);
	EXPECT_EQ(numbers, (std::vector<int64_t>{ -1000, 0, 10, ((INT64_C(1) << 40) + 1000) / 10 * 10 - 1000, 1000 }));
	EXPECT_EQ(wide_->value(4), 1000);
}

TEST_F(CompoundControls, SizesAreChecked)
{
	std::vector<uint8_t> data(119);
	std::vector<v4l2_ext_control> list{ control(kCustom, 5), payload(kCustom + 1, &data) };

	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &list), -ENOSPC);
	EXPECT_EQ(list[1].size, 120u);
	EXPECT_EQ(errorIndex_, 2u);

	list[1].size = 119;
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &list), -EFAULT);
	EXPECT_EQ(errorIndex_, 1u);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), -EFAULT);
	EXPECT_EQ(errorIndex_, 2u);
	EXPECT_EQ(integer_->value(), 3);

	/* The ioctls of one control do not know of payloads. */
	v4l2_control old = { kCustom + 1, 0 };
	EXPECT_EQ(file_.ioctl(VIDIOC_G_CTRL, &old), -EINVAL);
	EXPECT_EQ(file_.ioctl(VIDIOC_S_CTRL, &old), -EINVAL);
}

TEST_F(CompoundControls, InvalidPayloadsSetNothing)
{
	std::vector<uint8_t> zero = area(0, 5);
	std::vector<v4l2_ext_control> list{ control(kCustom, 5), payload(kCustom + 4, &zero) };
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), -EINVAL);
	EXPECT_EQ(errorIndex_, 2u);
	EXPECT_EQ(integer_->value(), 3);

	std::vector<uint8_t> good = area(7, 5);
	list[1] = payload(kCustom + 4, &good);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), 0);
	EXPECT_EQ(integer_->value(), 5);
	EXPECT_EQ(written_[kCustom + 4], good);

	setError_ = -EIO;
	std::vector<uint8_t> refused = area(9, 9);
	v4l2_ext_control one = payload(kCustom + 4, &refused);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), -EIO);
	EXPECT_TRUE(std::equal(good.begin(), good.end(), area_->data().begin()));
}

TEST_F(CompoundControls, BoundsOfStructures)
{
	std::vector<uint8_t> data(sizeof(v4l2_area));
	v4l2_ext_control one = payload(kCustom + 4, &data);
	const std::pair<uint32_t, std::vector<uint8_t>> bounds[] = {
		{ V4L2_CTRL_WHICH_DEF_VAL, area(1000, 2000) },
		{ V4L2_CTRL_WHICH_MIN_VAL, area(1, 1) },
		{ V4L2_CTRL_WHICH_MAX_VAL, area(5000, 5000) },
	};

	for (const auto &[which, value] : bounds) {
		ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one, which), 0);
		EXPECT_EQ(data, value);
		EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one, which), -EINVAL);
	}

	/* Others have them in VIDIOC_QUERY_EXT_CTRL. */
	v4l2_ext_control plain = control(kCustom);
	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &plain, V4L2_CTRL_WHICH_MIN_VAL), -EINVAL);
}

TEST_F(CompoundControls, Strings)
{
	std::string text;
	ASSERT_EQ(getText(&text, 7), 0);
	EXPECT_EQ(text, "  ");

	EXPECT_EQ(setText("abcd"), 0);
	ASSERT_EQ(getText(&text, 5), 0);
	EXPECT_EQ(text, "abcd");
	uint32_t needed;
	EXPECT_EQ(getText(&text, 4, &needed), -ENOSPC);
	EXPECT_EQ(needed, 7u);

	EXPECT_EQ(setText("a"), -ERANGE);
	EXPECT_EQ(setText("abc"), -ERANGE);
	EXPECT_EQ(setText(""), -ERANGE);
	EXPECT_EQ(setText("abcdefg"), -ERANGE);
	EXPECT_EQ(setText("abcdefghijk"), -ERANGE);
	EXPECT_EQ(setText("", false), -ERANGE);
	EXPECT_EQ(setText("abcdef"), 0);

	/* What follows the end of a string is no part of it. */
	EXPECT_EQ(setText(std::string("ab\0yz", 5)), 0);
	ASSERT_EQ(getText(&text, 7), 0);
	EXPECT_EQ(text, "ab");
	EXPECT_EQ(text_->text(), "ab");

	EXPECT_EQ(text_->setText("driver"), 0);
	EXPECT_EQ(text_->setText("too long"), -ERANGE);
	EXPECT_EQ(text_->text(), "driver");
}

TEST_F(CompoundControls, DynamicArraysGrowAndShrink)
{
	EXPECT_EQ(query(kCustom + 5).elems, 1u);
	EXPECT_EQ(query(kCustom + 5).dims[0], 4u);

	std::vector<uint32_t> data{ 1, 20, 30 };
	v4l2_ext_control one = payload(kCustom + 5, &data);
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);
	EXPECT_EQ(query(kCustom + 5).elems, 3u);
	EXPECT_EQ(data[0], 10u);

	std::vector<uint32_t> back(4, 99);
	one = payload(kCustom + 5, &back);
	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one), 0);
	EXPECT_EQ(one.size, 12u);
	EXPECT_EQ(back, (std::vector<uint32_t>{ 10, 20, 30, 99 }));

	one.size = 8;
	EXPECT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one), -ENOSPC);
	EXPECT_EQ(one.size, 12u);

	std::vector<uint32_t> tooMany(5, 10);
	one = payload(kCustom + 5, &tooMany);
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), -ENOSPC);
	EXPECT_EQ(one.size, 16u);
	one.size = 0;
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), -EFAULT);
}

TEST_F(CompoundControls, Volatile)
{
	handler_.add({ .id = kCustom + 6, .type = V4L2_CTRL_TYPE_U16, .name = "Counter",
		       .minimum = 0, .maximum = 65535, .step = 1, .defaultValue = 0,
		       .flags = V4L2_CTRL_FLAG_VOLATILE | V4L2_CTRL_FLAG_READ_ONLY, .dims = { 2 } });
	std::vector<uint16_t> data(2);
	v4l2_ext_control one = payload(kCustom + 6, &data);
	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one), 0);
	EXPECT_EQ(data, (std::vector<uint16_t>{ 0x0201, 0x0403 }));
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), -EACCES);
}

TEST_F(CompoundControls, EventsCarryNoPayload)
{
	v4l2_event_subscription subscription = {};
	subscription.type = V4L2_EVENT_CTRL;
	subscription.id = kCustom + 1;
	ASSERT_EQ(handler_.subscribe(&other_, subscription), 0);

	std::vector<uint8_t> data(120, 0x11);
	v4l2_ext_control one = payload(kCustom + 1, &data);
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);
	v4l2_event event;
	ASSERT_EQ(other_.events().dequeue(&event), 0);
	EXPECT_EQ(event.u.ctrl.changes, static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_VALUE));
	EXPECT_EQ(int64_t{ event.u.ctrl.value64 }, 0);

	/* Equal bytes are no change. */
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);
	EXPECT_EQ(other_.events().dequeue(&event), -EAGAIN);

	ASSERT_EQ(bytes_->modifyDimensions({ 1, 1, 2, 2 }), 0);
	ASSERT_EQ(other_.events().dequeue(&event), 0);
	EXPECT_TRUE(event.u.ctrl.changes & V4L2_EVENT_CTRL_CH_DIMENSIONS);
	EXPECT_EQ(query(kCustom + 1).elems, 4u);
	EXPECT_EQ(bytes_->value(3), 0x18);
	EXPECT_EQ(bytes_->modifyDimensions({ 4 }), -EINVAL);
}

TEST_F(CompoundControls, ImpossibleControlsAreRefused)
{
	const uint32_t id = kCustom + 0x100;
	auto refused = [&](v4l2::ControlInfo info) {
		info.id = id;
		info.name = "Impossible";
		return !handler_.add(info);
	};

	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_INTEGER, .minimum = 5, .maximum = 4, .step = 1, .defaultValue = 5 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_INTEGER, .minimum = 0, .maximum = 4, .step = 1, .defaultValue = 5 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_INTEGER, .minimum = 0, .maximum = 4, .step = 0, .defaultValue = 0 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_BOOLEAN, .minimum = 0, .maximum = 2, .step = 1, .defaultValue = 0 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_BITMASK, .minimum = 0, .maximum = 3, .step = 0, .defaultValue = 4 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_STRING, .minimum = 0, .maximum = 3, .step = 0, .defaultValue = 0 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_MENU, .minimum = 0, .maximum = 1, .step = 1, .defaultValue = 0, .menu = { "One" } }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_BUTTON, .minimum = 0, .maximum = 0, .step = 0, .defaultValue = 0, .dims = { 2 } }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_U8, .minimum = 0, .maximum = 9, .step = 1, .defaultValue = 0, .dims = { 2, 0 } }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_U8, .minimum = 0, .maximum = 9, .step = 1, .defaultValue = 0, .dims = { 65536, 65536 } }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_HDR10_CLL_INFO, .minimum = 0, .maximum = 0, .step = 0, .defaultValue = 0 }));
	EXPECT_FALSE(refused({ .type = V4L2_CTRL_TYPE_HDR10_CLL_INFO, .minimum = 0, .maximum = 0, .step = 0, .defaultValue = 0, .structSize = 4 }));
	EXPECT_TRUE(refused({ .type = V4L2_CTRL_TYPE_INTEGER, .minimum = 0, .maximum = 4, .step = 1, .defaultValue = 0 }));
}

/* The default of a dynamic array has as many elements as the array has now. */
TEST_F(CompoundControls, DefaultOfDynamicArrays)
{
	std::vector<uint32_t> values{ 11, 12, 13 };
	v4l2_ext_control one = payload(kCustom + 5, &values);
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &one), 0);

	ASSERT_EQ(ext(VIDIOC_G_EXT_CTRLS, &one, V4L2_CTRL_WHICH_DEF_VAL), 0);
	const auto standard = static_cast<uint32_t>(dynamic_->info().defaultValue);
	EXPECT_EQ(values, std::vector<uint32_t>(3, standard));
}

/* Numbers from the time before classes stand for the driver's own numbers. */
TEST_F(CompoundControls, OldPrivateNumbers)
{
	v4l2_query_ext_ctrl first = query(V4L2_CID_PRIVATE_BASE);
	EXPECT_EQ(first.id, V4L2_CID_PRIVATE_BASE);
	EXPECT_STREQ(first.name, "Integer");

	v4l2_control value = { V4L2_CID_PRIVATE_BASE, 7 };
	EXPECT_EQ(file_.ioctl(VIDIOC_S_CTRL, &value), 0);
	EXPECT_EQ(integer_->value(), 7);

	/* No other one of this handler has 32 bits. */
	v4l2_query_ext_ctrl second = {};
	second.id = V4L2_CID_PRIVATE_BASE + 1;
	EXPECT_EQ(file_.ioctl(VIDIOC_QUERY_EXT_CTRL, &second), -EINVAL);
	v4l2_ext_control ext = control(V4L2_CID_PRIVATE_BASE, 3);
	EXPECT_EQ(this->ext(VIDIOC_G_EXT_CTRLS, &ext), -EINVAL);
}

} /* namespace */
