/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker of the IPA module dies or hangs: no request is lost
 */

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
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

/* The newest living child of this process with the name \a name, or -1. */
pid_t childNamed(const std::string &name)
{
	pid_t newest = -1;
	std::error_code error;

	for (const auto &entry : std::filesystem::directory_iterator("/proc", error)) {
		std::ifstream status(entry.path() / "status");
		std::map<std::string, std::string> fields;
		std::string field;
		std::string value;
		while (std::getline(status, field, ':') && std::getline(status >> std::ws, value))
			fields[field] = value;

		if (fields["Name"] == name && fields["PPid"] == std::to_string(getpid()) &&
		    !fields["State"].starts_with('Z'))
			newest = std::max<pid_t>(newest, std::stoi(fields["Pid"]));
	}

	return newest;
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

	std::vector<CapturedFrame> frames;
	{
		Capture capture(camera_, *config);
		ASSERT_EQ(capture.start(), 0);
		ASSERT_TRUE(capture.run(kBefore));
		ASSERT_EQ(kill(worker, GetParam()), 0);
		EXPECT_TRUE(capture.run(kAfter));
		capture.stop();
		frames = capture.frames();
	}

	/* Pictures go on, without a gap. */
	ASSERT_EQ(frames.size(), kBefore + kAfter);
	for (unsigned int i = 0; i < frames.size(); i++) {
		SCOPED_TRACE("frame " + std::to_string(i));
		const CapturedFrame &frame = frames[i];
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
