/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Faults of the device: what clients see of each kind
 */

#include "device_test.h"

#include <errno.h>
#include <string.h>
#include <tuple>

#include "isp_sim/device/fault_timeline.h"

using namespace fovea;
using namespace fovea::test;
using sensor::Fault;
using sensor::FaultKind;

namespace {

constexpr uint32_t kBuffers = 4;
constexpr uint64_t kFramePeriod = 10'000'000;

/* 40 lines of 100 pixels at 640 kHz, before the frame starts. */
constexpr uint64_t kExposure = 6'250'000;

Fault fault(FaultKind kind, uint64_t frame, std::optional<uint64_t> count = std::nullopt)
{
	Fault result;
	result.kind = kind;
	result.frame = frame;
	result.count = count;
	return result;
}

Fault busError(uint64_t frame, std::optional<uint64_t> count = std::nullopt)
{
	Fault result = fault(FaultKind::ControlError, frame, count);
	result.error = -EREMOTEIO;
	return result;
}

class Faults : public DeviceTest
{
protected:
	/* Virtual time with all four queues, and frame starts that are read. */
	void begin(std::vector<Fault> faults)
	{
		/* Files close before their device goes. */
		for (std::unique_ptr<Stream> *stream : { &raw_, &main_, &stats_, &params_ })
			stream->reset();
		sensorFile_.reset();
		receiver_.reset();

		timeline_ = std::make_shared<device::FaultTimeline>(std::move(faults));
		faults_ = timeline_;
		create(true);
		configure();
		openStreams();

		v4l2_event_subscription subscription = {};
		subscription.type = V4L2_EVENT_FRAME_SYNC;
		ASSERT_EQ(receiver_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
		start();
	}

	void start()
	{
		for (uint32_t i = 0; i < kBuffers; i++)
			ASSERT_EQ(stats_->queue(i), 0);
		for (Stream *stream : { params_.get(), stats_.get(), raw_.get(), main_.get() })
			ASSERT_EQ(stream->on(), 0);
	}

	void queueFrame(uint32_t index)
	{
		queueFrameBuffers(index);
		ASSERT_EQ(queueJob(index), 0);
	}

	/* Read frame starts until \a condition holds; their numbers. */
	std::vector<uint32_t> startsUntil(const std::function<bool()> &condition)
	{
		std::vector<uint32_t> starts;
		EXPECT_TRUE(runUntil([&]() {
			if (condition())
				return true;
			v4l2_event event = {};
			if (!receiver_->ioctl(VIDIOC_DQEVENT, &event))
				starts.push_back(event.u.frame_sync.frame_sequence);
			return false;
		}));
		return starts;
	}

	static bool ready(Stream *stream, unsigned int mask = POLLIN)
	{
		return stream->file()->poll() & mask;
	}

	/* One job to its end: the frames of raw and statistics. */
	std::pair<Frame, Frame> capture(uint32_t index)
	{
		Frame raw = {};
		Frame main = {};
		Frame stats = {};
		Frame params = {};

		queueFrame(index);
		startsUntil([&]() { return ready(stats_.get()); });
		EXPECT_EQ(raw_->dequeue(&raw), 0);
		EXPECT_EQ(main_->dequeue(&main), 0);
		EXPECT_EQ(stats_->dequeue(&stats), 0);
		EXPECT_EQ(params_->dequeue(&params), 0);
		EXPECT_EQ(main.sequence, raw.sequence);
		EXPECT_EQ(params.sequence, raw.sequence);
		EXPECT_EQ(stats_->queue(stats.index), 0);
		return { raw, stats };
	}

	std::shared_ptr<device::FaultTimeline> timeline_;
};

TEST_F(Faults, LostFrameIsAGap)
{
	begin({ fault(FaultKind::LostFrame, 2, 3) });

	for (uint32_t expected : { 0, 1, 5, 6 }) {
		const auto [raw, stats] = capture(expected % kBuffers);
		EXPECT_EQ(raw.sequence, expected);
		EXPECT_EQ(stats.sequence, expected);
		EXPECT_EQ(raw.timestamp, 1'000'000'000 + expected * kFramePeriod - kExposure);
		EXPECT_FALSE(raw.flags & V4L2_BUF_FLAG_ERROR);
	}
}

/* The receiver tells of the starts of frames that are lost behind it. */
TEST_F(Faults, LostFrameHasItsStart)
{
	begin({ fault(FaultKind::LostFrame, 1, 2) });
	capture(0);
	queueFrame(1);
	EXPECT_EQ(startsUntil([&]() { return ready(stats_.get()); }), std::vector<uint32_t>({ 1, 2, 3 }));
}

TEST_F(Faults, DamagedFrameHasTheErrorFlag)
{
	begin({ fault(FaultKind::CsiError, 1) });

	for (uint32_t n = 0; n < 3; n++) {
		const auto [raw, stats] = capture(n);
		EXPECT_EQ(raw.sequence, n);
		EXPECT_EQ(!!(raw.flags & V4L2_BUF_FLAG_ERROR), n == 1) << n;
		EXPECT_EQ(!!(stats.flags & V4L2_BUF_FLAG_ERROR), n == 1) << n;
	}
}

TEST_F(Faults, LateStatisticsComeAfterThePicture)
{
	Fault late = fault(FaultKind::LateStatistics, 1);
	late.delayFrames = 2;
	begin({ late });
	capture(0);

	queueFrame(1);
	EXPECT_EQ(startsUntil([&]() { return ready(raw_.get()); }), std::vector<uint32_t>({ 1 }));
	EXPECT_FALSE(ready(stats_.get()));

	EXPECT_EQ(startsUntil([&]() { return ready(stats_.get()); }), std::vector<uint32_t>({ 2, 3 }));
	Frame raw;
	Frame stats;
	EXPECT_EQ(raw_->dequeue(&raw), 0);
	EXPECT_EQ(stats_->dequeue(&stats), 0);
	EXPECT_EQ(raw.sequence, 1u);
	EXPECT_EQ(stats.sequence, 1u);
	EXPECT_EQ(stats.timestamp, raw.timestamp);
}

TEST_F(Faults, StalledIspGivesNothingForAWhile)
{
	begin({ fault(FaultKind::StalledIsp, 1, 3) });
	capture(0);

	queueFrame(1);
	queueFrame(2);
	EXPECT_EQ(startsUntil([&]() { return ready(raw_.get()); }), std::vector<uint32_t>({ 1, 2, 3, 4 }));

	Frame raw;
	EXPECT_EQ(raw_->dequeue(&raw), 0);
	EXPECT_EQ(raw.sequence, 1u);
	EXPECT_EQ(raw.timestamp, 1'000'000'000 + kFramePeriod - kExposure);

	Frame stats;
	EXPECT_EQ(stats_->dequeue(&stats), 0);
	ASSERT_EQ(stats_->queue(stats.index), 0);
	startsUntil([&]() { return ready(raw_.get()); });
	EXPECT_EQ(raw_->dequeue(&raw), 0);
	EXPECT_EQ(raw.sequence, 5u);
}

TEST_F(Faults, StallEndsWithTheStream)
{
	begin({ fault(FaultKind::StalledIsp, 0) });
	queueFrame(0);
	queueFrame(1);
	startsUntil([n = 0]() mutable { return ++n > 20; });
	EXPECT_FALSE(ready(raw_.get()));

	for (Stream *stream : { raw_.get(), main_.get(), stats_.get(), params_.get() })
		EXPECT_EQ(stream->off(), 0);

	/* The next stream is well. */
	start();
	EXPECT_EQ(capture(0).first.sequence, 0u);
}

TEST_F(Faults, ControlKeepsItsValue)
{
	begin({ busError(1, 1) });
	ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, 20), 0);
	capture(0);
	capture(1);

	EXPECT_EQ(setControl(V4L2_CID_EXPOSURE, 30), -EREMOTEIO);
	EXPECT_EQ(setControl(V4L2_CID_ANALOGUE_GAIN, 3), -EREMOTEIO);
	EXPECT_EQ(control(V4L2_CID_EXPOSURE), 20);

	capture(2);
	EXPECT_EQ(setControl(V4L2_CID_EXPOSURE, 30), 0);
	EXPECT_EQ(control(V4L2_CID_EXPOSURE), 30);
}

TEST_F(Faults, OneControlMayFail)
{
	Fault one = busError(0);
	one.control = sensor::BusControl::AnalogueGain;
	begin({ one });

	EXPECT_EQ(setControl(V4L2_CID_EXPOSURE, 20), 0);
	EXPECT_EQ(setControl(V4L2_CID_ANALOGUE_GAIN, 3), -EREMOTEIO);
}

TEST_F(Faults, SlowBusTakesItsTime)
{
	Fault slow = fault(FaultKind::SlowBus, 0, 1);
	slow.delay = std::chrono::microseconds(1500);
	begin({ slow });

	ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, 20), 0);
	ASSERT_EQ(setControl(V4L2_CID_ANALOGUE_GAIN, 3), 0);
	EXPECT_EQ(timeline_->takeDelay(), std::chrono::milliseconds(3));
	EXPECT_EQ(timeline_->takeDelay(), std::chrono::milliseconds(0));

	capture(0);
	capture(1);
	ASSERT_EQ(setControl(V4L2_CID_EXPOSURE, 30), 0);
	EXPECT_EQ(timeline_->takeDelay(), std::chrono::milliseconds(0));
}

TEST_F(Faults, UnplugIsAskedForOnce)
{
	Fault away = fault(FaultKind::Unplug, 1);
	away.duration = std::chrono::seconds(2);
	begin({ away });

	std::vector<std::optional<std::chrono::nanoseconds>> asked;
	timeline_->unplug = [&](std::optional<std::chrono::nanoseconds> time) { asked.push_back(time); };
	capture(0);
	EXPECT_TRUE(asked.empty());
	capture(1);
	ASSERT_EQ(asked.size(), 1u);
	EXPECT_EQ(asked[0], std::chrono::seconds(2));
	capture(2);
	EXPECT_EQ(asked.size(), 1u);
}

/* Time is that of the frames: 10 ms each. */
TEST_F(Faults, BeginByTime)
{
	Fault lost = fault(FaultKind::LostFrame, 0);
	lost.frame.reset();
	lost.time = std::chrono::milliseconds(15);
	lost.duration = std::chrono::milliseconds(20);
	begin({ lost });

	for (uint32_t expected : { 0, 1, 4 })
		EXPECT_EQ(capture(expected % kBuffers).first.sequence, expected);
}

/* A fault happens once, counted over all streams. */
TEST_F(Faults, TimelineGoesOnWithTheNextStream)
{
	begin({ fault(FaultKind::LostFrame, 3) });
	capture(0);
	capture(1);
	for (Stream *stream : { raw_.get(), main_.get(), stats_.get(), params_.get() })
		ASSERT_EQ(stream->off(), 0);

	start();
	for (uint32_t expected : { 0, 2, 3 })
		EXPECT_EQ(capture(expected % kBuffers).first.sequence, expected);
}

/* The same faults at the same places, whatever the speed of the client. */
TEST_F(Faults, TwoRunsAreEqual)
{
	Fault late = fault(FaultKind::LateStatistics, 7);
	late.delayFrames = 3;
	const std::vector<Fault> faults = { fault(FaultKind::LostFrame, 2), fault(FaultKind::CsiError, 4, 2),
					    late, fault(FaultKind::StalledIsp, 12, 2) };
	using Seen = std::vector<std::tuple<uint32_t, uint32_t, uint64_t>>;

	const auto run = [&](unsigned int pause) {
		begin(faults);
		Seen seen;
		for (uint32_t n = 0; n < 16; n++) {
			const Frame raw = capture(n % kBuffers).first;
			seen.push_back({ raw.sequence, raw.flags & V4L2_BUF_FLAG_ERROR, raw.timestamp });
			runFor(std::chrono::milliseconds(n % 3 * pause));
		}
		return seen;
	};

	const Seen first = run(0);
	EXPECT_EQ(run(7), first);
	EXPECT_GT(std::get<0>(first.back()), 20u);
}

/* -------------------------------------------------------------------------- */

/*
 * In real time frames go on whatever the client does, and a slow machine loses
 * some more of them: what comes must still be right.
 */
class RealTimeFaults : public Faults
{
protected:
	void begin(std::vector<Fault> faults)
	{
		faults_ = std::make_shared<device::FaultTimeline>(std::move(faults));
		create(false);
		configure();
		openStreams();

		v4l2_event_subscription subscription = {};
		subscription.type = V4L2_EVENT_FRAME_SYNC;
		ASSERT_EQ(receiver_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
		for (uint32_t i = 0; i < kBuffers; i++) {
			ASSERT_EQ(stats_->queue(i), 0);
			ASSERT_EQ(raw_->queue(i), 0);
		}
		ASSERT_EQ(stats_->on(), 0);
		ASSERT_EQ(raw_->on(), 0);
	}

	/* The frames of \a stream up to \a last, with the newest start at the time. */
	struct Seen {
		uint32_t sequence;
		uint32_t started;
		bool error;
	};

	std::vector<Seen> framesUntil(Stream *stream, uint32_t last)
	{
		std::vector<Seen> seen;
		uint32_t started = 0;
		EXPECT_TRUE(runUntil([&]() {
			v4l2_event event = {};
			while (!receiver_->ioctl(VIDIOC_DQEVENT, &event))
				started = event.u.frame_sync.frame_sequence;

			for (Stream *each : { raw_.get(), stats_.get() }) {
				Frame frame;
				if (!ready(each) || each->dequeue(&frame))
					continue;
				if (each == stream)
					seen.push_back({ frame.sequence, started, !!(frame.flags & V4L2_BUF_FLAG_ERROR) });
				EXPECT_EQ(each->queue(frame.index), 0);
			}
			return !seen.empty() && seen.back().sequence >= last;
		}));
		return seen;
	}
};

TEST_F(RealTimeFaults, LostAndDamagedFrames)
{
	begin({ fault(FaultKind::LostFrame, 3, 4), fault(FaultKind::CsiError, 9, 3) });

	for (const Seen &frame : framesUntil(raw_.get(), 14)) {
		EXPECT_FALSE(frame.sequence >= 3 && frame.sequence < 7) << frame.sequence;
		EXPECT_EQ(frame.error, frame.sequence >= 9 && frame.sequence < 12) << frame.sequence;
	}
}

TEST_F(RealTimeFaults, LateStatisticsKeepTheirOrder)
{
	Fault late = fault(FaultKind::LateStatistics, 2, 3);
	late.delayFrames = 2;
	begin({ late });

	int64_t last = -1;
	for (const Seen &frame : framesUntil(stats_.get(), 12)) {
		EXPECT_GT(frame.sequence, last);
		last = frame.sequence;
		const bool isLate = frame.sequence >= 2 && frame.sequence < 5;
		EXPECT_GE(frame.started, frame.sequence + (isLate ? 2 : 0));
	}
}

TEST_F(RealTimeFaults, StalledIspLosesFrames)
{
	begin({ fault(FaultKind::StalledIsp, 2, 5) });

	for (const Seen &frame : framesUntil(raw_.get(), 12)) {
		EXPECT_FALSE(frame.sequence > 2 && frame.sequence < 8) << frame.sequence;
		EXPECT_GE(frame.started, frame.sequence == 2 ? 7 : frame.sequence);
	}
}

} /* namespace */
