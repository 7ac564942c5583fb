/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The bookkeeping of frames in flight
 */

#include <gtest/gtest.h>

#include "pipeline/fovea/frames.h"

using libcamera::FrameBuffer;
using libcamera::Request;
using libcamera::fovea::Frame;
using libcamera::fovea::FrameQueue;

namespace {

constexpr unsigned int kLatency = 3;

/* The queue never looks into requests and buffers: addresses will do. */
template<typename T>
T *address(uintptr_t value)
{
	return reinterpret_cast<T *>(value);
}

class FrameQueueTest : public testing::Test
{
protected:
	void add(unsigned int count)
	{
		for (unsigned int i = 0; i < count; i++)
			queue_.add(address<Request>(++requests_));
	}

	/* Bring a frame into the device's hands. */
	void submit(uint32_t number)
	{
		Frame *frame = queue_.find(number);
		frame->params = address<FrameBuffer>(100 + number);
		frame->stage = Frame::Stage::Queued;
	}

	FrameQueue queue_{ kLatency };
	uintptr_t requests_ = 0;
};

TEST_F(FrameQueueTest, NumbersFramesWithoutGaps)
{
	add(2);
	queue_.remove(queue_.find(0));
	add(1);

	ASSERT_NE(queue_.find(2), nullptr);
	EXPECT_EQ(queue_.find(2)->request, address<Request>(3));
	EXPECT_EQ(queue_.find(0), nullptr);
	EXPECT_EQ(queue_.oldest()->number, 1u);
}

TEST_F(FrameQueueTest, ComputesAtMostLatencyFramesAhead)
{
	add(5);

	for (uint32_t number = 0; number < kLatency; number++) {
		Frame *frame = queue_.nextToCompute();
		ASSERT_NE(frame, nullptr);
		EXPECT_EQ(frame->number, number);
		frame->stage = Frame::Stage::Computing;
	}

	EXPECT_EQ(queue_.nextToCompute(), nullptr);
}

TEST_F(FrameQueueTest, ComputesTheNextFrameWhenMetadataIsThere)
{
	add(5);
	for (uint32_t number = 0; number < kLatency; number++)
		submit(number);

	/* Metadata of a later frame does not help: frame 0 may still matter. */
	queue_.find(1)->metadataReady = true;
	EXPECT_EQ(queue_.nextToCompute(), nullptr);

	queue_.find(0)->metadataReady = true;
	ASSERT_NE(queue_.nextToCompute(), nullptr);
	EXPECT_EQ(queue_.nextToCompute()->number, 3u);

	/* Complete or not makes no difference. */
	queue_.remove(queue_.find(0));
	queue_.remove(queue_.find(1));
	submit(3);
	ASSERT_NE(queue_.nextToCompute(), nullptr);
	EXPECT_EQ(queue_.nextToCompute()->number, 4u);
}

TEST_F(FrameQueueTest, FindsFramesByWhatBelongsToThem)
{
	add(3);
	submit(0);
	submit(1);

	EXPECT_EQ(queue_.findRequest(address<Request>(2))->number, 1u);
	EXPECT_EQ(queue_.findParams(address<FrameBuffer>(101))->number, 1u);
	EXPECT_EQ(queue_.findParams(address<FrameBuffer>(999)), nullptr);

	/* A sequence number means nothing before the job is consumed. */
	EXPECT_EQ(queue_.findSequence(0), nullptr);
	EXPECT_TRUE(queue_.capture(queue_.find(0), 7));
	EXPECT_EQ(queue_.findSequence(7)->number, 0u);
	EXPECT_EQ(queue_.lastSequence(), 7u);
}

TEST_F(FrameQueueTest, NoticesJobsOutOfOrder)
{
	add(3);
	for (uint32_t number = 0; number < 3; number++)
		submit(number);

	EXPECT_FALSE(queue_.capture(queue_.find(1), 0));
	EXPECT_TRUE(queue_.capture(queue_.find(0), 1));
}

TEST_F(FrameQueueTest, NoticesSequenceNumbersThatDoNotGrow)
{
	add(2);
	submit(0);
	submit(1);

	EXPECT_TRUE(queue_.capture(queue_.find(0), 5));
	EXPECT_FALSE(queue_.capture(queue_.find(1), 5));
}

TEST_F(FrameQueueTest, FindsLostStatistics)
{
	add(3);
	for (uint32_t number = 0; number < 3; number++) {
		submit(number);
		queue_.capture(queue_.find(number), 10 + number);
	}

	/* Statistics of frame 2 arrive, frame 1 had its own. */
	queue_.find(1)->statsSent = true;
	Frame *lost = queue_.missingStats(12);
	ASSERT_NE(lost, nullptr);
	EXPECT_EQ(lost->number, 0u);

	lost->statsSent = true;
	EXPECT_EQ(queue_.missingStats(12), nullptr);
}

TEST_F(FrameQueueTest, KnowsWhatTheIpaModuleOwes)
{
	add(2);
	EXPECT_EQ(queue_.unanswered(), nullptr);

	queue_.find(1)->statsSent = true;
	EXPECT_EQ(queue_.unanswered()->number, 1u);

	queue_.find(1)->metadataReady = true;
	EXPECT_EQ(queue_.unanswered(), nullptr);

	queue_.find(1)->stage = Frame::Stage::Computing;
	EXPECT_EQ(queue_.findStage(Frame::Stage::Computing)->number, 1u);
	EXPECT_EQ(queue_.findStage(Frame::Stage::Queued), nullptr);
}

} /* namespace */
