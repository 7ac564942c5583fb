/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames in real time: the rate, and frames that find nothing
 */

#include "device_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class RealTime : public DeviceTest
{
protected:
	void SetUp() override
	{
		create(false);
		configure();
		openStreams();
	}
};

/*
 * Timestamps are those of the sensor's clock: whole frame periods of 10 ms
 * apart, whatever the machine is busy with.
 */
TEST_F(RealTime, TimestampsFollowTheSequence)
{
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(raw_->queue(i), 0);
	ASSERT_EQ(raw_->on(), 0);

	uint64_t start = 0;
	uint32_t last = 0;
	for (uint32_t n = 0; n < 10; n++) {
		Frame frame;
		ASSERT_TRUE(waitFor(raw_->file(), POLLIN));
		ASSERT_EQ(raw_->dequeue(&frame), 0);

		if (n == 0)
			start = frame.timestamp - frame.sequence * 10000000ULL;
		else
			EXPECT_GT(frame.sequence, last);
		last = frame.sequence;

		/* v4l2_buffer has microseconds. */
		EXPECT_NEAR(static_cast<double>(frame.timestamp - start),
			    frame.sequence * 1e7, 1000);
		ASSERT_EQ(raw_->queue(frame.index), 0);
	}
}

TEST_F(RealTime, DroppedFramesUseUpSequenceNumbers)
{
	ASSERT_EQ(raw_->queue(0), 0);
	ASSERT_EQ(raw_->on(), 0);

	Frame first, second;
	ASSERT_TRUE(waitFor(raw_->file(), POLLIN));
	ASSERT_EQ(raw_->dequeue(&first), 0);

	/* At least five periods without a buffer. */
	runFor(std::chrono::milliseconds(60));
	ASSERT_EQ(raw_->queue(0), 0);
	ASSERT_TRUE(waitFor(raw_->file(), POLLIN));
	ASSERT_EQ(raw_->dequeue(&second), 0);

	EXPECT_GE(second.sequence, first.sequence + 5);
}

TEST_F(RealTime, NoBufferWithoutJob)
{
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(stats_->queue(i), 0);
	queueFrameBuffers(0);
	for (Stream *s : { params_.get(), stats_.get(), raw_.get(), main_.get() })
		ASSERT_EQ(s->on(), 0);

	runFor(std::chrono::milliseconds(50));
	Frame frame;
	EXPECT_EQ(stats_->dequeue(&frame), -EAGAIN);
	EXPECT_EQ(raw_->dequeue(&frame), -EAGAIN);

	ASSERT_EQ(queueJob(0), 0);
	ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
	ASSERT_EQ(stats_->dequeue(&frame), 0);
	EXPECT_GT(frame.sequence, 0u);
}

/* A sensor that is slower than its frame rate drops frames, and stop works. */
TEST_F(RealTime, OverloadDropsFrames)
{
	sensor_->renderTime = std::chrono::milliseconds(50);
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(raw_->queue(i), 0);
	ASSERT_EQ(raw_->on(), 0);

	uint32_t last = 0;
	for (uint32_t n = 0; n < 8; n++) {
		Frame frame;
		ASSERT_TRUE(waitFor(raw_->file(), POLLIN));
		ASSERT_EQ(raw_->dequeue(&frame), 0);
		last = frame.sequence;
		ASSERT_EQ(raw_->queue(frame.index), 0);
	}

	EXPECT_GE(last, 8u);
	EXPECT_EQ(raw_->off(), 0);
}

} /* namespace */
