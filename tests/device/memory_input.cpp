/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw frames from memory through the back end
 */

#include "device_test.h"

#include <errno.h>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kImage = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
constexpr v4l2_buf_type kInput = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;

using Bytes = std::vector<uint8_t>;

class MemoryInput : public DeviceTest
{
protected:
	void SetUp() override
	{
		create(true);
		sensor_->gradient = true;
		configure(48, 32);
	}

	/* A raw frame and the picture that the ISP made of it when it came. */
	void captureInline(uint32_t rawFormat, Bytes *raw, Bytes *picture, Bytes *statistics)
	{
		setNodeFormat("fovea-raw0", kImage, rawFormat);
		auto rawStream = stream("fovea-raw0", kImage, 1);
		auto main = stream("fovea-main0", kImage, 1);
		auto stats = stream("fovea-backend-stats", V4L2_BUF_TYPE_META_CAPTURE, 1);
		for (Stream *s : { rawStream.get(), main.get(), stats.get() }) {
			ASSERT_EQ(s->queue(0), 0);
			ASSERT_EQ(s->on(), 0);
		}

		take(rawStream.get(), raw);
		take(main.get(), picture);
		take(stats.get(), statistics);
	}

	void take(Stream *s, Bytes *bytes)
	{
		Frame frame;
		ASSERT_TRUE(waitFor(s->file(), POLLIN));
		ASSERT_EQ(s->dequeue(&frame), 0);
		ASSERT_FALSE(frame.flags & V4L2_BUF_FLAG_ERROR);
		std::span<uint8_t> memory = s->memory(frame.index).first(frame.bytesUsed);
		bytes->assign(memory.begin(), memory.end());
	}

	void startInput(uint32_t rawFormat)
	{
		feedBackEnd("fovea-input");
		setNodeFormat("fovea-input", kInput, rawFormat);
		input_ = stream("fovea-input", kInput);
		main_ = stream("fovea-main0", kImage);
		ASSERT_EQ(input_->on(), 0);
		ASSERT_EQ(main_->on(), 0);
	}

	int queueInput(uint32_t index, const Bytes &raw, uint64_t timestamp = 0)
	{
		memcpy(input_->memory(index).data(), raw.data(), raw.size());
		return input_->queue(index, raw.size(), timestamp);
	}

	std::unique_ptr<Stream> input_;
};

/* The same raw frame gives the same picture, inline and from memory. */
TEST_F(MemoryInput, EqualsTheInlinePicture)
{
	for (uint32_t format : { V4L2_PIX_FMT_SRGGB10, V4L2_PIX_FMT_SRGGB10P }) {
		Bytes raw, picture, statistics, again, statisticsAgain;
		feedBackEnd("fovea-frontend0");
		captureInline(format, &raw, &picture, &statistics);
		EXPECT_EQ(raw.size(), format == V4L2_PIX_FMT_SRGGB10 ? 64u * 48 * 2 : 64u * 48 * 5 / 4);

		startInput(format);
		auto stats = stream("fovea-backend-stats", V4L2_BUF_TYPE_META_CAPTURE, 1);
		ASSERT_EQ(stats->queue(0), 0);
		ASSERT_EQ(stats->on(), 0);
		ASSERT_EQ(main_->queue(0), 0);
		ASSERT_EQ(queueInput(0, raw), 0);
		take(main_.get(), &again);
		take(stats.get(), &statisticsAgain);

		EXPECT_EQ(picture, again);
		EXPECT_EQ(statistics, statisticsAgain);
		/* Not because nothing was seen. */
		EXPECT_NE(picture[0], picture[48 * 31]);
		input_.reset();
		main_.reset();
	}
}

/* So does one with the lines of two exposures in turns. */
TEST_F(MemoryInput, EqualsTheInlinePictureOfTwoExposures)
{
	constexpr unsigned int kWidth = FlatSensor::kWidth;
	constexpr unsigned int kHeight = FlatSensor::kHeight / 2;
	const auto configureBackEnd = [&](unsigned int height) {
		setPadFormat("fovea-backend", 0, MEDIA_BUS_FMT_SRGGB10_1X10, kWidth, height);
		for (const char *label : { "fovea-scaler0", "fovea-scaler1" }) {
			setPadFormat(label, 0, MEDIA_BUS_FMT_YUV8_1X24, kWidth, height);
			setPadFormat(label, 1, MEDIA_BUS_FMT_YUV8_1X24, kWidth, height);
		}
		for (const char *label : { "fovea-main0", "fovea-viewfinder0" })
			setNodeFormat(label, kImage, V4L2_PIX_FMT_NV12, kWidth, height);
	};
	setPadFormat("fovea-frontend0", 3, MEDIA_BUS_FMT_SRGGB10_1X10, kWidth, kHeight);
	configureBackEnd(kHeight);

	for (uint32_t format : { V4L2_PIX_FMT_SRGGB10, V4L2_PIX_FMT_SRGGB10P }) {
		Bytes raw, picture, statistics, again;
		feedBackEnd("fovea-frontend0");
		captureInline(format, &raw, &picture, &statistics);
		ASSERT_EQ(picture.size(), kWidth * kHeight * 3 / 2);

		startInput(format);
		ASSERT_EQ(main_->queue(0), 0);
		ASSERT_EQ(queueInput(0, raw), 0);
		take(main_.get(), &again);
		EXPECT_EQ(picture, again);
		EXPECT_NE(picture[0], picture[kWidth * (kHeight - 1)]);
		input_.reset();
		main_.reset();
	}

	/* Three exposures, too, but not a share of one. */
	setNodeFormat("fovea-input", kInput, V4L2_PIX_FMT_SRGGB10);
	configureBackEnd(16);
	EXPECT_EQ(stream("fovea-input", kInput)->on(), 0);
	configureBackEnd(20);
	EXPECT_EQ(stream("fovea-input", kInput)->on(), -EPIPE);
}

/* A frame needs a buffer of every queue that streams; none is lost meanwhile. */
TEST_F(MemoryInput, WaitsForAllOfAJob)
{
	startInput(V4L2_PIX_FMT_SRGGB10);
	params_ = stream("fovea-params", V4L2_BUF_TYPE_META_OUTPUT);
	ASSERT_EQ(params_->on(), 0);
	const Bytes raw(64 * 48 * 2, 1);
	Frame frame;

	ASSERT_EQ(queueJob(0), 0);
	ASSERT_EQ(main_->queue(0), 0);
	runFor(std::chrono::milliseconds(10));
	EXPECT_EQ(main_->dequeue(&frame), -EAGAIN);
	ASSERT_EQ(queueInput(0, raw), 0);
	ASSERT_TRUE(waitFor(main_->file(), POLLIN));
	ASSERT_EQ(main_->dequeue(&frame), 0);
	EXPECT_EQ(params_->dequeue(&frame), 0);
	EXPECT_EQ(input_->dequeue(&frame), 0);

	ASSERT_EQ(queueInput(1, raw), 0);
	ASSERT_EQ(main_->queue(1), 0);
	runFor(std::chrono::milliseconds(10));
	EXPECT_EQ(main_->dequeue(&frame), -EAGAIN);
	EXPECT_EQ(input_->dequeue(&frame), -EAGAIN);
	ASSERT_EQ(queueJob(1), 0);
	ASSERT_TRUE(waitFor(main_->file(), POLLIN));
	ASSERT_EQ(main_->dequeue(&frame), 0);
	EXPECT_EQ(frame.sequence, 1u);
}

TEST_F(MemoryInput, FramesKeepTheirOrderAndTime)
{
	startInput(V4L2_PIX_FMT_SRGGB10);
	for (uint32_t n = 0; n < 4; n++) {
		ASSERT_EQ(queueInput(n, Bytes(64 * 48 * 2, n), 1000000 * (n + 7)), 0);
		ASSERT_EQ(main_->queue(n), 0);
	}

	for (uint32_t n = 0; n < 4; n++) {
		Frame frame;
		ASSERT_TRUE(waitFor(main_->file(), POLLIN));
		ASSERT_EQ(main_->dequeue(&frame), 0);
		EXPECT_EQ(frame.index, n);
		EXPECT_EQ(frame.sequence, n);
		EXPECT_EQ(frame.timestamp, 1000000 * (n + 7));
		EXPECT_TRUE(frame.flags & V4L2_BUF_FLAG_TIMESTAMP_COPY);
		ASSERT_EQ(input_->dequeue(&frame), 0);
		EXPECT_EQ(frame.index, n);
	}
}

TEST_F(MemoryInput, StopGivesAllBuffersBack)
{
	startInput(V4L2_PIX_FMT_SRGGB10);
	for (uint32_t n = 0; n < 4; n++)
		ASSERT_EQ(queueInput(n, Bytes(64 * 48 * 2, n)), 0);
	ASSERT_EQ(main_->queue(0), 0);
	ASSERT_EQ(input_->off(), 0);
	ASSERT_EQ(main_->off(), 0);

	/* And starts anew. */
	ASSERT_EQ(input_->on(), 0);
	ASSERT_EQ(main_->on(), 0);
	ASSERT_EQ(main_->queue(0), 0);
	ASSERT_EQ(queueInput(2, Bytes(64 * 48 * 2, 9)), 0);
	Frame frame;
	ASSERT_TRUE(waitFor(main_->file(), POLLIN));
	ASSERT_EQ(main_->dequeue(&frame), 0);
	EXPECT_EQ(frame.sequence, 0u);
}

TEST_F(MemoryInput, ShortFramesAreRefused)
{
	startInput(V4L2_PIX_FMT_SRGGB10);
	EXPECT_EQ(input_->queue(0, 64 * 48 * 2 - 1), -EINVAL);
	EXPECT_EQ(input_->queue(0, 64 * 48 * 2), 0);
}

TEST_F(MemoryInput, TheFormatHasToMatch)
{
	feedBackEnd("fovea-input");
	for (uint32_t format : { V4L2_PIX_FMT_SRGGB12, V4L2_PIX_FMT_SBGGR10 }) {
		setNodeFormat("fovea-input", kInput, format);
		EXPECT_EQ(stream("fovea-input", kInput)->on(), -EPIPE);
	}

	setNodeFormat("fovea-input", kInput, V4L2_PIX_FMT_SRGGB10, 32, 48);
	EXPECT_EQ(stream("fovea-input", kInput)->on(), -EPIPE);
	EXPECT_EQ(stream("fovea-main0", kImage)->on(), -EPIPE);

	setNodeFormat("fovea-input", kInput, V4L2_PIX_FMT_SRGGB10P);
	EXPECT_EQ(stream("fovea-input", kInput)->on(), 0);
}

} /* namespace */
