/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What an application sees of a camera before it captures
 */

#include "capture.h"

using namespace libcamera;

namespace {

using CameraProperties = CameraTest;

TEST_F(CameraProperties, DescribeTheSensor)
{
	const ControlList &list = camera_->properties();

	ASSERT_TRUE(list.get(properties::Model));
	EXPECT_FALSE(list.get(properties::Model)->empty());
	ASSERT_TRUE(list.get(properties::PixelArraySize));
	EXPECT_GT(list.get(properties::PixelArraySize)->width, 0u);
	ASSERT_TRUE(list.get(properties::PixelArrayActiveAreas));
	EXPECT_EQ(list.get(properties::PixelArrayActiveAreas)->size(), 1u);
	EXPECT_TRUE(list.get(properties::Location));
	EXPECT_TRUE(list.get(properties::Rotation));

	/* Raw, main and statistics: the nodes that capture. */
	ASSERT_TRUE(list.get(properties::SystemDevices));
	EXPECT_GE(list.get(properties::SystemDevices)->size(), 3u);
}

TEST_F(CameraProperties, IdIsStable)
{
	const std::string id = camera_->id();
	EXPECT_FALSE(id.empty());

	TearDown();
	manager_ = std::make_unique<CameraManager>();
	ASSERT_EQ(manager_->start(), 0);

	camera_ = manager_->get(id);
	ASSERT_TRUE(camera_) << id << " is gone after a restart";
	ASSERT_EQ(camera_->acquire(), 0);
}

TEST_F(CameraProperties, ControlsHaveBounds)
{
	const ControlInfoMap &infos = camera_->controls();

	for (const ControlId *id : std::initializer_list<const ControlId *>{
		     &controls::ExposureTime, &controls::AnalogueGain }) {
		auto it = infos.find(id);
		ASSERT_NE(it, infos.end()) << id->name() << " is missing";
		EXPECT_FALSE(it->second.min().isNone()) << id->name();
		EXPECT_FALSE(it->second.max().isNone()) << id->name();
	}

	EXPECT_NE(infos.find(&controls::AeEnable), infos.end());
	EXPECT_NE(infos.find(&controls::AwbEnable), infos.end());
	EXPECT_NE(infos.find(&controls::ColourGains), infos.end());

	const ControlInfo &exposure = infos.at(&controls::ExposureTime);
	EXPECT_GT(exposure.min().get<int32_t>(), 0);
	EXPECT_LT(exposure.min().get<int32_t>(), exposure.max().get<int32_t>());

	const ControlInfo &gain = infos.at(&controls::AnalogueGain);
	EXPECT_GE(gain.min().get<float>(), 1.0f);
	EXPECT_LT(gain.min().get<float>(), gain.max().get<float>());
}

TEST_F(CameraProperties, OneApplicationAtATime)
{
	EXPECT_EQ(camera_->acquire(), -EBUSY);
}

} /* namespace */
