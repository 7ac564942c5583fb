/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The module in its worker, and the supervisor that keeps it there
 */

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <signal.h>
#include <sstream>
#include <stdlib.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include <linux/v4l2-controls.h>

#include <libcamera/base/event_dispatcher.h>
#include <libcamera/base/object.h>
#include <libcamera/base/thread.h>
#include <libcamera/base/timer.h>

#include <libcamera/control_ids.h>

#include "../../src/pipeline/fovea/ipa_supervisor.h"

#include "camera_loop.h"
#include "scene.h"

using namespace fovea::test;
using namespace libcamera;
using namespace std::chrono_literals;

namespace {

/* What takes longer hangs, whatever the machine. */
constexpr std::chrono::seconds kTimeout = 60s;

std::string readFile(const std::filesystem::path &path)
{
	std::ifstream file(path, std::ios::binary);
	std::stringstream content;
	content << file.rdbuf();
	return content.str();
}

/* The descendants of \a pid that run a program named \a name. */
std::vector<pid_t> descendants(pid_t pid, const std::string &name)
{
	std::vector<pid_t> found;
	std::error_code error;
	for (const auto &task : std::filesystem::directory_iterator(
		     "/proc/" + std::to_string(pid) + "/task", error)) {
		std::istringstream children(readFile(task.path() / "children"));
		pid_t child;
		while (children >> child) {
			const std::string program =
				readFile("/proc/" + std::to_string(child) + "/comm");
			if (program == name + "\n")
				found.push_back(child);
			const std::vector<pid_t> more = descendants(child, name);
			found.insert(found.end(), more.begin(), more.end());
		}
	}

	return found;
}

class Worker : public testing::Test, public Object
{
protected:
	void SetUp() override
	{
		launcher_ = testing::TempDir() + "launcher-" + std::to_string(getpid());
		useLauncher(LAUNCHER);
		program_ = { launcher_, IPA_MODULE, TUNING_DIR "/imx219.yaml", TUNING_DIR, "imx219" };
	}

	void TearDown() override
	{
		supervisor_.reset();
		unlink(launcher_.c_str());
	}

	void useLauncher(const std::string &path)
	{
		unlink(launcher_.c_str());
		std::filesystem::create_symlink(path, launcher_);
	}

	int init()
	{
		supervisor_ = std::make_unique<libcamera::fovea::IpaSupervisor>(program_);
		supervisor_->paramsComputed.connect(this, [this](uint32_t, Span<const uint8_t> params) {
			paramsSize_ = params.size();
			paramsAnswers_++;
		});
		supervisor_->setSensorControls.connect(this, [this](const ControlList &list) {
			sensorControls_ = list;
		});
		supervisor_->metadataReady.connect(this, [this](uint32_t, const ControlList &list) {
			metadata_ = list;
			metadataAnswers_++;
		});
		return supervisor_->init(description_.configInfo(10), &controls_);
	}

	void startSession()
	{
		ASSERT_EQ(init(), 0);
		ASSERT_EQ(supervisor_->configure(description_.configInfo(10), &controls_), 0);
		ASSERT_EQ(supervisor_->start(ControlList(controls::controls), &started_), 0);
		frame_ = 0;
	}

	/* Process events until \a done; false if that takes too long. */
	bool waitFor(const std::function<bool()> &done)
	{
		Timer timer;
		timer.start(kTimeout);
		while (!done() && timer.isRunning())
			Thread::current()->eventDispatcher()->processEvents();
		return done();
	}

	/* One frame; true if the module has had to do with it. */
	bool runFrame()
	{
		const uint32_t frame = frame_++;
		const fovea_isp_stats_buffer stats = statistics(uniformScene({ 0.13, 0.18, 0.12 }), exposure(), frame);
		const unsigned int params = paramsAnswers_, metadata = metadataAnswers_;

		supervisor_->queueRequest(frame, ControlList(controls::controls));
		if (supervisor_->computeParams(frame)) {
			EXPECT_TRUE(waitFor([&] { return paramsAnswers_ == params + 1; }));
		}
		if (!supervisor_->processStats(frame,
					       { reinterpret_cast<const uint8_t *>(&stats),
						 sizeof(stats) },
					       ControlList(controls::controls)))
			return false;
		EXPECT_TRUE(waitFor([&] { return metadataAnswers_ == metadata + 1; }));
		return !metadata_.empty();
	}

	/* That of the frame: the sensor does at once what it is told. */
	double exposure() const
	{
		const ControlList &list = sensorControls_.empty() ? started_ : sensorControls_;
		Settings settings;
		settings.exposure = list.get(V4L2_CID_EXPOSURE).get<int32_t>();
		settings.gainCode = list.get(V4L2_CID_ANALOGUE_GAIN).get<int32_t>();
		return settings.factor();
	}

	/* Frames until one has metadata, a moment apart. */
	bool runUntilServed()
	{
		return waitFor([this] {
			Timer pause;
			pause.start(10ms);
			waitFor([&] { return !pause.isRunning(); });
			return runFrame();
		});
	}

	static pid_t workerPid()
	{
		const std::vector<pid_t> pids = descendants(getpid(), "fovea_ipa_worke");
		return pids.empty() ? -1 : pids.back();
	}

	CameraLoop description_;
	std::string launcher_;
	libcamera::fovea::IpaProgram program_;
	std::unique_ptr<libcamera::fovea::IpaSupervisor> supervisor_;

	ControlInfoMap controls_;
	ControlList started_;
	ControlList sensorControls_;
	ControlList metadata_;
	uint32_t frame_ = 0;
	size_t paramsSize_ = 0;
	unsigned int paramsAnswers_ = 0;
	unsigned int metadataAnswers_ = 0;
};

TEST_F(Worker, AnswersAFrame)
{
	startSession();
	EXPECT_EQ(controls_.count(&controls::ExposureTime), 1u);
	EXPECT_EQ(started_.size(), 3u);

	EXPECT_TRUE(runFrame());
	EXPECT_GT(paramsSize_, sizeof(v4l2_isp_params_buffer));
	EXPECT_EQ(sensorControls_.size(), 3u);
	EXPECT_TRUE(metadata_.get(controls::ExposureTime));
	supervisor_->stop();
}

TEST_F(Worker, RefusesAMalformedTuningFile)
{
	const std::string path = testing::TempDir() + "malformed.yaml";
	std::ofstream(path) << "version: 1\nalgorithms:\n  - Agc: { speed: 7 }\n";
	program_.tuningFile = program_.tuningPath = path;
	EXPECT_EQ(init(), -EINVAL);
	unlink(path.c_str());
}

TEST_F(Worker, SaysThatTheLauncherIsMissing)
{
	program_.launcher = "/nonexistent/launcher";
	EXPECT_LT(init(), 0);
}

TEST_F(Worker, IsNotTriedAgainWhenTheSandboxRefusesIt)
{
	/* What the launcher does where a layer of the sandbox is missing. */
	const std::string script = launcher_ + "-refusing";
	std::ofstream(script) << "#!/bin/sh\nexit 78\n";
	std::filesystem::permissions(script, std::filesystem::perms::owner_all);

	useLauncher(script);
	EXPECT_EQ(init(), -EPERM);

	useLauncher(LAUNCHER);
	startSession();
	ASSERT_TRUE(runFrame());
	useLauncher(script);
	ASSERT_EQ(kill(workerPid(), SIGKILL), 0);
	testing::internal::CaptureStderr();
	std::string log;
	EXPECT_TRUE(waitFor([&] {
		log += testing::internal::GetCapturedStderr();
		testing::internal::CaptureStderr();
		return log.find("refuses the IPA worker") != std::string::npos;
	})) << log;
	testing::internal::GetCapturedStderr();
	EXPECT_EQ(log.find("attempt 2"), std::string::npos) << log;
	EXPECT_FALSE(runFrame());
	supervisor_->stop();
	unlink(script.c_str());
}

TEST_F(Worker, CannotReachTheServer)
{
	setenv("FOVEA_SOCKET", "/somewhere/socket", 1);
	setenv("LD_PRELOAD", "/nonexistent/libfovea-v4l2.so", 1);
	ASSERT_EQ(init(), 0);
	unsetenv("LD_PRELOAD");
	unsetenv("FOVEA_SOCKET");

	const std::filesystem::path worker = "/proc/" + std::to_string(workerPid());
	const std::string environment = readFile(worker / "environ");
	EXPECT_EQ(environment.find("FOVEA_"), std::string::npos);
	EXPECT_EQ(environment.find("LD_PRELOAD"), std::string::npos);
	EXPECT_NE(readFile(worker / "status").find("NoNewPrivs:\t1"), std::string::npos);
	EXPECT_NE(readFile(worker / "maps").find("ipa_fovea.so"), std::string::npos);
	EXPECT_EQ(readFile(worker / "maps").find("libfovea-v4l2"), std::string::npos);
}

TEST_F(Worker, IsReplacedWithItsState)
{
	startSession();
	for (unsigned int i = 0; i < 20; i++)
		ASSERT_TRUE(runFrame());
	const int32_t exposure = sensorControls_.get(V4L2_CID_EXPOSURE).get<int32_t>();
	const int32_t first = started_.get(V4L2_CID_EXPOSURE).get<int32_t>();
	ASSERT_NE(exposure, first) << "AE has not moved: a lost state would not show";

	/* The replacement sends what it takes over before any statistics. */
	sensorControls_.clear();
	const pid_t pid = workerPid();
	ASSERT_GT(pid, 0);
	ASSERT_EQ(kill(pid, SIGKILL), 0);
	ASSERT_TRUE(waitFor([this] { return !sensorControls_.empty(); }));
	EXPECT_NE(workerPid(), pid);
	EXPECT_EQ(sensorControls_.get(V4L2_CID_EXPOSURE).get<int32_t>(), exposure);
	EXPECT_TRUE(runFrame());
	supervisor_->stop();
}

TEST_F(Worker, IsKilledWhenItDoesNotAnswer)
{
	startSession();
	ASSERT_TRUE(runFrame());
	const pid_t pid = workerPid();
	ASSERT_EQ(kill(pid, SIGSTOP), 0);

	/* The open frame is answered all the same. */
	EXPECT_FALSE(runFrame());
	EXPECT_TRUE(runUntilServed());
	EXPECT_NE(workerPid(), pid);
	supervisor_->stop();
}

/* In real time the sensor goes on: frames are not held up by a worker that is late. */
TEST_F(Worker, IsLeftOutWhileItIsLate)
{
	startSession();
	ASSERT_TRUE(runFrame());
	const pid_t pid = workerPid();
	ASSERT_EQ(kill(pid, SIGSTOP), 0);

	const unsigned int answers = paramsAnswers_;
	supervisor_->queueRequest(frame_, ControlList(controls::controls));
	ASSERT_TRUE(supervisor_->computeParams(frame_));
	for (unsigned int start = 0; start < 4; start++) {
		EXPECT_EQ(paramsAnswers_, answers);
		supervisor_->frameStarted();
	}
	EXPECT_EQ(paramsAnswers_, answers + 1);
	EXPECT_EQ(paramsSize_, 0u);
	EXPECT_FALSE(supervisor_->processStats(frame_, {}, ControlList(controls::controls)));
	frame_++;

	/* It is not killed for that, and serves again. */
	EXPECT_EQ(workerPid(), pid);
	ASSERT_EQ(kill(pid, SIGCONT), 0);
	EXPECT_TRUE(runUntilServed());
	supervisor_->stop();
}

TEST_F(Worker, IsGivenUpAfterFailuresInARow)
{
	startSession();
	ASSERT_TRUE(runFrame());

	/* From now on nothing can be started. */
	useLauncher("/bin/false");
	ASSERT_EQ(kill(workerPid(), SIGKILL), 0);
	testing::internal::CaptureStderr();
	bool givenUp = false;
	std::string log;
	EXPECT_TRUE(waitFor([&] {
		if (!givenUp) {
			log += testing::internal::GetCapturedStderr();
			testing::internal::CaptureStderr();
			givenUp = log.find("has failed too often") != std::string::npos;
		}
		return givenUp;
	})) << log;
	testing::internal::GetCapturedStderr();
	EXPECT_FALSE(runFrame());
	supervisor_->stop();

	/* A new session begins with a new row. */
	useLauncher(LAUNCHER);
	ASSERT_EQ(supervisor_->start(ControlList(controls::controls), &started_), 0);
	frame_ = 0;
	EXPECT_TRUE(runFrame());
	supervisor_->stop();
}

} /* namespace */
