/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Two cameras that share one back end
 */

#include <errno.h>

#include "capture.h"

using namespace libcamera;

namespace {

constexpr unsigned int kFrames = 10;

/* camera_ is the first one. */
class TwoCameras : public CameraTest
{
protected:
	void SetUp() override
	{
		CameraTest::SetUp();
		ASSERT_EQ(manager_->cameras().size(), 2u);
		second_ = manager_->cameras()[1];
		ASSERT_EQ(second_->acquire(), 0);
	}

	void TearDown() override
	{
		if (second_)
			second_->release();
		second_.reset();
		CameraTest::TearDown();
	}

	std::unique_ptr<CameraConfiguration> configureOne(const std::shared_ptr<Camera> &camera,
							  const Size &size)
	{
		std::unique_ptr<CameraConfiguration> config =
			camera->generateConfiguration({ StreamRole::Viewfinder });
		config->at(0).size = size;
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
		EXPECT_EQ(camera->configure(config.get()), 0);
		return config;
	}

	static void expectPictures(const Capture &capture, size_t bytes)
	{
		ASSERT_EQ(capture.frames().size(), kFrames);
		for (const CapturedFrame &frame : capture.frames()) {
			EXPECT_EQ(frame.status, Request::RequestComplete);
			EXPECT_EQ(frame.images.begin()->second.bytes, bytes);
			EXPECT_GT(frame.images.begin()->second.mean, 0);
		}
	}

	std::shared_ptr<Camera> second_;
};

TEST_F(TwoCameras, AreOfTheirSensors)
{
	EXPECT_EQ(*camera_->properties().get(properties::Model), "imx219");
	EXPECT_EQ(*second_->properties().get(properties::Model), "imx477");
	EXPECT_NE(camera_->id(), second_->id());
}

TEST_F(TwoCameras, TakeTurns)
{
	const Size sizes[] = { { 320, 240 }, { 640, 360 } };

	for (unsigned int i = 0; i < 4; i++) {
		SCOPED_TRACE(i);
		const std::shared_ptr<Camera> &camera = i % 2 ? second_ : camera_;
		const Size &size = sizes[i / 2];
		std::unique_ptr<CameraConfiguration> config = configureOne(camera, size);

		Capture capture(camera, *config);
		ASSERT_EQ(capture.start(), 0);
		EXPECT_TRUE(capture.run(kFrames));
		capture.stop();
		expectPictures(capture, size.width * size.height * 4);
	}
}

/* Both are configured; the one that starts first has the back end. */
TEST_F(TwoCameras, TheBackEndIsBusy)
{
	std::unique_ptr<CameraConfiguration> firstConfig = configureOne(camera_, { 320, 240 });
	Capture first(camera_, *firstConfig);
	std::unique_ptr<CameraConfiguration> secondConfig = configureOne(second_, { 640, 360 });
	Capture second(second_, *secondConfig);

	ASSERT_EQ(first.start(), 0);
	EXPECT_EQ(second.start(), -EBUSY);
	FrameBufferAllocator allocator(second_);
	EXPECT_EQ(allocator.allocate(secondConfig->at(0).stream()), -EBUSY);

	/* Which does not disturb the first one, nor does a new configuration. */
	secondConfig = configureOne(second_, { 640, 360 });
	EXPECT_TRUE(first.run(kFrames));
	first.stop();
	expectPictures(first, 320 * 240 * 4);

	ASSERT_EQ(second.start(), 0);
	EXPECT_EQ(first.start(), -EBUSY);
	EXPECT_TRUE(second.run(kFrames));
	second.stop();
	expectPictures(second, 640 * 360 * 4);
}

} /* namespace */
