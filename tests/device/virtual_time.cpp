/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames in virtual time: jobs, delays, events, stop
 */

#include "device_test.h"

#include <errno.h>
#include <string.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class VirtualTime : public DeviceTest
{
protected:
	void SetUp() override
	{
		create(true);
		configure();
		openStreams();
	}

	/* All four queues stream; all statistics buffers are queued. */
	void start()
	{
		for (uint32_t i = 0; i < 4; i++)
			ASSERT_EQ(stats_->queue(i), 0);

		for (Stream *s : { params_.get(), stats_.get(), raw_.get(), main_.get() })
			ASSERT_EQ(s->on(), 0);
	}

	void subscribe()
	{
		v4l2_event_subscription subscription = {};
		subscription.type = V4L2_EVENT_FRAME_SYNC;
		ASSERT_EQ(receiver_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	}

	/* Wait for the frame start; returns its sequence number. */
	uint32_t frameStart()
	{
		v4l2_event event = {};
		EXPECT_TRUE(waitFor(receiver_.get(), POLLPRI));
		EXPECT_EQ(receiver_->ioctl(VIDIOC_DQEVENT, &event), 0);
		EXPECT_EQ(event.type, static_cast<uint32_t>(V4L2_EVENT_FRAME_SYNC));
		return event.u.frame_sync.frame_sequence;
	}

	/* Dequeue all four buffers of a frame. */
	void finish(Frame *raw, Frame *main, Frame *stats, Frame *params)
	{
		ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
		ASSERT_EQ(params_->dequeue(params), 0);
		ASSERT_EQ(raw_->dequeue(raw), 0);
		ASSERT_EQ(main_->dequeue(main), 0);
		ASSERT_EQ(stats_->dequeue(stats), 0);
	}
};

TEST_F(VirtualTime, JobsBecomeFrames)
{
	start();

	for (uint32_t n = 0; n < 20; n++) {
		uint32_t index = n % 4;
		queueFrameBuffers(index);
		ASSERT_EQ(queueJob(index), 0);

		Frame raw, main, stats, params;
		finish(&raw, &main, &stats, &params);

		for (const Frame &frame : { raw, main, stats, params }) {
			EXPECT_EQ(frame.sequence, n);
			EXPECT_FALSE(frame.flags & V4L2_BUF_FLAG_ERROR);
			EXPECT_TRUE(frame.flags & V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
			/* 1 s, a frame period of 10 ms, exposed for 6.25 ms before. */
			EXPECT_EQ(frame.timestamp, 1000000000ULL + n * 10000000ULL - 6250000);
			EXPECT_EQ(frame.flags & V4L2_BUF_FLAG_TSTAMP_SRC_MASK,
				  static_cast<uint32_t>(V4L2_BUF_FLAG_TSTAMP_SRC_SOE));
		}

		EXPECT_EQ(raw.index, index);
		EXPECT_EQ(raw.bytesUsed, 64u * 48 * 2);
		EXPECT_EQ(main.bytesUsed, 64u * 48 * 3 / 2);
		EXPECT_EQ(stats.bytesUsed, sizeof(fovea_isp_stats_buffer));

		fovea_isp_stats_buffer statistics;
		memcpy(&statistics, stats_->memory(stats.index).data(), sizeof(statistics));
		EXPECT_EQ(statistics.sequence, n);
		EXPECT_EQ(statistics.version, static_cast<uint32_t>(FOVEA_ISP_STATS_VERSION_2));

		ASSERT_EQ(stats_->queue(stats.index), 0);
	}
}

TEST_F(VirtualTime, NoFrameWithoutJob)
{
	start();
	queueFrameBuffers(0);
	runFor(std::chrono::milliseconds(30));

	Frame frame;
	EXPECT_EQ(raw_->dequeue(&frame), -EAGAIN);
	EXPECT_EQ(stats_->dequeue(&frame), -EAGAIN);

	/* The job takes what was there when it was closed, and no more. */
	ASSERT_EQ(queueJob(0), 0);
	queueFrameBuffers(1);
	ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
	EXPECT_EQ(raw_->dequeue(&frame), 0);
	EXPECT_EQ(frame.index, 0u);
	EXPECT_EQ(raw_->dequeue(&frame), -EAGAIN);
}

TEST_F(VirtualTime, JobWithoutPictures)
{
	start();
	ASSERT_EQ(queueJob(0), 0);

	Frame frame;
	ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
	EXPECT_EQ(stats_->dequeue(&frame), 0);
	EXPECT_EQ(raw_->dequeue(&frame), -EAGAIN);
	EXPECT_EQ(main_->dequeue(&frame), -EAGAIN);
}

TEST_F(VirtualTime, WaitsForStatistics)
{
	start();
	queueFrameBuffers(0);
	queueFrameBuffers(1);
	ASSERT_EQ(queueJob(0), 0);
	ASSERT_EQ(queueJob(1), 0);

	Frame raw, main, stats, params;
	finish(&raw, &main, &stats, &params);

	/* The second frame does not start before the buffer is back. */
	runFor(std::chrono::milliseconds(20));
	EXPECT_EQ(raw_->dequeue(&raw), -EAGAIN);

	ASSERT_EQ(stats_->queue(stats.index), 0);
	finish(&raw, &main, &stats, &params);
	EXPECT_EQ(raw.sequence, 1u);
}

TEST_F(VirtualTime, FrameStartComesFirst)
{
	subscribe();
	start();
	queueFrameBuffers(0);
	ASSERT_EQ(queueJob(0), 0);

	ASSERT_TRUE(waitFor(receiver_.get(), POLLPRI));
	runFor(std::chrono::milliseconds(30));

	/* Nothing completes while the event is unread. */
	Frame frame;
	EXPECT_EQ(stats_->dequeue(&frame), -EAGAIN);
	EXPECT_EQ(raw_->dequeue(&frame), -EAGAIN);

	EXPECT_EQ(frameStart(), 0u);
	ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
}

/*
 * What is written after the start of frame k acts on frame k + 2 (exposure) and
 * k + 1 (gain); what was written before the stream acts on frame 0.
 */
TEST_F(VirtualTime, ControlDelays)
{
	subscribe();
	ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, 30), 0);
	ASSERT_EQ(setControl(V4L2_CID_ANALOGUE_GAIN, 3), 0);
	start();

	const auto exposureAfter = [](uint32_t frame) { return 10 + static_cast<int32_t>(frame * 7 % 40); };
	const auto gainAfter = [](uint32_t frame) { return 100 + static_cast<int32_t>(frame * 13 % 100); };

	for (uint32_t n = 0; n < 30; n++) {
		queueFrameBuffers(n % 4);
		ASSERT_EQ(queueJob(n % 4), 0);

		ASSERT_EQ(frameStart(), n);
		ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, exposureAfter(n)), 0);
		ASSERT_EQ(setControl(V4L2_CID_ANALOGUE_GAIN, gainAfter(n)), 0);

		Frame raw, main, stats, params;
		finish(&raw, &main, &stats, &params);
		ASSERT_EQ(raw.sequence, n);

		const int32_t exposure = n < 2 ? 30 : exposureAfter(n - 2);
		const int32_t gain = n < 1 ? 3 : gainAfter(n - 1);
		EXPECT_EQ(rawMean(raw.index), exposure + gain) << "frame " << n;

		ASSERT_EQ(stats_->queue(stats.index), 0);
	}
}

/* A longer frame k + 2 moves the start of frame k + 3. */
TEST_F(VirtualTime, BlankingDelay)
{
	subscribe();
	start();

	std::vector<uint64_t> starts;
	for (uint32_t n = 0; n < 8; n++) {
		queueFrameBuffers(n % 4);
		ASSERT_EQ(queueJob(n % 4), 0);
		ASSERT_EQ(frameStart(), n);
		if (n == 2) {
			ASSERT_EQ(setControl(V4L2_CID_VBLANK, 80), 0);
		}

		Frame raw, main, stats, params;
		finish(&raw, &main, &stats, &params);
		starts.push_back(raw.timestamp);
		ASSERT_EQ(stats_->queue(stats.index), 0);
	}

	/* 64 lines take 10 ms, 128 lines 20 ms. */
	for (uint32_t n = 0; n + 1 < 8; n++)
		EXPECT_EQ(starts[n + 1] - starts[n], n < 4 ? 10000000u : 20000000u) << n;
}

TEST_F(VirtualTime, RawAloneNeedsNoJobs)
{
	for (uint32_t i = 0; i < 4; i++)
		ASSERT_EQ(raw_->queue(i), 0);
	ASSERT_EQ(raw_->on(), 0);

	for (uint32_t n = 0; n < 12; n++) {
		Frame frame;
		ASSERT_TRUE(waitFor(raw_->file(), POLLIN));
		ASSERT_EQ(raw_->dequeue(&frame), 0);
		EXPECT_EQ(frame.sequence, n);
		EXPECT_EQ(rawMean(frame.index), 40);
		ASSERT_EQ(raw_->queue(frame.index), 0);
	}
}

TEST_F(VirtualTime, FailedFrameHasErrorFlag)
{
	sensor_->failAt = 1;
	start();

	for (uint32_t n = 0; n < 3; n++) {
		queueFrameBuffers(n);
		ASSERT_EQ(queueJob(n), 0);

		Frame raw, main, stats, params;
		finish(&raw, &main, &stats, &params);
		for (const Frame &frame : { raw, main, stats })
			EXPECT_EQ(!!(frame.flags & V4L2_BUF_FLAG_ERROR), n == 1) << n;
		EXPECT_FALSE(params.flags & V4L2_BUF_FLAG_ERROR);
		ASSERT_EQ(stats_->queue(stats.index), 0);
	}
}

TEST_F(VirtualTime, StopGivesAllBuffersBack)
{
	sensor_->renderTime = std::chrono::milliseconds(20);

	for (unsigned int round = 0; round < 3; round++) {
		start();
		for (uint32_t i = 0; i < 4; i++) {
			queueFrameBuffers(i);
			ASSERT_EQ(queueJob(i), 0);
		}
		runFor(std::chrono::milliseconds(5));

		for (Stream *s : { main_.get(), params_.get(), raw_.get(), stats_.get() })
			ASSERT_EQ(s->off(), 0);

		Frame frame;
		EXPECT_EQ(raw_->dequeue(&frame), -EINVAL);
		EXPECT_EQ(raw_->file()->poll(), static_cast<unsigned int>(POLLERR));
	}
}

TEST_F(VirtualTime, CloseWhileStreaming)
{
	start();
	queueFrameBuffers(0);
	queueFrameBuffers(1);
	ASSERT_EQ(queueJob(0), 0);
	ASSERT_EQ(queueJob(1), 0);

	for (Stream *s : { stats_.get(), raw_.get(), params_.get(), main_.get() })
		s->close();
	runFor(std::chrono::milliseconds(5));

	/* The device is as new: formats can be set and frames be had. */
	configure(32, 24);
	openStreams();
	start();
	queueFrameBuffers(0);
	ASSERT_EQ(queueJob(0), 0);

	Frame raw, main, stats, params;
	finish(&raw, &main, &stats, &params);
	EXPECT_EQ(raw.sequence, 0u);
	EXPECT_EQ(main.bytesUsed, 32u * 24 * 3 / 2);
}

TEST_F(VirtualTime, OneNodeStopsTheOthersGoOn)
{
	start();
	queueFrameBuffers(0);
	queueFrameBuffers(1);
	ASSERT_EQ(queueJob(0), 0);
	ASSERT_EQ(queueJob(1), 0);
	ASSERT_EQ(main_->off(), 0);

	for (uint32_t n = 0; n < 2; n++) {
		Frame frame;
		ASSERT_TRUE(waitFor(stats_->file(), POLLIN));
		ASSERT_EQ(raw_->dequeue(&frame), 0);
		EXPECT_EQ(frame.sequence, n);
		ASSERT_EQ(stats_->dequeue(&frame), 0);
		ASSERT_EQ(stats_->queue(frame.index), 0);
	}
}

/* Parameters act on the frame of their job, and stay. */
TEST_F(VirtualTime, ParametersActOnTheirFrame)
{
	start();

	for (uint32_t n = 0; n < 3; n++) {
		queueFrameBuffers(n);
		if (n == 1) {
			v4l2_isp_params_buffer header = {};
			fovea_isp_black_level block = {};
			header.version = V4L2_ISP_PARAMS_VERSION_V1;
			header.data_size = sizeof(block);
			block.header.type = FOVEA_ISP_BLOCK_BLACK_LEVEL;
			block.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
			block.header.size = sizeof(block);
			block.r = block.gr = block.gb = block.b = 40 << 6;

			uint8_t *memory = params_->memory(n).data();
			const size_t length = sizeof(header) + sizeof(block);
			memcpy(memory, &header, sizeof(header));
			memcpy(memory + sizeof(header), &block, sizeof(block));
			ASSERT_EQ(params_->queue(n, length), 0);
			/* What the application does to the buffer now has no effect. */
			memset(memory, 0xff, length);
		} else {
			ASSERT_EQ(queueJob(n), 0);
		}

		Frame raw, main, stats, params;
		finish(&raw, &main, &stats, &params);

		fovea_isp_stats_buffer statistics;
		memcpy(&statistics, stats_->memory(stats.index).data(), sizeof(statistics));
		/* 40 of 10 bits are 640 of 14 bits. */
		const uint32_t expected = n == 0 ? 640 * statistics.ae_zones[0].count : 0;
		EXPECT_GT(statistics.ae_zones[0].count, 0u);
		EXPECT_EQ(statistics.ae_zones[0].g, expected) << "frame " << n;
		ASSERT_EQ(stats_->queue(stats.index), 0);
	}
}

TEST_F(VirtualTime, BadParametersAreRefused)
{
	start();
	queueFrameBuffers(0);

	v4l2_isp_params_buffer header = {};
	header.version = 99;
	memcpy(params_->memory(0).data(), &header, sizeof(header));
	EXPECT_EQ(params_->queue(0, sizeof(header)), -EINVAL);
	EXPECT_EQ(params_->queue(1, 1), -EINVAL);

	/* Nothing is lost: the same buffer can be queued with good ones. */
	EXPECT_EQ(queueJob(0), 0);
	EXPECT_TRUE(waitFor(stats_->file(), POLLIN));
}

} /* namespace */
