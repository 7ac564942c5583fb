/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Video nodes: capabilities, formats, inputs, priorities
 */

#include "core_test.h"

#include <errno.h>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kCapture = V4L2_BUF_TYPE_VIDEO_CAPTURE;

class VideoNode : public CoreTest
{
protected:
	void SetUp() override { file_ = open(capture_); }

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(VideoNode, Capabilities)
{
	v4l2_capability capability;
	ASSERT_EQ(file_->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(capability.driver), "test");
	EXPECT_STREQ(reinterpret_cast<char *>(capability.card), "Test device");
	EXPECT_STREQ(reinterpret_cast<char *>(capability.bus_info), "platform:test");
	EXPECT_EQ(capability.device_caps,
		  static_cast<uint32_t>(V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING |
					V4L2_CAP_IO_MC | V4L2_CAP_EXT_PIX_FORMAT));
	EXPECT_EQ(capability.capabilities, capability.device_caps | V4L2_CAP_DEVICE_CAPS);

	ASSERT_EQ(open(planar_)->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_TRUE(capability.device_caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE);
	ASSERT_EQ(open(output_)->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_TRUE(capability.device_caps & V4L2_CAP_VIDEO_OUTPUT);
}

TEST_F(VideoNode, EnumFormats)
{
	v4l2_fmtdesc description = {};
	description.type = kCapture;
	memset(description.reserved, 0xff, sizeof(description.reserved));
	ASSERT_EQ(file_->ioctl(VIDIOC_ENUM_FMT, &description), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(description.description), "8-bit Greyscale");
	EXPECT_EQ(description.reserved[0], 0u);
	description.index = 1;
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUM_FMT, &description), -EINVAL);
	description.index = 0;
	description.mbus_code = MEDIA_BUS_FMT_Y10_1X10;
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUM_FMT, &description), -EINVAL);
	description = {};
	description.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUM_FMT, &description), -EINVAL);

	v4l2_frmsizeenum size = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUM_FRAMESIZES, &size), -ENOTTY);
}

TEST_F(VideoNode, Formats)
{
	v4l2_format format = {};
	format.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	EXPECT_EQ(file_->ioctl(VIDIOC_G_FMT, &format), -EINVAL);
	EXPECT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), -EINVAL);

	format.type = kCapture;
	format.fmt.pix.width = 5;
	ASSERT_EQ(file_->ioctl(VIDIOC_TRY_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.width, 16u);
	ASSERT_EQ(file_->ioctl(VIDIOC_G_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.width, 64u);

	format.fmt.pix.width = 100;
	ASSERT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), 0);
	ASSERT_EQ(open(capture_)->ioctl(VIDIOC_G_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.width, 100u);

	/* Buffers pin the format. */
	ASSERT_EQ(request(file_.get(), kCapture, 1), 0);
	EXPECT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), -EBUSY);
	EXPECT_EQ(file_->ioctl(VIDIOC_TRY_FMT, &format), 0);
	ASSERT_EQ(request(file_.get(), kCapture, 0), 0);
	EXPECT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), 0);
}

TEST_F(VideoNode, OneInput)
{
	v4l2_input input = {};
	ASSERT_EQ(file_->ioctl(VIDIOC_ENUMINPUT, &input), 0);
	EXPECT_EQ(input.type, static_cast<uint32_t>(V4L2_INPUT_TYPE_CAMERA));
	EXPECT_STREQ(reinterpret_cast<char *>(input.name), "capture");
	input.index = 1;
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUMINPUT, &input), -EINVAL);

	int index = 5;
	ASSERT_EQ(file_->ioctl(VIDIOC_G_INPUT, &index), 0);
	EXPECT_EQ(index, 0);
	EXPECT_EQ(file_->ioctl(VIDIOC_S_INPUT, &index), 0);
	index = 1;
	EXPECT_EQ(file_->ioctl(VIDIOC_S_INPUT, &index), -EINVAL);
	EXPECT_EQ(file_->ioctl(VIDIOC_G_OUTPUT, &index), -ENOTTY);

	auto output = open(output_);
	EXPECT_EQ(output->ioctl(VIDIOC_G_OUTPUT, &index), 0);
	EXPECT_EQ(output->ioctl(VIDIOC_G_INPUT, &index), -ENOTTY);
}

/* A file of higher priority keeps the others of the device from changes. */
TEST_F(VideoNode, Priorities)
{
	auto other = open(output_);
	uint32_t priority;
	ASSERT_EQ(file_->ioctl(VIDIOC_G_PRIORITY, &priority), 0);
	EXPECT_EQ(priority, static_cast<uint32_t>(V4L2_PRIORITY_DEFAULT));

	priority = 17;
	EXPECT_EQ(file_->ioctl(VIDIOC_S_PRIORITY, &priority), -EINVAL);
	priority = V4L2_PRIORITY_RECORD;
	ASSERT_EQ(other->ioctl(VIDIOC_S_PRIORITY, &priority), 0);

	v4l2_format format = {};
	format.type = kCapture;
	EXPECT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), -EBUSY);
	EXPECT_EQ(request(file_.get(), kCapture, 1), -EBUSY);
	EXPECT_EQ(file_->ioctl(VIDIOC_G_FMT, &format), 0);

	other.reset();
	EXPECT_EQ(file_->ioctl(VIDIOC_S_FMT, &format), 0);
}

TEST_F(VideoNode, UnknownIoctls)
{
	v4l2_streamparm parameters = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_G_PARM, &parameters), -ENOTTY);
	v4l2_selection selection = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_G_SELECTION, &selection), -ENOTTY);
	v4l2_std_id standard;
	EXPECT_EQ(file_->ioctl(VIDIOC_G_STD, &standard), -ENOTTY);
	v4l2_subdev_format format = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &format), -ENOTTY);
	EXPECT_EQ(file_->ioctl(0, nullptr), -ENOTTY);
}

} /* namespace */
