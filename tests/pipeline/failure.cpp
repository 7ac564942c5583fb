/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker of the IPA module dies or hangs: no request is lost
 */

#include <filesystem>
#include <fstream>
#include <set>
#include <signal.h>
#include <unistd.h>

#include "capture.h"

using namespace libcamera;

namespace {

/* Frames before the worker is hit, and after. */
constexpr unsigned int kBefore = 10;
constexpr unsigned int kAfter = 20;

/* The name of the worker, as the kernel cuts it to 15 characters. */
constexpr const char *kWorker = "fovea_ipa_worke";

/* The process of \a name that is a child of this one, or -1. */
pid_t childNamed(const std::string &name)
{
	std::error_code error;
	for (const auto &entry : std::filesystem::directory_iterator("/proc", error)) {
		std::ifstream status(entry.path() / "status");
		std::string line;
		std::string process;
		pid_t parent = -1;
		while (std::getline(status, line)) {
			if (line.starts_with("Name:\t"))
				process = line.substr(6);
			if (line.starts_with("PPid:\t"))
				parent = std::stoi(line.substr(6));
		}

		if (process == name && parent == getpid())
			return std::stoi(entry.path().filename());
	}

	return -1;
}

class FailureTest : public CameraTest, public testing::WithParamInterface<int>
{
};

TEST_P(FailureTest, EveryRequestCompletes)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording }, [](CameraConfiguration &c) {
			c.at(0).size = { 320, 240 };
		});
	ASSERT_TRUE(config);

	const pid_t worker = childNamed(kWorker);
	ASSERT_GT(worker, 0) << "the IPA module does not run in a worker";

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	ASSERT_TRUE(capture.run(kBefore));
	ASSERT_EQ(kill(worker, GetParam()), 0);
	EXPECT_TRUE(capture.run(kAfter));
	capture.stop();

	/* Pictures go on, without a gap. */
	ASSERT_EQ(capture.frames().size(), kBefore + kAfter);
	for (unsigned int i = 0; i < capture.frames().size(); i++) {
		SCOPED_TRACE("frame " + std::to_string(i));
		const CapturedFrame &frame = capture.frames()[i];
		EXPECT_EQ(frame.cookie, i);
		EXPECT_EQ(frame.status, Request::RequestComplete);
		EXPECT_EQ(frame.images.begin()->second.status, FrameMetadata::FrameSuccess);
		EXPECT_EQ(frame.images.begin()->second.sequence, i);
		EXPECT_TRUE(frame.metadata.get(controls::SensorTimestamp));
	}

	/* A new worker serves the next capture. */
	Capture again(camera_, *config);
	ASSERT_EQ(again.start(), 0);
	EXPECT_TRUE(again.run(kBefore));
	again.stop();
	EXPECT_TRUE(again.frames().back().metadata.get(controls::ExposureTime));
	EXPECT_NE(childNamed(kWorker), worker);
}

INSTANTIATE_TEST_SUITE_P(Signals, FailureTest, testing::Values(SIGKILL, SIGSTOP));

} /* namespace */
