/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Two sensor inputs: lens and flash, independent front ends, one back end
 */

#include "device_test.h"

#include <errno.h>
#include <map>

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kImage = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
constexpr v4l2_buf_type kStats = V4L2_BUF_TYPE_META_CAPTURE;

class TwoInputs : public DeviceTest
{
protected:
	void SetUp() override
	{
		create(true, 2);
		configure();
	}

	/* Queue all buffers of a stream and start it. */
	void start(Stream *stream)
	{
		for (uint32_t i = 0; i < 4; i++)
			ASSERT_EQ(stream->queue(i), 0);
		ASSERT_EQ(stream->on(), 0);
	}

	/* Dequeue the next frame, and give its buffer back. */
	void next(Stream *stream, Frame *frame)
	{
		ASSERT_TRUE(waitFor(stream->file(), POLLIN));
		ASSERT_EQ(stream->dequeue(frame), 0);
		ASSERT_EQ(stream->queue(frame->index), 0);
	}

	int setOf(v4l2::OpenFile *file, uint32_t id, int32_t value)
	{
		v4l2_control control = { id, value };
		return file->ioctl(VIDIOC_S_CTRL, &control);
	}

	int32_t valueOf(v4l2::OpenFile *file, uint32_t id)
	{
		v4l2_control control = { id, -1 };
		EXPECT_EQ(file->ioctl(VIDIOC_G_CTRL, &control), 0);
		return control.value;
	}
};

TEST_F(TwoInputs, LensAndFlashBelongToTheirSensor)
{
	media_v2_entity entities[32] = {};
	media_v2_link links[96] = {};
	media_v2_topology topology = {};
	topology.num_entities = 32;
	topology.ptr_entities = reinterpret_cast<uintptr_t>(entities);
	topology.num_links = 96;
	topology.ptr_links = reinterpret_cast<uintptr_t>(links);
	ASSERT_EQ(open("Fovea ISP")->ioctl(MEDIA_IOC_G_TOPOLOGY, &topology), 0);

	std::map<std::string, media_v2_entity> byName;
	std::map<uint32_t, std::string> byId;
	for (uint32_t i = 0; i < topology.num_entities; i++) {
		byName[entities[i].name] = entities[i];
		byId[entities[i].id] = entities[i].name;
	}
	EXPECT_EQ(uint32_t{ byName["coil 0-000c"].function }, static_cast<uint32_t>(MEDIA_ENT_F_LENS));
	EXPECT_EQ(uint32_t{ byName["led 0-0053"].function }, static_cast<uint32_t>(MEDIA_ENT_F_FLASH));
	EXPECT_TRUE(byName.count("flat 1-0010"));

	std::multimap<std::string, std::string> ancillary;
	for (uint32_t i = 0; i < topology.num_links; i++) {
		if ((links[i].flags & MEDIA_LNK_FL_LINK_TYPE) == MEDIA_LNK_FL_ANCILLARY_LINK)
			ancillary.emplace(byId[links[i].source_id], byId[links[i].sink_id]);
	}
	const std::multimap<std::string, std::string> expected = {
		{ "flat 0-0010", "coil 0-000c" },
		{ "flat 0-0010", "led 0-0053" },
	};
	EXPECT_EQ(ancillary, expected);
}

TEST_F(TwoInputs, TheLensHasAPosition)
{
	auto lens = open("coil 0-000c");
	EXPECT_EQ(valueOf(lens.get(), V4L2_CID_FOCUS_ABSOLUTE), 100);
	EXPECT_EQ(setOf(lens.get(), V4L2_CID_FOCUS_ABSOLUTE, 2000), 0);
	EXPECT_EQ(valueOf(lens.get(), V4L2_CID_FOCUS_ABSOLUTE), 1023);
}

/* Frames that start later than the position was set are taken with it. */
TEST_F(TwoInputs, FramesAreTakenWithTheLensPosition)
{
	constexpr int kBuffers = 4;
	auto lens = open("coil 0-000c");
	auto raw = stream("fovea-raw0", kImage);
	Frame frame;

	EXPECT_EQ(setOf(lens.get(), V4L2_CID_FOCUS_ABSOLUTE, 700), 0);
	start(raw.get());
	next(raw.get(), &frame);
	EXPECT_EQ(sensor_->lensPosition, 700);

	/* As many frames as there are buffers may have begun. */
	EXPECT_EQ(setOf(lens.get(), V4L2_CID_FOCUS_ABSOLUTE, 20), 0);
	for (int i = 0; i <= kBuffers; i++)
		next(raw.get(), &frame);
	EXPECT_EQ(sensor_->lensPosition, 20);
}

/* A strobe lasts for its timeout in the time of the frames. */
TEST_F(TwoInputs, TheFlashStrobes)
{
	auto flash = open("led 0-0053");
	auto inactive = [&]() {
		v4l2_queryctrl query = {};
		query.id = V4L2_CID_FLASH_STROBE;
		EXPECT_EQ(flash->ioctl(VIDIOC_QUERYCTRL, &query), 0);
		return (query.flags & V4L2_CTRL_FLAG_INACTIVE) != 0;
	};

	/* Where a strobe does not apply, it is accepted and nothing happens. */
	EXPECT_TRUE(inactive());
	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_STROBE, 0), 0);
	EXPECT_EQ(valueOf(flash.get(), V4L2_CID_FLASH_STROBE_STATUS), 0);

	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_LED_MODE, V4L2_FLASH_LED_MODE_FLASH), 0);
	EXPECT_FALSE(inactive());
	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_TIMEOUT, 32000), 0);
	EXPECT_EQ(valueOf(flash.get(), V4L2_CID_FLASH_STROBE_STATUS), 0);

	auto raw = stream("fovea-raw0", kImage);
	start(raw.get());
	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_STROBE, 0), 0);
	EXPECT_EQ(valueOf(flash.get(), V4L2_CID_FLASH_STROBE_STATUS), 1);
	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_STROBE_STOP, 0), 0);
	EXPECT_EQ(valueOf(flash.get(), V4L2_CID_FLASH_STROBE_STATUS), 0);

	/* Frames of 10 ms, and 32 ms of light. */
	EXPECT_EQ(setOf(flash.get(), V4L2_CID_FLASH_STROBE, 0), 0);
	Frame frame;
	for (unsigned int i = 0; i < 10; i++)
		next(raw.get(), &frame);
	EXPECT_EQ(valueOf(flash.get(), V4L2_CID_FLASH_STROBE_STATUS), 0);
}

/*
 * While the first front end feeds the back end, the second one captures raw frames
 * and statistics: with its own exposure, its own clock, its own numbers.
 */
TEST_F(TwoInputs, FrontEndsAreIndependent)
{
	auto second = open("flat 1-0010");
	ASSERT_EQ(setOf(second.get(), V4L2_CID_VBLANK, 80), 0);
	ASSERT_EQ(setOf(second.get(), V4L2_CID_EXPOSURE, 50), 0);

	raw_ = stream("fovea-raw0", kImage);
	main_ = stream("fovea-main0", kImage);
	start(raw_.get());
	start(main_.get());

	Frame frame;
	for (uint32_t n = 0; n < 3; n++) {
		next(main_.get(), &frame);
		EXPECT_EQ(frame.sequence, n);
		next(raw_.get(), &frame);
		EXPECT_EQ(rawMean(frame.index), 40);
	}

	auto otherRaw = stream("fovea-raw1", kImage);
	auto otherStats = stream("fovea-stats1", kStats);
	start(otherRaw.get());
	start(otherStats.get());
	std::swap(raw_, otherRaw);
	for (uint32_t n = 0; n < 5; n++) {
		next(raw_.get(), &frame);
		EXPECT_EQ(frame.sequence, n);
		EXPECT_EQ(rawMean(frame.index), 50);
		/* 128 lines of 100 pixels at 640 kHz, exposed for 50 lines before. */
		EXPECT_EQ(frame.timestamp, (1000000000ULL + n * 20000000ULL - 7812500) / 1000 * 1000);
		next(otherStats.get(), &frame);
		EXPECT_EQ(frame.sequence, n);
	}

	/* One stops, the other goes on. */
	ASSERT_EQ(raw_->off(), 0);
	ASSERT_EQ(otherStats->off(), 0);
	next(main_.get(), &frame);
	EXPECT_GE(frame.sequence, 3u);
}

TEST_F(TwoInputs, TheBackEndHasOneSource)
{
	const char *backEnd = "fovea-backend";

	EXPECT_EQ(setLink("fovea-frontend1", 3, backEnd, 0, true), -EBUSY);
	EXPECT_EQ(setLink("fovea-input", 0, backEnd, 0, true), -EBUSY);

	/* The second input takes over, and its frames are what is processed. */
	feedBackEnd("fovea-frontend1");
	EXPECT_EQ(setLink("fovea-frontend0", 3, backEnd, 0, true), -EBUSY);
	auto main = stream("fovea-main0", kImage);
	start(main.get());

	Frame frame;
	next(main.get(), &frame);
	EXPECT_EQ(setLink("fovea-frontend1", 3, backEnd, 0, false), -EBUSY);

	/* The first one is free for raw frames, but not for the back end. */
	auto raw = stream("fovea-raw0", kImage);
	start(raw.get());
	next(raw.get(), &frame);
	EXPECT_EQ(setLink("fovea-frontend0", 3, backEnd, 0, true), -EBUSY);

	v4l2_subdev_format format = {};
	format.which = V4L2_SUBDEV_FORMAT_ACTIVE;
	for (const char *label : { "flat 0-0010", "flat 1-0010", "fovea-frontend0",
				   "fovea-frontend1", "fovea-backend", "fovea-scaler1" })
		EXPECT_EQ(open(label)->ioctl(VIDIOC_SUBDEV_S_FMT, &format), -EBUSY) << label;
	ASSERT_EQ(raw->off(), 0);
	EXPECT_EQ(open("fovea-frontend0")->ioctl(VIDIOC_SUBDEV_S_FMT, &format), 0);
}

TEST_F(TwoInputs, NothingFeedsTheBackEnd)
{
	ASSERT_EQ(setLink("fovea-frontend0", 3, "fovea-backend", 0, false), 0);

	for (const auto &[label, type] : std::map<std::string, v4l2_buf_type>{
		     { "fovea-main0", kImage },
		     { "fovea-viewfinder0", kImage },
		     { "fovea-backend-stats", kStats },
		     { "fovea-params", V4L2_BUF_TYPE_META_OUTPUT },
		     { "fovea-input", V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE } })
		EXPECT_EQ(stream(label, type)->on(), -ENOLINK) << label;
}

/* What is queued on one input's nodes never shows up in the other's frames. */
TEST_F(TwoInputs, RunsAreEqualToTheBit)
{
	std::vector<std::vector<uint64_t>> runs;

	for (unsigned int run = 0; run < 2; run++) {
		std::vector<uint64_t> seen;
		auto first = stream("fovea-raw0", kImage);
		auto second = stream("fovea-raw1", kImage);
		start(first.get());
		start(second.get());
		for (unsigned int n = 0; n < 20; n++) {
			for (Stream *s : { first.get(), second.get() }) {
				Frame frame;
				next(s, &frame);
				seen.insert(seen.end(), { frame.sequence, frame.timestamp,
							  s->memory(frame.index)[0] });
			}
		}
		runs.push_back(std::move(seen));
	}

	EXPECT_EQ(runs[0], runs[1]);
}

} /* namespace */
