/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Clusters: controls that are set together, automatic and manual modes
 */

#include "control_test.h"

#include <errno.h>

using namespace fovea;
using namespace fovea::test;

namespace {

class ControlClusters : public ControlTest
{
protected:
	ControlClusters()
	{
		gain_ = handler_.addStandard(V4L2_CID_GAIN, 0, 100, 1, 10);
		hue_ = handler_.addStandard(V4L2_CID_HUE, 0, 100, 1, 20);
		mode_ = handler_.addStandardMenu(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL, 0,
						 V4L2_EXPOSURE_AUTO);
		time_ = handler_.addStandard(V4L2_CID_EXPOSURE_ABSOLUTE, 1, 1000, 1, 100);
	}

	int setCluster(std::span<v4l2::Control *const> controls) override
	{
		calls_.emplace_back();
		for (const v4l2::Control *one : controls) {
			if (one->changed())
				calls_.back()[one->id()] = one->value();
		}
		return setError_;
	}

	int getVolatile(const v4l2::Control &, int64_t *value) override
	{
		*value = 444;
		return 0;
	}

	int32_t get(uint32_t id)
	{
		v4l2_control one = { id, -1 };
		EXPECT_EQ(file_.ioctl(VIDIOC_G_CTRL, &one), 0);
		return one.value;
	}

	int set(uint32_t id, int32_t value)
	{
		v4l2_control one = { id, value };
		return file_.ioctl(VIDIOC_S_CTRL, &one);
	}

	void subscribe(File *file, uint32_t id)
	{
		v4l2_event_subscription subscription = {};
		subscription.type = V4L2_EVENT_CTRL;
		subscription.id = id;
		ASSERT_EQ(handler_.subscribe(file, subscription), 0);
	}

	using Call = std::map<uint32_t, int64_t>;

	v4l2::Control *gain_;
	v4l2::Control *hue_;
	v4l2::Control *mode_;
	v4l2::Control *time_;
	int setError_ = 0;
	std::vector<Call> calls_;
};

TEST_F(ControlClusters, ReachTheDriverTogether)
{
	handler_.cluster({ gain_, hue_ });
	std::vector<v4l2_ext_control> list{ control(V4L2_CID_HUE, 21), control(V4L2_CID_EXPOSURE_ABSOLUTE, 7),
					    control(V4L2_CID_GAIN, 11) };
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), 0);
	EXPECT_EQ(calls_, (std::vector<Call>{ { { V4L2_CID_GAIN, 11 }, { V4L2_CID_HUE, 21 } },
					      { { V4L2_CID_EXPOSURE_ABSOLUTE, 7 } } }));

	/* One of them alone leaves the other as it is. */
	calls_.clear();
	ASSERT_EQ(set(V4L2_CID_HUE, 30), 0);
	EXPECT_EQ(calls_, (std::vector<Call>{ { { V4L2_CID_HUE, 30 } } }));
	EXPECT_EQ(get(V4L2_CID_GAIN), 11);
}

TEST_F(ControlClusters, FailTogether)
{
	handler_.cluster({ gain_, hue_ });
	setError_ = -EIO;
	std::vector<v4l2_ext_control> list{ control(V4L2_CID_HUE, 21), control(V4L2_CID_GAIN, 11) };
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), -EIO);
	EXPECT_EQ(get(V4L2_CID_GAIN), 10);
	EXPECT_EQ(get(V4L2_CID_HUE), 20);
}

TEST_F(ControlClusters, AutomaticModeMakesFollowersInactive)
{
	handler_.autoCluster({ mode_, time_ }, V4L2_EXPOSURE_MANUAL, true);

	EXPECT_TRUE(query(V4L2_CID_EXPOSURE_AUTO).flags & V4L2_CTRL_FLAG_UPDATE);
	uint32_t follower = query(V4L2_CID_EXPOSURE_ABSOLUTE).flags;
	EXPECT_TRUE(follower & V4L2_CTRL_FLAG_INACTIVE);
	EXPECT_TRUE(follower & V4L2_CTRL_FLAG_VOLATILE);
	EXPECT_EQ(get(V4L2_CID_EXPOSURE_ABSOLUTE), 444);

	/* A write is accepted, and the hardware's value stays. */
	EXPECT_EQ(set(V4L2_CID_EXPOSURE_ABSOLUTE, 5), 0);
	EXPECT_EQ(get(V4L2_CID_EXPOSURE_ABSOLUTE), 444);
	EXPECT_TRUE(calls_.empty());
}

TEST_F(ControlClusters, ManualModeTakesOverWhatTheHardwareHas)
{
	handler_.autoCluster({ mode_, time_ }, V4L2_EXPOSURE_MANUAL, true);
	subscribe(&file_, V4L2_CID_EXPOSURE_ABSOLUTE);

	ASSERT_EQ(set(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL), 0);
	EXPECT_EQ(calls_, (std::vector<Call>{ { { V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL },
						{ V4L2_CID_EXPOSURE_ABSOLUTE, 444 } } }));
	EXPECT_EQ(time_->value(), 444);
	EXPECT_FALSE(time_->flags() & (V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_VOLATILE));

	/* The writer of the switch has not written the follower: it is told. */
	v4l2_event event;
	ASSERT_EQ(file_.events().dequeue(&event), 0);
	EXPECT_EQ(event.u.ctrl.changes,
		  static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_VALUE | V4L2_EVENT_CTRL_CH_FLAGS));
	EXPECT_EQ(event.u.ctrl.value, 444);

	ASSERT_EQ(set(V4L2_CID_EXPOSURE_ABSOLUTE, 5), 0);
	EXPECT_EQ(get(V4L2_CID_EXPOSURE_ABSOLUTE), 5);

	ASSERT_EQ(set(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_AUTO), 0);
	EXPECT_TRUE(time_->flags() & V4L2_CTRL_FLAG_INACTIVE);
}

TEST_F(ControlClusters, ManualModeAndValueInOneCall)
{
	handler_.autoCluster({ mode_, time_ }, V4L2_EXPOSURE_MANUAL, true);
	std::vector<v4l2_ext_control> list{ control(V4L2_CID_EXPOSURE_ABSOLUTE, 77),
					    control(V4L2_CID_EXPOSURE_AUTO, V4L2_EXPOSURE_MANUAL) };
	ASSERT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), 0);
	EXPECT_EQ(get(V4L2_CID_EXPOSURE_ABSOLUTE), 77);
}

TEST_F(ControlClusters, GrabbedMembersRefuseTheirWritesOnly)
{
	handler_.cluster({ gain_, hue_ });
	hue_->grab(true);
	EXPECT_EQ(set(V4L2_CID_HUE, 1), -EBUSY);
	EXPECT_EQ(set(V4L2_CID_GAIN, 1), 0);
	std::vector<v4l2_ext_control> list{ control(V4L2_CID_GAIN, 2), control(V4L2_CID_HUE, 2) };
	EXPECT_EQ(ext(VIDIOC_S_EXT_CTRLS, &list), -EBUSY);
	EXPECT_EQ(get(V4L2_CID_GAIN), 1);
	EXPECT_EQ(ext(VIDIOC_TRY_EXT_CTRLS, &list), 0);
}

TEST_F(ControlClusters, WritesOfVolatileControlsAreDropped)
{
	handler_.addStandard(V4L2_CID_BRIGHTNESS, 0, 1000, 1, 5, V4L2_CTRL_FLAG_VOLATILE);
	handler_.addStandard(V4L2_CID_CONTRAST, 0, 1000, 1, 5,
			     V4L2_CTRL_FLAG_VOLATILE | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE);
	EXPECT_EQ(set(V4L2_CID_BRIGHTNESS, 9), 0);
	EXPECT_TRUE(calls_.empty());
	EXPECT_EQ(set(V4L2_CID_CONTRAST, 9), 0);
	EXPECT_EQ(calls_, (std::vector<Call>{ { { V4L2_CID_CONTRAST, 9 } } }));
}

TEST_F(ControlClusters, ActivationIsTold)
{
	subscribe(&other_, V4L2_CID_HUE);
	hue_->activate(false);
	EXPECT_TRUE(query(V4L2_CID_HUE).flags & V4L2_CTRL_FLAG_INACTIVE);
	v4l2_event event;
	ASSERT_EQ(other_.events().dequeue(&event), 0);
	EXPECT_EQ(event.u.ctrl.changes, static_cast<uint32_t>(V4L2_EVENT_CTRL_CH_FLAGS));
	hue_->activate(false);
	EXPECT_EQ(other_.events().dequeue(&event), -EAGAIN);
	EXPECT_EQ(set(V4L2_CID_HUE, 44), 0);
}

} /* namespace */
