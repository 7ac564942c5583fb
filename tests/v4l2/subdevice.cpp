/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sub-devices: states, checks, the obsolete crop calls
 */

#include "core_test.h"

#include <errno.h>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class SubdeviceNode : public CoreTest
{
protected:
	void SetUp() override { file_ = open(source_); }

	v4l2_subdev_format format(uint32_t which, uint32_t pad = 0, uint32_t width = 0)
	{
		v4l2_subdev_format result = {};
		result.which = which;
		result.pad = pad;
		result.format.width = width;
		return result;
	}

	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(SubdeviceNode, Capabilities)
{
	v4l2_subdev_capability capability;
	memset(&capability, 0xff, sizeof(capability));
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_QUERYCAP, &capability), 0);
	EXPECT_EQ(capability.capabilities, 0u);
	EXPECT_GE(capability.version, 0x060000u);
	EXPECT_EQ(capability.reserved[13], 0u);

	v4l2_subdev_client_capability client = { V4L2_SUBDEV_CLIENT_CAP_STREAMS |
						 V4L2_SUBDEV_CLIENT_CAP_INTERVAL_USES_WHICH };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_CLIENT_CAP, &client), 0);
	EXPECT_EQ(uint64_t{ client.capabilities }, V4L2_SUBDEV_CLIENT_CAP_INTERVAL_USES_WHICH);
}

/* TRY belongs to the file, ACTIVE to the device. */
TEST_F(SubdeviceNode, TryAndActive)
{
	auto other = open(source_);

	v4l2_subdev_format f = format(V4L2_SUBDEV_FORMAT_TRY, 0, 200);
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_FMT, &f), 0);
	EXPECT_EQ(f.format.width, 200u);

	f = format(V4L2_SUBDEV_FORMAT_TRY);
	ASSERT_EQ(other->ioctl(VIDIOC_SUBDEV_G_FMT, &f), 0);
	EXPECT_EQ(f.format.width, 64u);
	f = format(V4L2_SUBDEV_FORMAT_ACTIVE);
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_FMT, &f), 0);
	EXPECT_EQ(f.format.width, 64u);

	f = format(V4L2_SUBDEV_FORMAT_ACTIVE, 0, 2000);
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_FMT, &f), 0);
	f = format(V4L2_SUBDEV_FORMAT_ACTIVE);
	ASSERT_EQ(other->ioctl(VIDIOC_SUBDEV_G_FMT, &f), 0);
	EXPECT_EQ(f.format.width, 1024u);
}

TEST_F(SubdeviceNode, BadArguments)
{
	v4l2_subdev_format f = format(2);
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_FMT, &f), -EINVAL);
	f = format(V4L2_SUBDEV_FORMAT_ACTIVE, 2);
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_FMT, &f), -EINVAL);

	v4l2_subdev_mbus_code_enum code = {};
	code.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	code.pad = 7;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), -EINVAL);
	code.pad = 0;
	memset(code.reserved, 0xff, sizeof(code.reserved));
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), 0);
	EXPECT_EQ(code.reserved[0], 0u);
	code.index = 1;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code), -EINVAL);
}

/* What the driver does not have is -ENOTTY, whatever the arguments. */
TEST_F(SubdeviceNode, MissingOperations)
{
	v4l2_subdev_frame_size_enum size = {};
	size.pad = 99;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_ENUM_FRAME_SIZE, &size), -ENOTTY);
	v4l2_subdev_selection selection = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), -ENOTTY);
	v4l2_subdev_crop crop = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_CROP, &crop), -ENOTTY);
	v4l2_subdev_frame_interval interval = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_FRAME_INTERVAL, &interval), -ENOTTY);
	EXPECT_EQ(file_->ioctl(VIDIOC_LOG_STATUS, nullptr), -ENOTTY);
	v4l2_requestbuffers request = {};
	EXPECT_EQ(file_->ioctl(VIDIOC_REQBUFS, &request), -ENOTTY);
	EXPECT_EQ(file_->ioctl(_IO('V', 192), nullptr), -ENOTTY);
}

} /* namespace */
