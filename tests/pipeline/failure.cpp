/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker of the IPA module dies or hangs: no request is lost
 */

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <ostream>
#include <random>
#include <signal.h>
#include <stdlib.h>
#include <streambuf>
#include <string>
#include <thread>

#include <libcamera/logging.h>

#include "capture.h"
#include "worker_process.h"

using namespace libcamera;
using namespace std::chrono_literals;

namespace {

/* Frames before the worker is hit, and after. */
constexpr unsigned int kBefore = 10;
constexpr unsigned int kAfter = 20;

/* What takes longer hangs, whatever the machine. */
constexpr std::chrono::seconds kTimeout = 120s;

/* Frames for AE and AWB to settle, and around a failure that are compared. */
constexpr unsigned int kSettle = 60;
constexpr unsigned int kReference = 10;
constexpr unsigned int kCompared = 40;

/* Largest change of luma and of Cr around a failure. */
constexpr double kMaxChange = 0.02;

/* Lines of the log that a failure shows. */
constexpr size_t kLogLines = 20;

/* Frames between hits: enough for a worker to have been of use, and at most more. */
constexpr unsigned int kProven = 35;
constexpr unsigned int kMaxFrames = 60;

/* Frames from the readiness of a worker to the first with its metadata. */
constexpr unsigned int kMaxRecovery = 5;

unsigned int fromEnvironment(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);
	return value ? strtoul(value, nullptr, 10) : otherwise;
}

class FailureTest : public CameraTest
{
protected:
	std::unique_ptr<CameraConfiguration> configureSmall()
	{
		return configure({ StreamRole::VideoRecording }, [](CameraConfiguration &c) {
			c.at(0).size = { 320, 240 };
		});
	}
};

class SignalTest : public FailureTest, public testing::WithParamInterface<int>
{
};

TEST_P(SignalTest, EveryRequestCompletes)
{
	std::unique_ptr<CameraConfiguration> config = configureSmall();
	ASSERT_TRUE(config);

	const pid_t worker = workerProcess();
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
	EXPECT_NE(workerProcess(), worker);
}

INSTANTIATE_TEST_SUITE_P(Signals, SignalTest, testing::Values(SIGKILL, SIGSTOP));

/* Calls a function for each line of libcamera's log, in the thread that logs. */
class LogLines : public std::streambuf
{
public:
	explicit LogLines(std::function<void(const std::string &)> line)
		: line_(std::move(line)), stream_(this)
	{
		logSetStream(&stream_);
	}

	~LogLines() { logSetTarget(LoggingTargetNone); }

protected:
	int overflow(int character) override
	{
		if (character != '\n') {
			text_ += static_cast<char>(character);
		} else {
			line_(text_);
			text_.clear();
		}
		return character;
	}

private:
	std::function<void(const std::string &)> line_;
	std::string text_;
	std::ostream stream_;
};

/*
 * A stream whose worker is hit again and again, at moments that have nothing to
 * do with its frames.
 */
class RepeatedFailureTest : public FailureTest
{
protected:
	struct Record {
		uint64_t cookie;
		uint32_t sequence;
		bool complete;
		bool served;
		double luma;
		double red;
	};

	void run(int signal, unsigned int times);

	bool observe(const CapturedFrame &frame);
	void hit(int signal);
	bool waitFor(const std::function<bool()> &done);
	void checkFrames() const;
	void checkRecoveries() const;
	void checkPictures() const;

	std::mt19937 random_{ 1 };
	std::mutex mutex_;
	std::vector<Record> records_;
	/* Frames that were complete when the worker was hit, and when a new one took over. */
	std::vector<size_t> hits_;
	std::vector<size_t> recoveries_;
	std::deque<std::string> lastLines_;
};

bool RepeatedFailureTest::observe(const CapturedFrame &frame)
{
	const CapturedImage &image = frame.images.begin()->second;
	const bool complete = frame.status == Request::RequestComplete &&
			      image.status == FrameMetadata::FrameSuccess;

	std::lock_guard lock(mutex_);
	records_.push_back({ frame.cookie, image.sequence, complete,
			     frame.metadata.contains(controls::AE_STATE), image.mean,
			     image.meanRed });
	return false;
}

bool RepeatedFailureTest::waitFor(const std::function<bool()> &done)
{
	const auto deadline = std::chrono::steady_clock::now() + kTimeout;
	while (std::chrono::steady_clock::now() < deadline) {
		{
			std::lock_guard lock(mutex_);
			if (done())
				return true;
		}
		std::this_thread::sleep_for(2ms);
	}

	return false;
}

/*
 * Hit the worker, and wait until the next one has served some frames. Now and then
 * hit that one while it starts; not always, for the handler gives up workers that
 * are never of use.
 */
void RepeatedFailureTest::hit(int signal)
{
	std::this_thread::sleep_for(std::chrono::microseconds(random_() % 5000));

	size_t at = 0;
	size_t recoveries = 0;
	ASSERT_TRUE(waitFor([&] {
		at = records_.size();
		recoveries = recoveries_.size();
		const pid_t worker = workerProcess();
		return worker > 0 && !kill(worker, signal);
	})) << "there is no worker";
	hits_.push_back(at);

	if (random_() % 16 == 0)
		return;

	const size_t frames = kProven + random_() % kMaxFrames;
	ASSERT_TRUE(waitFor([&] {
		return recoveries_.size() > recoveries &&
		       records_.size() > recoveries_.back() + frames &&
		       records_.back().served;
	})) << "no worker takes over";
}

void RepeatedFailureTest::run(int signal, unsigned int times)
{
	std::unique_ptr<CameraConfiguration> config = configureSmall();
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	capture.setObserver([this](const CapturedFrame &frame) { return observe(frame); });
	LogLines log([this](const std::string &line) {
		std::lock_guard lock(mutex_);
		lastLines_.push_back(line);
		if (lastLines_.size() > kLogLines)
			lastLines_.pop_front();
		if (line.find("takes over from frame") != std::string::npos)
			recoveries_.push_back(records_.size());
	});

	ASSERT_EQ(capture.start(), 0);
	capture.runOn();
	ASSERT_TRUE(waitFor([this] { return records_.size() >= kSettle; }));
	for (unsigned int i = 0; i < times && !HasFatalFailure(); i++)
		hit(signal);
	EXPECT_TRUE(waitFor([this] { return records_.size() > hits_.back() + kCompared &&
					    records_.back().served; }));
	EXPECT_TRUE(capture.finish());
	EXPECT_EQ(records_.size(), capture.queued());
	capture.stop();

	checkFrames();
	checkRecoveries();
	checkPictures();

	if (HasFailure()) {
		for (const std::string &line : lastLines_)
			fprintf(stderr, "log: %s\n", line.c_str());
	}

	const double missed = std::count_if(records_.begin(), records_.end(),
					    [](const Record &record) { return !record.served; });
	RecordProperty("hits", static_cast<int>(hits_.size()));
	RecordProperty("frames", static_cast<int>(records_.size()));
	RecordProperty("frames-without-metadata", static_cast<int>(missed));
	printf("%zu hits, %zu frames, %.1f of them without metadata for each hit\n",
	       hits_.size(), records_.size(), missed / static_cast<double>(hits_.size()));
}

void RepeatedFailureTest::checkFrames() const
{
	for (size_t i = 0; i < records_.size(); i++) {
		ASSERT_TRUE(records_[i].complete) << "frame " << i;
		ASSERT_EQ(records_[i].cookie, i);
		ASSERT_EQ(records_[i].sequence, i);
	}
}

/* A worker that is hit at once again has no time to be of use. */
void RepeatedFailureTest::checkRecoveries() const
{
	for (size_t recovery : recoveries_) {
		bool hitAgain = false;
		for (size_t hit : hits_)
			hitAgain = hitAgain || (hit + 1 >= recovery && hit <= recovery + kMaxRecovery);

		bool served = false;
		for (size_t i = recovery; i < recovery + kMaxRecovery && i < records_.size(); i++)
			served = served || records_[i].served;
		EXPECT_TRUE(served || hitAgain) << "a worker took over at frame " << recovery;
	}
}

void RepeatedFailureTest::checkPictures() const
{
	double worst = 0.0;

	for (size_t hit : hits_) {
		double luma = 0.0;
		double red = 0.0;
		for (size_t i = hit - kReference; i < hit; i++) {
			luma += records_[i].luma / kReference;
			red += records_[i].red / kReference;
		}

		for (size_t i = hit; i < std::min(hit + kCompared, records_.size()); i++) {
			worst = std::max({ worst, std::abs(records_[i].luma / luma - 1.0),
					   std::abs(records_[i].red / red - 1.0) });
			ASSERT_LT(worst, kMaxChange) << "frame " << i << " after a hit at " << hit;
		}
	}

	printf("largest change of a picture around a hit: %.2f %%\n", worst * 100.0);
}

TEST_F(RepeatedFailureTest, NobodySeesKills)
{
	run(SIGKILL, fromEnvironment("FOVEA_WORKER_KILLS", 20));
}

TEST_F(RepeatedFailureTest, NobodySeesHangs)
{
	run(SIGSTOP, fromEnvironment("FOVEA_WORKER_STOPS", 3));
}

} /* namespace */
