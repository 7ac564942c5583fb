/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The camera is unplugged while it captures, and comes back
 */

#include <chrono>
#include <stdlib.h>

#include "capture.h"

using namespace libcamera;

namespace {

constexpr unsigned int kBefore = 5;
constexpr unsigned int kAfter = 10;
constexpr std::chrono::seconds kTimeout{ 30 };

/* Something that another thread does. */
class Event
{
public:
	void set()
	{
		std::lock_guard<std::mutex> lock(mutex_);
		happened_ = true;
		condition_.notify_all();
	}

	bool wait()
	{
		std::unique_lock<std::mutex> lock(mutex_);
		return condition_.wait_for(lock, kTimeout, [this]() { return happened_; });
	}

private:
	std::mutex mutex_;
	std::condition_variable condition_;
	bool happened_ = false;
};

class UnplugTest : public CameraTest
{
protected:
	std::unique_ptr<CameraConfiguration> smallConfiguration()
	{
		return configure({ StreamRole::VideoRecording }, [](CameraConfiguration &c) {
			c.at(0).size = { 320, 240 };
		});
	}
};

TEST_F(UnplugTest, EveryRequestCompletes)
{
	std::unique_ptr<CameraConfiguration> config = smallConfiguration();
	ASSERT_TRUE(config);
	const std::string id = camera_->id();

	Event disconnected;
	Event removed;
	Event added;
	std::shared_ptr<Camera> fresh;
	manager_->cameraRemoved.connect(&removed, [&](std::shared_ptr<Camera>) { removed.set(); });
	camera_->disconnected.connect(&disconnected, [&]() { disconnected.set(); });
	manager_->cameraAdded.connect(&added, [&](std::shared_ptr<Camera> camera) {
		fresh = camera;
		added.set();
	});

	{
		Capture capture(camera_, *config);
		ASSERT_EQ(capture.start(), 0);
		ASSERT_TRUE(capture.run(kBefore));
		capture.runOn();
		ASSERT_EQ(system("fovea-ctl unplug"), 0);
		ASSERT_TRUE(disconnected.wait());

		/* Each has come back, the last ones without a picture. */
		ASSERT_EQ(capture.frames().size(), capture.queued());
		EXPECT_EQ(capture.frames().front().status, Request::RequestComplete);
		EXPECT_EQ(capture.frames().back().status, Request::RequestCancelled);
		for (const CapturedFrame &frame : capture.frames()) {
			EXPECT_NE(frame.status, Request::RequestPending);
			EXPECT_TRUE(frame.status == Request::RequestCancelled ||
				    frame.images.begin()->second.status == FrameMetadata::FrameSuccess);
		}

		EXPECT_EQ(capture.queueAll(), 0u);
		capture.stop();
	}

	EXPECT_EQ(camera_->configure(config.get()), -ENODEV);
	ASSERT_TRUE(removed.wait());
	EXPECT_TRUE(manager_->cameras().empty());
	camera_->release();
	camera_.reset();
	config.reset();

	ASSERT_EQ(system("fovea-ctl plug"), 0);
	ASSERT_TRUE(added.wait());
	EXPECT_EQ(fresh->id(), id);

	camera_ = fresh;
	fresh.reset();
	ASSERT_EQ(camera_->acquire(), 0);
	config = smallConfiguration();
	ASSERT_TRUE(config);
	Capture again(camera_, *config);
	ASSERT_EQ(again.start(), 0);
	EXPECT_TRUE(again.run(kAfter));
	again.stop();
	EXPECT_EQ(again.frames().back().images.begin()->second.sequence, kAfter - 1);
}

/* Nobody captures: the camera goes, and the application may hold it for a while. */
TEST_F(UnplugTest, IdleCameraGoesAndComesBack)
{
	Event removed;
	Event added;
	manager_->cameraRemoved.connect(&removed, [&](std::shared_ptr<Camera>) { removed.set(); });
	manager_->cameraAdded.connect(&added, [&](std::shared_ptr<Camera>) { added.set(); });

	ASSERT_EQ(system("fovea-ctl unplug"), 0);
	ASSERT_TRUE(removed.wait());
	EXPECT_TRUE(manager_->cameras().empty());

	/* The old camera keeps its nodes' numbers in use. */
	ASSERT_EQ(system("fovea-ctl plug"), 0);
	ASSERT_TRUE(added.wait());
	EXPECT_EQ(manager_->cameras().size(), 1u);
	EXPECT_EQ(camera_->start(), -ENODEV);
}

} /* namespace */
