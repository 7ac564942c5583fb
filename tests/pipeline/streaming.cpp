/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Requests complete: all of them, in order, with what belongs to them
 */

#include <optional>

#include "capture.h"

using namespace libcamera;

namespace {

constexpr unsigned int kFrames = 20;

/* Small frames: what is tested here does not depend on the size. */
void small(CameraConfiguration &config)
{
	for (StreamConfiguration &stream : config) {
		const bool raw = stream.colorSpace == ColorSpace::Raw;
		const StreamFormats formats = stream.formats();
		stream.size = raw ? formats.range(stream.pixelFormat).min
				  : Size(320, 240);
	}
}

class StreamingTest : public CameraTest
{
protected:
	void expectGoodFrames(const Capture &capture, const CameraConfiguration &config);
	void captureRoles(std::initializer_list<StreamRole> roles);
};

/* What every capture without a fault must fulfil. */
void StreamingTest::expectGoodFrames(const Capture &capture,
				     const CameraConfiguration &config)
{
	const std::vector<CapturedFrame> &frames = capture.frames();
	std::optional<uint32_t> lastSequence;
	int64_t lastTime = 0;

	for (size_t i = 0; i < frames.size(); i++) {
		const CapturedFrame &frame = frames[i];
		SCOPED_TRACE("frame " + std::to_string(i));

		EXPECT_EQ(frame.cookie, i);
		EXPECT_EQ(frame.status, Request::RequestComplete);
		ASSERT_EQ(frame.images.size(), config.size());

		const uint32_t sequence = frame.images.begin()->second.sequence;
		if (lastSequence) {
			EXPECT_EQ(sequence, *lastSequence + 1);
		}
		lastSequence = sequence;

		const auto time = frame.metadata.get(controls::SensorTimestamp);
		ASSERT_TRUE(time);
		EXPECT_GT(*time, lastTime);
		lastTime = *time;

		for (const StreamConfiguration &stream : config) {
			const CapturedImage &image = frame.images.at(stream.stream());
			EXPECT_EQ(image.status, FrameMetadata::FrameSuccess);
			EXPECT_EQ(image.sequence, sequence);
			EXPECT_EQ(image.timestamp, static_cast<uint64_t>(*time));
			EXPECT_EQ(image.bytes, stream.frameSize);
			EXPECT_GT(image.mean, 0);
		}

		EXPECT_TRUE(frame.metadata.get(controls::ExposureTime));
		EXPECT_TRUE(frame.metadata.get(controls::AnalogueGain));
		EXPECT_TRUE(frame.metadata.get(controls::ColourGains));
		EXPECT_TRUE(frame.metadata.get(controls::ColourTemperature));
		EXPECT_TRUE(frame.metadata.get(controls::FrameDuration));
		EXPECT_TRUE(frame.metadata.get(controls::SensorBlackLevels));
	}
}

void StreamingTest::captureRoles(std::initializer_list<StreamRole> roles)
{
	std::unique_ptr<CameraConfiguration> config = configure(roles, small);
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	EXPECT_TRUE(capture.run(kFrames));
	capture.stop();

	EXPECT_EQ(capture.frames().size(), kFrames);
	expectGoodFrames(capture, *config);
}

TEST_F(StreamingTest, Main)
{
	captureRoles({ StreamRole::VideoRecording });
}

TEST_F(StreamingTest, Viewfinder)
{
	captureRoles({ StreamRole::Viewfinder });
}

TEST_F(StreamingTest, Raw)
{
	captureRoles({ StreamRole::Raw });
}

TEST_F(StreamingTest, MainAndRaw)
{
	captureRoles({ StreamRole::VideoRecording, StreamRole::Raw });
}

TEST_F(StreamingTest, MainAndViewfinder)
{
	captureRoles({ StreamRole::VideoRecording, StreamRole::Viewfinder });
}

TEST_F(StreamingTest, MainViewfinderAndRaw)
{
	captureRoles({ StreamRole::VideoRecording, StreamRole::Viewfinder, StreamRole::Raw });
}

/* Both outputs show the same frame: of equal configuration they are equal. */
TEST_F(StreamingTest, OutputsShowTheSameFrame)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::StillCapture, StreamRole::StillCapture }, small);
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	EXPECT_TRUE(capture.run(5));
	capture.stop();

	for (const CapturedFrame &frame : capture.frames())
		EXPECT_EQ(frame.images.at(config->at(0).stream()).hash,
			  frame.images.at(config->at(1).stream()).hash);
}

TEST_F(StreamingTest, LargestStill)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::StillCapture });
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	EXPECT_TRUE(capture.run(2));
	capture.stop();

	expectGoodFrames(capture, *config);
}

TEST_F(StreamingTest, RestartsTheSame)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording }, small);
	ASSERT_TRUE(config);

	for (unsigned int i = 0; i < 5; i++) {
		SCOPED_TRACE("start " + std::to_string(i));
		Capture capture(camera_, *config);
		ASSERT_EQ(capture.start(), 0);
		EXPECT_TRUE(capture.run(5));
		capture.stop();

		expectGoodFrames(capture, *config);
	}
}

TEST_F(StreamingTest, ReconfiguresBetweenCaptures)
{
	captureRoles({ StreamRole::Raw });
	captureRoles({ StreamRole::VideoRecording });
	captureRoles({ StreamRole::Viewfinder, StreamRole::Raw });
	captureRoles({ StreamRole::VideoRecording, StreamRole::Viewfinder });
	captureRoles({ StreamRole::Viewfinder });
}

TEST_F(StreamingTest, StartsAndStopsWithoutARequest)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording }, small);
	ASSERT_TRUE(config);

	for (unsigned int i = 0; i < 3; i++) {
		Capture capture(camera_, *config);
		EXPECT_EQ(capture.start(), 0);
		capture.stop();
		EXPECT_TRUE(capture.frames().empty());
	}
}

TEST_F(StreamingTest, StopCompletesEveryRequest)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording, StreamRole::Raw }, small);
	ASSERT_TRUE(config);

	Capture capture(camera_, *config);
	ASSERT_EQ(capture.start(), 0);
	const unsigned int queued = capture.queueAll();
	EXPECT_GT(queued, 0u);
	capture.stop();

	/* In order, complete ones before cancelled ones. */
	ASSERT_EQ(capture.frames().size(), queued);
	bool cancelled = false;
	for (size_t i = 0; i < queued; i++) {
		const CapturedFrame &frame = capture.frames()[i];
		EXPECT_EQ(frame.cookie, i);
		EXPECT_TRUE(!cancelled || frame.status == Request::RequestCancelled)
			<< "completed after a cancelled one";
		cancelled |= frame.status == Request::RequestCancelled;
	}

	/* Nothing is left behind for the next start. */
	ASSERT_EQ(capture.start(), 0);
	EXPECT_TRUE(capture.run(5));
	EXPECT_EQ(capture.frames().back().status, Request::RequestComplete);
}

TEST_F(StreamingTest, AddsStreamsPerRequest)
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording, StreamRole::Raw }, small);
	ASSERT_TRUE(config);
	const Stream *main = config->at(0).stream();
	const Stream *raw = config->at(1).stream();

	FrameBufferAllocator allocator(camera_);
	ASSERT_GT(allocator.allocate(config->at(0).stream()), 3);
	ASSERT_GT(allocator.allocate(config->at(1).stream()), 3);

	/* Main alone first, so that the nodes begin at different frames. */
	const std::vector<std::vector<const Stream *>> plan = {
		{ main }, { raw }, { main, raw }, { main, raw }
	};

	std::mutex mutex;
	std::condition_variable done;
	size_t completed = 0;
	std::vector<std::unique_ptr<Request>> requests;
	for (size_t i = 0; i < plan.size(); i++) {
		requests.push_back(camera_->createRequest(i));
		for (const Stream *stream : plan[i])
			requests[i]->addBuffer(stream,
					       allocator.buffers(const_cast<Stream *>(stream))[i].get());
	}

	camera_->requestCompleted.connect(this, [&](Request *) {
		std::lock_guard lock(mutex);
		completed++;
		done.notify_one();
	});

	ASSERT_EQ(camera_->start(), 0);
	for (const std::unique_ptr<Request> &request : requests)
		EXPECT_EQ(camera_->queueRequest(request.get()), 0);

	{
		std::unique_lock lock(mutex);
		EXPECT_TRUE(done.wait_for(lock, std::chrono::seconds(60), [&] {
			return completed == plan.size();
		}));
	}
	camera_->stop();
	camera_->requestCompleted.disconnect();

	/* A sequence number means the same on both streams. */
	for (size_t i = 0; i < plan.size(); i++) {
		SCOPED_TRACE("request " + std::to_string(i));
		EXPECT_EQ(requests[i]->status(), Request::RequestComplete);
		for (const auto &[stream, buffer] : requests[i]->buffers())
			EXPECT_EQ(buffer->metadata().sequence, i);
	}
}

} /* namespace */
