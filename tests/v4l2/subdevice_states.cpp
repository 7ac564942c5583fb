/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Crops and frame intervals of sub-devices, in both states
 */

#include "core_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

/* A cropper of 640x480 with a frame rate. */
class Cropper : public v4l2::Subdevice
{
public:
	Cropper(v4l2::MediaDevice *media)
		: Subdevice(media, "cropper", MEDIA_ENT_F_PROC_VIDEO_SCALER,
			    { MEDIA_PAD_FL_SINK, MEDIA_PAD_FL_SOURCE },
			    OpFormat | OpSelection | OpFrameInterval | OpLogStatus)
	{
		controls_.addStandard(V4L2_CID_GAIN, 0, 9, 1, 2);
		resetActiveState();
	}

protected:
	void initState(v4l2::SubdeviceState *state) override
	{
		for (v4l2::PadState &pad : state->pads) {
			pad = {};
			pad.crop = { 0, 0, 640, 480 };
			pad.interval = { 1, 30 };
		}
	}

	int getSelection(const v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override
	{
		if (selection->target != V4L2_SEL_TGT_CROP)
			return -EINVAL;
		selection->r = state.pads[selection->pad].crop;
		return 0;
	}

	int setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override
	{
		if (selection->target != V4L2_SEL_TGT_CROP)
			return -EINVAL;
		state.pads[selection->pad].crop = { 0, 0, std::min(selection->r.width, 640u),
						    std::min(selection->r.height, 480u) };
		return getSelection(state, selection);
	}

	int setFrameInterval(v4l2::SubdeviceState &state, v4l2_subdev_frame_interval *interval) override
	{
		state.pads[interval->pad].interval = interval->interval;
		return 0;
	}
};

class SubdeviceStates : public CoreTest
{
protected:
	SubdeviceStates() : cropper_(&media_)
	{
		file_ = open(cropper_);
		other_ = open(cropper_);
	}

	static uint32_t width(v4l2::OpenFile *file, uint32_t which)
	{
		v4l2_subdev_selection selection = {};
		selection.which = which;
		selection.target = V4L2_SEL_TGT_CROP;
		selection.stream = 3;
		EXPECT_EQ(file->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), 0);
		EXPECT_EQ(selection.stream, 0u);
		return selection.r.width;
	}

	static uint32_t rate(v4l2::OpenFile *file, uint32_t which)
	{
		v4l2_subdev_frame_interval interval = {};
		interval.which = which;
		EXPECT_EQ(file->ioctl(VIDIOC_SUBDEV_G_FRAME_INTERVAL, &interval), 0);
		return interval.interval.denominator;
	}

	Cropper cropper_;
	std::unique_ptr<v4l2::OpenFile> file_;
	std::unique_ptr<v4l2::OpenFile> other_;
};

constexpr uint32_t kTry = V4L2_SUBDEV_FORMAT_TRY;
constexpr uint32_t kActive = V4L2_SUBDEV_FORMAT_ACTIVE;

TEST_F(SubdeviceStates, SelectionsAreTried)
{
	v4l2_subdev_selection selection = {};
	selection.which = kTry;
	selection.target = V4L2_SEL_TGT_CROP;
	selection.r = { 5, 5, 320, 1000 };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_SELECTION, &selection), 0);
	EXPECT_EQ(selection.r.height, 480u);
	EXPECT_EQ(width(file_.get(), kTry), 320u);
	EXPECT_EQ(width(other_.get(), kTry), 640u);
	EXPECT_EQ(width(file_.get(), kActive), 640u);

	selection.pad = 2;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_SELECTION, &selection), -EINVAL);
	selection.pad = 0;
	selection.which = 7;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), -EINVAL);
	selection.which = kTry;
	selection.target = V4L2_SEL_TGT_COMPOSE;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_SELECTION, &selection), -EINVAL);
}

TEST_F(SubdeviceStates, CropsAreSelections)
{
	v4l2_subdev_crop crop = {};
	crop.which = kActive;
	crop.rect = { 0, 0, 100, 100 };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_CROP, &crop), 0);
	EXPECT_EQ(width(other_.get(), kActive), 100u);
	crop.rect = {};
	ASSERT_EQ(other_->ioctl(VIDIOC_SUBDEV_G_CROP, &crop), 0);
	EXPECT_EQ(crop.rect.width, 100u);
}

/* Programs from before Linux 6.8 leave "which" alone and mean ACTIVE. */
TEST_F(SubdeviceStates, IntervalsHaveStatesForThoseWhoAsk)
{
	v4l2_subdev_frame_interval interval = {};
	interval.which = kTry;
	interval.interval = { 1, 15 };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_FRAME_INTERVAL, &interval), 0);
	EXPECT_EQ(interval.which, kActive);
	EXPECT_EQ(rate(other_.get(), kActive), 15u);

	v4l2_subdev_client_capability client = { V4L2_SUBDEV_CLIENT_CAP_INTERVAL_USES_WHICH };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_CLIENT_CAP, &client), 0);
	EXPECT_EQ(rate(file_.get(), kTry), 30u);
	interval.which = kTry;
	interval.interval = { 1, 60 };
	ASSERT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_FRAME_INTERVAL, &interval), 0);
	EXPECT_EQ(rate(file_.get(), kTry), 60u);
	EXPECT_EQ(rate(file_.get(), kActive), 15u);

	/* The other file has not asked. */
	client = {};
	ASSERT_EQ(other_->ioctl(VIDIOC_SUBDEV_G_CLIENT_CAP, &client), 0);
	EXPECT_EQ(uint64_t{ client.capabilities }, 0u);
}

TEST_F(SubdeviceStates, NoStreams)
{
	v4l2_subdev_routing routing = {};
	routing.which = kActive;
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_G_ROUTING, &routing), -ENOTTY);
	EXPECT_EQ(file_->ioctl(VIDIOC_SUBDEV_S_ROUTING, &routing), -ENOTTY);
}

TEST_F(SubdeviceStates, LogStatus)
{
	std::vector<std::string> lines;
	media_.setLog([&](const std::string &line) { lines.push_back(line); });
	ASSERT_EQ(file_->ioctl(VIDIOC_LOG_STATUS, nullptr), 0);
	ASSERT_EQ(lines.size(), 3u);
	EXPECT_EQ(lines[1], "cropper: Gain: 2");
}

} /* namespace */
