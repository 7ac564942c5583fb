/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a video node may have beyond formats and buffers
 */

#include "core_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

/* A grabber with a crop, a frame rate, an event of its own and a status. */
class Grabber : public TestNode
{
public:
	Grabber(v4l2::MediaDevice *media, v4l2_buf_type type)
		: TestNode(media, "grabber", type)
	{
		controls_.addStandard(V4L2_CID_GAIN, 0, 10, 1, 4);
	}

	using VideoDevice::sendEvent;

	v4l2_rect crop = { 0, 0, 640, 480 };
	uint32_t rate = 30;

protected:
	bool hasFrameIntervals() const override { return true; }
	bool hasParameters() const override { return true; }
	bool hasSelection() const override { return true; }
	bool hasStatus() const override { return true; }

	int enumFrameIntervals(v4l2_frmivalenum *interval) override
	{
		if (interval->index > 1 || interval->width != 64)
			return -EINVAL;

		interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
		interval->discrete = { 1, interval->index ? 15u : 30u };
		return 0;
	}

	int streamParameters(v4l2_streamparm *parameters, bool set) override
	{
		if (set)
			rate = parameters->parm.capture.timeperframe.denominator > 20 ? 30 : 15;

		parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
		parameters->parm.capture.timeperframe = { 1, rate };
		return 0;
	}

	int selection(v4l2_selection *selection, bool set) override
	{
		bool capture = selection->type == V4L2_BUF_TYPE_VIDEO_CAPTURE;

		switch (selection->target) {
		case V4L2_SEL_TGT_CROP:
		case V4L2_SEL_TGT_COMPOSE:
			if (capture != (selection->target == V4L2_SEL_TGT_CROP))
				return -EINVAL;
			if (set)
				crop = { 0, 0, selection->r.width & ~1u, selection->r.height & ~1u };
			selection->r = crop;
			return 0;
		case V4L2_SEL_TGT_CROP_BOUNDS:
		case V4L2_SEL_TGT_COMPOSE_BOUNDS:
			selection->r = { 0, 0, 640, 480 };
			return 0;
		case V4L2_SEL_TGT_CROP_DEFAULT:
		case V4L2_SEL_TGT_COMPOSE_DEFAULT:
			selection->r = { 0, 0, 320, 240 };
			return 0;
		default:
			return -EINVAL;
		}
	}

	int subscribeEvent(v4l2::FileHandle *file, const v4l2_event_subscription &subscription) override
	{
		return subscription.type == V4L2_EVENT_SOURCE_CHANGE
		     ? file->events().subscribe(subscription, 2)
		     : -EINVAL;
	}
};

class NodeOperations : public CoreTest
{
protected:
	NodeOperations()
		: grabber_(&media_, V4L2_BUF_TYPE_VIDEO_CAPTURE),
		  planar_(&media_, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE)
	{
		file_ = open(grabber_);
	}

	Grabber grabber_;
	Grabber planar_;
	std::unique_ptr<v4l2::OpenFile> file_;
};

TEST_F(NodeOperations, AbsentOnesAreNoIoctls)
{
	std::unique_ptr<v4l2::OpenFile> file = open(capture_);
	uint8_t arg[512] = {};
	for (unsigned long request : { uint64_t{ VIDIOC_LOG_STATUS }, VIDIOC_ENUM_FRAMEINTERVALS, VIDIOC_G_PARM, VIDIOC_S_PARM,
				       VIDIOC_G_SELECTION, VIDIOC_S_SELECTION, VIDIOC_G_CROP,
				       VIDIOC_S_CROP, VIDIOC_CROPCAP, VIDIOC_SUBSCRIBE_EVENT,
				       VIDIOC_DQEVENT, VIDIOC_G_STD,
				       VIDIOC_DBG_G_REGISTER, VIDIOC_DBG_S_REGISTER,
				       VIDIOC_DBG_G_CHIP_INFO, VIDIOC_G_EDID, VIDIOC_G_TUNER })
		EXPECT_EQ(file->ioctl(request, arg), -ENOTTY) << std::hex << request;
}

TEST_F(NodeOperations, FrameIntervals)
{
	v4l2_frmivalenum interval = {};
	interval.index = 1;
	interval.pixel_format = V4L2_PIX_FMT_GREY;
	interval.width = 64;
	interval.reserved[0] = 5;
	ASSERT_EQ(file_->ioctl(VIDIOC_ENUM_FRAMEINTERVALS, &interval), 0);
	EXPECT_EQ(interval.discrete.denominator, 15u);
	EXPECT_EQ(interval.reserved[0], 0u);
	interval.index = 2;
	EXPECT_EQ(file_->ioctl(VIDIOC_ENUM_FRAMEINTERVALS, &interval), -EINVAL);
}

TEST_F(NodeOperations, Parameters)
{
	v4l2_streamparm parameters = {};
	parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	parameters.parm.capture.timeperframe = { 1, 10 };
	ASSERT_EQ(file_->ioctl(VIDIOC_S_PARM, &parameters), 0);
	EXPECT_EQ(parameters.parm.capture.timeperframe.denominator, 15u);
	ASSERT_EQ(file_->ioctl(VIDIOC_G_PARM, &parameters), 0);
	EXPECT_EQ(parameters.parm.capture.timeperframe.denominator, 15u);
	EXPECT_EQ(grabber_.rate, 15u);

	parameters.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	EXPECT_EQ(file_->ioctl(VIDIOC_G_PARM, &parameters), -EINVAL);
}

TEST_F(NodeOperations, SelectionsAndCrops)
{
	v4l2_selection selection = {};
	selection.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	selection.target = V4L2_SEL_TGT_CROP;
	selection.r = { 0, 0, 101, 51 };
	ASSERT_EQ(file_->ioctl(VIDIOC_S_SELECTION, &selection), 0);
	EXPECT_EQ(selection.r.width, 100u);
	EXPECT_EQ(selection.type, static_cast<uint32_t>(V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE));

	v4l2_crop crop = {};
	crop.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	ASSERT_EQ(file_->ioctl(VIDIOC_G_CROP, &crop), 0);
	EXPECT_EQ(crop.c.height, 50u);
	crop.c.height = 33;
	ASSERT_EQ(file_->ioctl(VIDIOC_S_CROP, &crop), 0);
	EXPECT_EQ(grabber_.crop.height, 32u);

	v4l2_cropcap capability = {};
	capability.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	ASSERT_EQ(file_->ioctl(VIDIOC_CROPCAP, &capability), 0);
	EXPECT_EQ(capability.bounds.width, 640u);
	EXPECT_EQ(capability.defrect.width, 320u);
	EXPECT_EQ(capability.pixelaspect.denominator, 1u);

	selection.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
	EXPECT_EQ(file_->ioctl(VIDIOC_G_SELECTION, &selection), -EINVAL);
	selection.type = V4L2_BUF_TYPE_META_CAPTURE;
	EXPECT_EQ(file_->ioctl(VIDIOC_G_SELECTION, &selection), -EINVAL);
}

/* What is put out is composed; the types without planes are the drivers'. */
TEST_F(NodeOperations, CropsOfOutputs)
{
	std::unique_ptr<v4l2::OpenFile> file = open(planar_);
	v4l2_crop crop = {};
	crop.type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
	crop.c = { 0, 0, 11, 13 };
	ASSERT_EQ(file->ioctl(VIDIOC_S_CROP, &crop), 0);
	EXPECT_EQ(planar_.crop.width, 10u);
}

TEST_F(NodeOperations, Events)
{
	v4l2_event_subscription subscription = {};
	subscription.type = V4L2_EVENT_SOURCE_CHANGE;
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	subscription.type = V4L2_EVENT_CTRL;
	subscription.id = V4L2_CID_GAIN;
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), 0);
	subscription.type = V4L2_EVENT_EOS;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBSCRIBE_EVENT, &subscription), -EINVAL);

	v4l2_event event = {};
	event.type = V4L2_EVENT_SOURCE_CHANGE;
	grabber_.sendEvent(event);
	EXPECT_TRUE(file_->poll() & POLLPRI);
	ASSERT_EQ(file_->ioctl(VIDIOC_DQEVENT, &event), 0);
	EXPECT_EQ(event.type, static_cast<uint32_t>(V4L2_EVENT_SOURCE_CHANGE));
}

TEST_F(NodeOperations, LogStatus)
{
	EXPECT_EQ(file_->ioctl(VIDIOC_LOG_STATUS, nullptr), 0);

	std::vector<std::string> lines;
	media_.setLog([&](const std::string &line) { lines.push_back(line); });
	ASSERT_EQ(file_->ioctl(VIDIOC_LOG_STATUS, nullptr), 0);
	ASSERT_EQ(lines.size(), 3u);
	EXPECT_EQ(lines[1], "grabber: Gain: 4");
}

TEST_F(NodeOperations, LowPriorityMayOnlyLook)
{
	std::unique_ptr<v4l2::OpenFile> other = open(grabber_);
	uint32_t priority = V4L2_PRIORITY_RECORD;
	ASSERT_EQ(other->ioctl(VIDIOC_S_PRIORITY, &priority), 0);

	v4l2_streamparm parameters = {};
	parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	EXPECT_EQ(file_->ioctl(VIDIOC_S_PARM, &parameters), -EBUSY);
	EXPECT_EQ(file_->ioctl(VIDIOC_G_PARM, &parameters), 0);
	v4l2_selection selection = {};
	selection.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	EXPECT_EQ(file_->ioctl(VIDIOC_S_SELECTION, &selection), -EBUSY);
}

} /* namespace */
