/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Configure, start, stop, and deaths of the worker in random order
 */

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <signal.h>
#include <stdlib.h>
#include <thread>

#include "capture.h"
#include "worker_process.h"

using namespace libcamera;

namespace {

/* Steps of a run, unless FOVEA_STRESS_SECONDS asks for a time. */
constexpr unsigned int kSteps = 40;

/* Kills the worker again and again, whatever the camera is doing. */
class Killer
{
public:
	Killer()
		: thread_([this] { run(); })
	{
	}

	~Killer()
	{
		stop_ = true;
		thread_.join();
	}

	unsigned int kills() const { return kills_; }

private:
	void run()
	{
		std::mt19937 random{ 2 };
		while (!stop_) {
			std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
			const pid_t worker = workerProcess();
			if (worker > 0 && !kill(worker, SIGKILL))
				kills_++;
		}
	}

	std::atomic<bool> stop_ = false;
	std::atomic<unsigned int> kills_ = 0;
	std::thread thread_;
};

class StressTest : public CameraTest
{
protected:
	bool goOn()
	{
		const char *seconds = getenv("FOVEA_STRESS_SECONDS");
		if (!seconds)
			return steps_ < kSteps;

		return std::chrono::steady_clock::now() - begin_ <
		       std::chrono::seconds(strtoul(seconds, nullptr, 10));
	}

	void configureAnew();
	void capture();

	std::mt19937 random_{ 1 };
	std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
	unsigned int steps_ = 0;
	size_t frames_ = 0;
	std::unique_ptr<CameraConfiguration> config_;
};

void StressTest::configureAnew()
{
	const unsigned int width = 160 + random_() % 5 * 64;
	config_ = configure({ StreamRole::VideoRecording }, [width](CameraConfiguration &c) {
		c.at(0).size = { width, width * 3 / 4 };
	});
	ASSERT_TRUE(config_);
}

/* A start, some frames and a stop, in the middle of frames or not. */
void StressTest::capture()
{
	Capture capture(camera_, *config_);
	ASSERT_EQ(capture.start(), 0);

	const unsigned int count = random_() % 60;
	if (random_() % 2) {
		EXPECT_TRUE(capture.run(count));
		EXPECT_EQ(capture.frames().size(), count);
	} else {
		capture.runOn();
		std::this_thread::sleep_for(std::chrono::milliseconds(count));
	}

	capture.stop();
	EXPECT_EQ(capture.frames().size(), capture.queued());
	frames_ += capture.frames().size();
}

TEST_F(StressTest, NoRequestIsLost)
{
	configureAnew();

	unsigned int kills;
	{
		Killer killer;
		for (; goOn() && !HasFailure(); steps_++) {
			if (random_() % 3 == 0)
				configureAnew();
			else
				capture();
		}
		kills = killer.kills();
	}

	config_.reset();

	printf("%u steps, %zu frames, %u kills\n", steps_, frames_, kills);
	EXPECT_GT(frames_, 0u);
}

} /* namespace */
