/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * vivid: formats, rates, controls and pictures
 */

#include "graph_test.h"

#include <algorithm>
#include <errno.h>
#include <numeric>
#include <string.h>

#include "isp_sim/graph/vivid.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr uint32_t kOutput = V4L2_BUF_TYPE_VIDEO_OUTPUT;

class Vivid : public GraphTest
{
protected:
	Vivid()
		: GraphTest("vimc-vivid-vim2m")
	{
	}

	v4l2_format format()
	{
		v4l2_format format = {};
		format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
		EXPECT_EQ(capture_->ioctl(VIDIOC_G_FMT, &format), 0);
		return format;
	}

	v4l2_query_ext_ctrl query(uint32_t id)
	{
		v4l2_query_ext_ctrl query = {};
		query.id = id;
		EXPECT_EQ(capture_->ioctl(VIDIOC_QUERY_EXT_CTRL, &query), 0);
		return query;
	}

	const std::string captureName_ = "vivid-000-vid-cap";
	std::unique_ptr<v4l2::OpenFile> capture_ = open(captureName_);
	std::unique_ptr<v4l2::OpenFile> output_ = open("vivid-000-vid-out");
};

/* Inputs are the node's own, not a media graph's. */
TEST_F(Vivid, Capabilities)
{
	v4l2_capability capability;
	ASSERT_EQ(capture_->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(capability.driver), "vivid");
	EXPECT_STREQ(reinterpret_cast<char *>(capability.bus_info), "platform:vivid-000");
	EXPECT_EQ(capability.device_caps, V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING |
						  V4L2_CAP_EXT_PIX_FORMAT);

	v4l2_input input = {};
	ASSERT_EQ(capture_->ioctl(VIDIOC_ENUMINPUT, &input), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(input.name), "Webcam 000-0");
	EXPECT_EQ(output_->ioctl(VIDIOC_ENUMINPUT, &input), -ENOTTY);
}

TEST_F(Vivid, NearestSize)
{
	ASSERT_EQ(setPixelFormat(capture_.get(), V4L2_PIX_FMT_NV12, 600, 400), 0);
	EXPECT_EQ(format().fmt.pix.width, 640u);
	EXPECT_EQ(format().fmt.pix.height, 360u);
	EXPECT_EQ(format().fmt.pix.sizeimage, 640u * 360u * 3 / 2);
	ASSERT_EQ(setPixelFormat(capture_.get(), 0, UINT32_MAX, UINT32_MAX), 0);
	EXPECT_EQ(format().fmt.pix.width, 3840u);
	EXPECT_EQ(format().fmt.pix.pixelformat, V4L2_PIX_FMT_YUYV);

	/* The output takes any even size. */
	EXPECT_EQ(setPixelFormat(output_.get(), V4L2_PIX_FMT_RGB24, 320, 180, kOutput), 0);
	v4l2_format out = {};
	out.type = kOutput;
	ASSERT_EQ(output_->ioctl(VIDIOC_G_FMT, &out), 0);
	EXPECT_EQ(out.fmt.pix.sizeimage, 320u * 180u * 3u);
}

/* Large pictures have fewer rates; each one that is told can be set. */
TEST_F(Vivid, FrameIntervals)
{
	const struct {
		uint32_t width, height;
		unsigned int count;
	} sizes[] = { { 320, 180, 13 }, { 1280, 720, 12 }, { 1920, 1080, 9 }, { 3840, 2160, 7 } };

	for (const auto &size : sizes) {
		ASSERT_EQ(setPixelFormat(capture_.get(), V4L2_PIX_FMT_YUYV, size.width, size.height), 0);
		v4l2_frmivalenum interval = {};
		interval.pixel_format = V4L2_PIX_FMT_YUYV;
		interval.width = size.width;
		interval.height = size.height;
		while (!capture_->ioctl(VIDIOC_ENUM_FRAMEINTERVALS, &interval)) {
			v4l2_streamparm parameters = {};
			parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
			parameters.parm.capture.timeperframe = interval.discrete;
			ASSERT_EQ(capture_->ioctl(VIDIOC_S_PARM, &parameters), 0);
			EXPECT_EQ(parameters.parm.capture.timeperframe.numerator, interval.discrete.numerator);
			EXPECT_EQ(parameters.parm.capture.timeperframe.denominator, interval.discrete.denominator);
			interval.index++;
		}
		EXPECT_EQ(interval.index, size.count) << size.width;
	}
}

TEST_F(Vivid, ControlsOfEveryType)
{
	const v4l2_query_ext_ctrl cube = query(graph::kVividUserBase + 10);
	EXPECT_EQ(cube.type, static_cast<uint32_t>(V4L2_CTRL_TYPE_U8));
	EXPECT_EQ(cube.nr_of_dims, 4u);
	EXPECT_EQ(cube.elems, 120u);
	EXPECT_EQ(query(graph::kVividUserBase + 3).minimum, INT64_MIN);
	EXPECT_EQ(query(graph::kVividUserBase + 5).type, static_cast<uint32_t>(V4L2_CTRL_TYPE_STRING));
	EXPECT_TRUE(query(graph::kVividUserBase + 13).flags & V4L2_CTRL_FLAG_DYNAMIC_ARRAY);
	EXPECT_EQ(query(graph::kVividUserBase + 11).elem_size, sizeof(v4l2_area));

	/* One control goes with the size of the picture. */
	ASSERT_EQ(setPixelFormat(capture_.get(), V4L2_PIX_FMT_YUYV, 320, 180), 0);
	EXPECT_EQ(query(graph::kCidVividPixelArray).dims[0], 320u);
	EXPECT_EQ(query(graph::kCidVividPixelArray).dims[1], 192u);
}

/* The gain is volatile while it is automatic. */
TEST_F(Vivid, GainFollowsTheAutomatic)
{
	EXPECT_TRUE(query(V4L2_CID_GAIN).flags & V4L2_CTRL_FLAG_VOLATILE);
	ASSERT_EQ(setControl(captureName_, V4L2_CID_AUTOGAIN, 0), 0);
	EXPECT_FALSE(query(V4L2_CID_GAIN).flags & V4L2_CTRL_FLAG_VOLATILE);
	EXPECT_EQ(setControl(captureName_, V4L2_CID_GAIN, 77), 0);
}

TEST_F(Vivid, Pictures)
{
	ASSERT_EQ(setPixelFormat(capture_.get(), V4L2_PIX_FMT_RGB24, 320, 180), 0);
	ASSERT_EQ(setControl(captureName_, graph::kCidVividPattern, 1), 0);
	ASSERT_EQ(setControl(captureName_, graph::kCidVividTextMode, 2), 0);
	Frame still = GraphTest::capture(capture_.get(), 1)[0];
	ASSERT_EQ(still.data.size(), 320u * 180u * 3u);
	const uint8_t *red = &still.data[(100 * 320 + 5 * 40 + 20) * 3];
	EXPECT_EQ(red[0], 255);
	EXPECT_EQ(red[1], 0);

	/* Moving to the right by 8 pixels a frame; the first frame is at rest. */
	ASSERT_EQ(setControl(captureName_, graph::kCidVividHorizontalMove, 6), 0);
	std::vector<Frame> frames = GraphTest::capture(capture_.get(), 2);
	EXPECT_EQ(frames[0].data, still.data);
	EXPECT_EQ(memcmp(&frames[1].data[8 * 3], &still.data[0], 100 * 3), 0);
	EXPECT_NE(frames[1].data, still.data);

	ASSERT_EQ(setControl(captureName_, graph::kCidVividHorizontalMove, 3), 0);
	ASSERT_EQ(setControl(captureName_, graph::kCidVividBorder, 1), 0);
	ASSERT_EQ(setControl(captureName_, graph::kCidVividSensorHflip, 1), 0);
	Frame framed = GraphTest::capture(capture_.get(), 1)[0];
	EXPECT_EQ(framed.data[3], 255);
	EXPECT_EQ(framed.data[(179 * 320 + 5) * 3 + 1], 0);
	/* Flipped: black is on the left. */
	EXPECT_EQ(framed.data[(100 * 320 + 20) * 3], 0);
}

/* In every format a frame fills its buffer, with something in it. */
TEST_F(Vivid, EveryFormat)
{
	v4l2_fmtdesc description = {};
	description.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	while (!capture_->ioctl(VIDIOC_ENUM_FMT, &description)) {
		ASSERT_EQ(setPixelFormat(capture_.get(), description.pixelformat, 320, 180), 0);
		EXPECT_EQ(format().fmt.pix.pixelformat, description.pixelformat);
		const Frame frame = GraphTest::capture(capture_.get(), 1)[0];
		EXPECT_EQ(frame.data.size(), format().fmt.pix.sizeimage);
		EXPECT_GT(std::accumulate(frame.data.begin(), frame.data.end(), 0ULL), 0u);
		description.index++;
	}
	EXPECT_EQ(description.index, 31u);
}

TEST_F(Vivid, OutputGivesBuffersBack)
{
	ASSERT_EQ(setPixelFormat(output_.get(), V4L2_PIX_FMT_RGB24, 320, 180, kOutput), 0);
	ASSERT_EQ(request(output_.get(), 2, kOutput), 2);
	ASSERT_EQ(queue(output_.get(), 0, kOutput), 0);
	ASSERT_EQ(queue(output_.get(), 1, kOutput), 0);
	ASSERT_EQ(streamOn(output_.get(), kOutput), 0);

	for (uint32_t i = 0; i < 4; i++) {
		Frame frame;
		ASSERT_EQ(dequeue(output_.get(), &frame, kOutput), 0);
		EXPECT_EQ(frame.sequence, i);
		EXPECT_EQ(frame.index, i % 2);
		ASSERT_EQ(queue(output_.get(), frame.index, kOutput), 0);
	}
	EXPECT_EQ(streamOff(output_.get(), kOutput), 0);
}

} /* namespace */
