/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The vimc rig: formats, rules and pictures
 */

#include "graph_test.h"

#include <errno.h>
#include <string.h>

#include "isp_sim/graph/subdevices.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr uint32_t kBggr = MEDIA_BUS_FMT_SBGGR8_1X8;
constexpr uint32_t kRgb = MEDIA_BUS_FMT_RGB888_1X24;

class Vimc : public GraphTest
{
protected:
	Vimc()
		: GraphTest("vimc")
	{
	}

	/* The way from sensor A to the picture, with formats that fit. */
	void setUpPipe(uint32_t width, uint32_t height)
	{
		EXPECT_EQ(setFormat("Sensor A", 0, kBggr, width, height), 0);
		EXPECT_EQ(setFormat("Debayer A", 0, kBggr, width, height), 0);
		EXPECT_EQ(setFormat("Scaler", 0, kRgb, width, height), 0);
		EXPECT_EQ(setPixelFormat(raw_.get(), V4L2_PIX_FMT_SBGGR8, width, height), 0);
		EXPECT_EQ(setPixelFormat(picture_.get(), V4L2_PIX_FMT_RGB24, width, height), 0);
		EXPECT_EQ(setControl("Sensor A", graph::kCidTextMode, 2), 0);
	}

	std::unique_ptr<v4l2::OpenFile> raw_ = open("Raw Capture 0");
	std::unique_ptr<v4l2::OpenFile> picture_ = open("RGB/YUV Capture");
};

TEST_F(Vimc, Capabilities)
{
	v4l2_capability capability;
	ASSERT_EQ(raw_->ioctl(VIDIOC_QUERYCAP, &capability), 0);
	EXPECT_STREQ(reinterpret_cast<char *>(capability.driver), "vimc");
	EXPECT_STREQ(reinterpret_cast<char *>(capability.card), "vimc");
	EXPECT_STREQ(reinterpret_cast<char *>(capability.bus_info), "platform:vimc");
	EXPECT_EQ(capability.device_caps, V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING |
						  V4L2_CAP_IO_MC | V4L2_CAP_EXT_PIX_FORMAT);
}

/* Fields behind "priv" count only where the caller says that it set them. */
TEST_F(Vimc, ColorimetryNeedsTheMagicNumber)
{
	v4l2_format format = {};
	format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	format.fmt.pix.pixelformat = V4L2_PIX_FMT_RGB24;
	format.fmt.pix.colorspace = V4L2_COLORSPACE_REC709;
	format.fmt.pix.quantization = V4L2_QUANTIZATION_LIM_RANGE;
	format.fmt.pix.priv = 1;
	ASSERT_EQ(raw_->ioctl(VIDIOC_TRY_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.priv, V4L2_PIX_FMT_PRIV_MAGIC);
	EXPECT_EQ(format.fmt.pix.colorspace, static_cast<uint32_t>(V4L2_COLORSPACE_REC709));
	EXPECT_EQ(format.fmt.pix.quantization, V4L2_QUANTIZATION_DEFAULT);

	format.fmt.pix.quantization = V4L2_QUANTIZATION_LIM_RANGE;
	ASSERT_EQ(raw_->ioctl(VIDIOC_TRY_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.quantization, V4L2_QUANTIZATION_LIM_RANGE);

	ASSERT_EQ(raw_->ioctl(VIDIOC_G_FMT, &format), 0);
	EXPECT_EQ(format.fmt.pix.priv, V4L2_PIX_FMT_PRIV_MAGIC);
}

TEST_F(Vimc, SensorTakesAllCodes)
{
	auto sensor = open("Sensor A");
	v4l2_subdev_mbus_code_enum code = {};
	unsigned int count = 0;
	while (!sensor->ioctl(VIDIOC_SUBDEV_ENUM_MBUS_CODE, &code)) {
		EXPECT_EQ(setFormat("Sensor A", 0, code.code, 640, 480), 0);
		count++;
		code = { .pad = 0, .index = count, .code = 0, .which = 0, .flags = 0, .stream = 0, .reserved = {} };
	}
	EXPECT_EQ(count, 31u);

	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	format.format = { .width = UINT32_MAX, .height = 17, .code = 1, .field = V4L2_FIELD_ANY,
			  .colorspace = 0xff, .ycbcr_enc = 0xff, .quantization = 0xff,
			  .xfer_func = 0xff, .flags = 0, .reserved = {} };
	ASSERT_EQ(sensor->ioctl(VIDIOC_SUBDEV_S_FMT, &format), 0);
	EXPECT_EQ(format.format.width, 4096u);
	EXPECT_EQ(format.format.height, 16u);
	EXPECT_EQ(format.format.code, kRgb);
	EXPECT_EQ(format.format.field, static_cast<uint32_t>(V4L2_FIELD_NONE));
	EXPECT_EQ(format.format.colorspace, static_cast<uint32_t>(V4L2_COLORSPACE_DEFAULT));
	EXPECT_EQ(format.format.ycbcr_enc, V4L2_YCBCR_ENC_DEFAULT);
}

TEST_F(Vimc, DebayerPropagates)
{
	auto debayer = open("Debayer A");
	ASSERT_EQ(setFormat("Debayer A", 0, kBggr, 320, 240), 0);
	ASSERT_EQ(setFormat("Debayer A", 1, MEDIA_BUS_FMT_BGR888_1X24, 16, 16), 0);

	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	format.pad = 1;
	ASSERT_EQ(debayer->ioctl(VIDIOC_SUBDEV_G_FMT, &format), 0);
	EXPECT_EQ(format.format.width, 320u);
	EXPECT_EQ(format.format.height, 240u);
	EXPECT_EQ(format.format.code, static_cast<uint32_t>(MEDIA_BUS_FMT_BGR888_1X24));

	/* The try state is the file's own. */
	format.which = V4L2_SUBDEV_FORMAT_TRY;
	ASSERT_EQ(debayer->ioctl(VIDIOC_SUBDEV_G_FMT, &format), 0);
	EXPECT_EQ(format.format.width, 640u);
	EXPECT_EQ(format.format.code, kRgb);
}

TEST_F(Vimc, ScalerCrops)
{
	auto scaler = open("Scaler");
	ASSERT_EQ(setFormat("Scaler", 0, kRgb, 320, 240), 0);

	v4l2_subdev_selection selection = {};
	selection.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	selection.target = V4L2_SEL_TGT_CROP;
	selection.r = { 310, -5, 1, 1000 };
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_S_SELECTION, &selection), 0);
	EXPECT_EQ(selection.r.left, 304);
	EXPECT_EQ(selection.r.top, 0);
	EXPECT_EQ(selection.r.width, 16u);
	EXPECT_EQ(selection.r.height, 240u);

	selection.target = V4L2_SEL_TGT_CROP_BOUNDS;
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), 0);
	EXPECT_EQ(selection.r.width, 320u);
	selection.pad = 1;
	EXPECT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), -EINVAL);
	selection.pad = 0;
	selection.target = V4L2_SEL_TGT_COMPOSE;
	EXPECT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), -EINVAL);

	/* A new format at the sink resets crop and source. */
	ASSERT_EQ(setFormat("Scaler", 1, kRgb, 64, 64), 0);
	ASSERT_EQ(setFormat("Scaler", 0, kRgb, 200, 100), 0);
	selection.target = V4L2_SEL_TGT_CROP;
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), 0);
	EXPECT_EQ(selection.r.width, 200u);
	EXPECT_EQ(setFormat("Scaler", 0, kBggr, 200, 100), 0);
	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	format.pad = 1;
	ASSERT_EQ(scaler->ioctl(VIDIOC_SUBDEV_G_FMT, &format), 0);
	EXPECT_EQ(format.format.width, 200u);
	EXPECT_EQ(format.format.code, kRgb);
}

TEST_F(Vimc, LensHasFocus)
{
	EXPECT_EQ(setControl("Lens A", V4L2_CID_FOCUS_ABSOLUTE, 1023), 0);
	v4l2_control control = { V4L2_CID_FOCUS_ABSOLUTE, 0 };
	ASSERT_EQ(open("Lens A")->ioctl(VIDIOC_G_CTRL, &control), 0);
	EXPECT_EQ(control.value, 1023);
	ASSERT_EQ(open("Lens B")->ioctl(VIDIOC_G_CTRL, &control), 0);
	EXPECT_EQ(control.value, 0);
}

TEST_F(Vimc, FormatsHaveToMatch)
{
	/* At first the sensor's code is none that the debayer takes. */
	ASSERT_EQ(request(raw_.get(), 2), 2);
	EXPECT_EQ(streamOn(raw_.get()), -EPIPE);
	ASSERT_EQ(request(raw_.get(), 0), 0);

	setUpPipe(64, 48);
	ASSERT_EQ(setPixelFormat(raw_.get(), V4L2_PIX_FMT_SRGGB8, 64, 48), 0);
	ASSERT_EQ(request(raw_.get(), 2), 2);
	EXPECT_EQ(streamOn(raw_.get()), -EPIPE);
}

TEST_F(Vimc, ScalerWithoutInput)
{
	setUpPipe(64, 48);
	ASSERT_EQ(setLink("Debayer A", 1, "Scaler", 0, 0), 0);
	ASSERT_EQ(request(picture_.get(), 2), 2);
	EXPECT_EQ(streamOn(picture_.get()), -EPIPE);

	/* The raw node does not need it. */
	EXPECT_EQ(capture(raw_.get(), 1).size(), 1u);
}

TEST_F(Vimc, OneStreamForEachPipeline)
{
	setUpPipe(64, 48);
	ASSERT_EQ(request(raw_.get(), 2), 2);
	ASSERT_EQ(request(picture_.get(), 2), 2);
	ASSERT_EQ(streamOn(raw_.get()), 0);
	EXPECT_EQ(streamOn(picture_.get()), -EBUSY);

	/* What takes part is busy, what does not is free. */
	EXPECT_EQ(setFormat("Sensor A", 0, kBggr, 64, 48), -EBUSY);
	EXPECT_EQ(setFormat("Sensor A", 0, kBggr, 64, 48, V4L2_SUBDEV_FORMAT_TRY), 0);
	EXPECT_EQ(setFormat("Sensor B", 0, kBggr, 64, 48), 0);
	EXPECT_EQ(setPixelFormat(raw_.get(), V4L2_PIX_FMT_SBGGR8, 64, 48), -EBUSY);
	EXPECT_EQ(setLink("Debayer A", 1, "Scaler", 0, 0), -EBUSY);

	ASSERT_EQ(streamOff(raw_.get()), 0);
	EXPECT_EQ(streamOn(picture_.get()), 0);
	EXPECT_EQ(setFormat("Scaler", 1, kRgb, 64, 48), -EBUSY);
}

TEST_F(Vimc, RequestGivesTwoBuffers)
{
	EXPECT_EQ(request(raw_.get(), 1), 2);
	EXPECT_EQ(request(raw_.get(), 5), 5);
}

TEST_F(Vimc, RawPicture)
{
	setUpPipe(64, 48);
	ASSERT_EQ(setControl("Sensor A", graph::kCidTestPattern, 9), 0);

	const std::vector<Frame> frames = capture(raw_.get(), 3);
	for (unsigned int i = 0; i < frames.size(); i++) {
		EXPECT_EQ(frames[i].sequence, i);
		EXPECT_FALSE(frames[i].flags & V4L2_BUF_FLAG_ERROR);
		ASSERT_EQ(frames[i].data.size(), 64u * 48u);
		/* All blue: the first sample of BGGR. */
		EXPECT_EQ(frames[i].data[0], 255);
		EXPECT_EQ(frames[i].data[1], 0);
		EXPECT_EQ(frames[i].data[64], 0);
		EXPECT_EQ(frames[i].data[65], 0);
	}
	/* Virtual time: 60 frames a second. */
	EXPECT_EQ(frames[0].timestamp, 1000000000u);
	EXPECT_EQ(frames[2].timestamp, 1033333000u);
}

TEST_F(Vimc, ColourPictureOfTheCrop)
{
	setUpPipe(160, 48);
	v4l2_subdev_selection selection = {};
	selection.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	selection.target = V4L2_SEL_TGT_CROP;
	selection.r = { 80, 0, 80, 48 };
	ASSERT_EQ(open("Scaler")->ioctl(VIDIOC_SUBDEV_S_SELECTION, &selection), 0);
	ASSERT_EQ(setFormat("Scaler", 1, kRgb, 40, 96), 0);
	ASSERT_EQ(setPixelFormat(picture_.get(), V4L2_PIX_FMT_RGB24, 40, 96), 0);
	ASSERT_EQ(setControl("Sensor A", graph::kCidTestPattern, 1), 0);

	const std::vector<Frame> frames = capture(picture_.get(), 2);
	ASSERT_EQ(frames[1].data.size(), 40u * 96u * 3u);
	/* The right half of the bars: magenta, red, blue, black, 10 pixels each. */
	const uint8_t bars[4][3] = { { 255, 0, 255 }, { 255, 0, 0 }, { 0, 0, 255 }, { 0, 0, 0 } };
	for (unsigned int i = 0; i < 4; i++) {
		const uint8_t *at = &frames[1].data[(50 * 40 + i * 10 + 5) * 3];
		EXPECT_EQ(memcmp(at, bars[i], 3), 0) << i;
	}
}

/* Other inputs of the scaler: the second debayer, and a sensor without one. */
TEST_F(Vimc, OtherInputs)
{
	setUpPipe(64, 48);
	ASSERT_EQ(setLink("Debayer A", 1, "Scaler", 0, 0), 0);
	ASSERT_EQ(setLink("RGB/YUV Input", 0, "Scaler", 0, MEDIA_LNK_FL_ENABLED), 0);
	ASSERT_EQ(setFormat("RGB/YUV Input", 0, kRgb, 64, 48), 0);
	ASSERT_EQ(setControl("RGB/YUV Input", graph::kCidTestPattern, 7), 0);
	ASSERT_EQ(setControl("RGB/YUV Input", graph::kCidTextMode, 2), 0);

	const std::vector<Frame> frames = capture(picture_.get(), 1);
	EXPECT_EQ(frames[0].data[0], 255);
	EXPECT_EQ(frames[0].data[1], 0);
	EXPECT_EQ(frames[0].data[2], 0);
}

/* Controls act on the next frame; the text tells of them. */
TEST_F(Vimc, ControlsWhileStreaming)
{
	setUpPipe(640, 96);
	ASSERT_EQ(request(raw_.get(), 2), 2);
	ASSERT_EQ(queue(raw_.get(), 0), 0);
	ASSERT_EQ(streamOn(raw_.get()), 0);

	Frame first, second, third;
	ASSERT_EQ(dequeue(raw_.get(), &first), 0);
	ASSERT_EQ(setControl("Sensor A", V4L2_CID_BRIGHTNESS, 100), 0);
	ASSERT_EQ(queue(raw_.get(), 0), 0);
	ASSERT_EQ(dequeue(raw_.get(), &second), 0);
	EXPECT_EQ(first.data[0], 191);
	EXPECT_EQ(second.data[0], 191 - 28);

	ASSERT_EQ(setControl("Sensor A", graph::kCidTextMode, 0), 0);
	ASSERT_EQ(queue(raw_.get(), 0), 0);
	ASSERT_EQ(dequeue(raw_.get(), &third), 0);
	EXPECT_EQ(third.sequence, 2u);
	EXPECT_EQ(memcmp(&third.data[0], &second.data[0], 16 * 640), 0);
	EXPECT_NE(memcmp(&third.data[16 * 640], &second.data[16 * 640], 16 * 640), 0);
}

/* Stopped at any moment, all buffers come back, and the node starts anew. */
TEST_F(Vimc, StopAndStart)
{
	setUpPipe(64, 48);
	ASSERT_EQ(request(picture_.get(), 4), 4);

	for (unsigned int i = 0; i < 50; i++) {
		for (uint32_t index = 0; index < 4; index++)
			ASSERT_EQ(queue(picture_.get(), index), 0);
		ASSERT_EQ(streamOn(picture_.get()), 0);
		if (i % 2) {
			Frame frame;
			ASSERT_EQ(dequeue(picture_.get(), &frame), 0);
			EXPECT_EQ(frame.sequence, 0u);
		}
		ASSERT_EQ(streamOff(picture_.get()), 0);
	}

	/* A file that closes while its node streams. */
	ASSERT_EQ(queue(picture_.get(), 0), 0);
	ASSERT_EQ(streamOn(picture_.get()), 0);
	picture_.reset();
	picture_ = open("RGB/YUV Capture");
	EXPECT_EQ(capture(picture_.get(), 2).size(), 2u);
}

/* In real time frames come without a buffer being queued for each. */
class RealTimeVimc : public GraphTest
{
protected:
	RealTimeVimc()
		: GraphTest("vimc", false)
	{
	}
};

TEST_F(RealTimeVimc, Frames)
{
	auto raw = open("Raw Capture 1");
	ASSERT_EQ(setFormat("Sensor B", 0, kBggr, 64, 48), 0);
	ASSERT_EQ(setFormat("Debayer B", 0, kBggr, 64, 48), 0);
	ASSERT_EQ(setPixelFormat(raw.get(), V4L2_PIX_FMT_SBGGR8, 64, 48), 0);

	const std::vector<Frame> frames = capture(raw.get(), 4);
	for (unsigned int i = 0; i < frames.size(); i++) {
		EXPECT_EQ(frames[i].sequence, i);
		EXPECT_TRUE(frames[i].flags & V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
		EXPECT_GT(frames[i].timestamp, i ? frames[i - 1].timestamp : 0);
	}
}

} /* namespace */
