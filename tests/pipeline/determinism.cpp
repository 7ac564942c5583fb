/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * In virtual time, a capture repeats to the bit
 */

#include "capture.h"

using namespace libcamera;

namespace {

/* Frames of each of two captures, see the project's first issue. */
constexpr unsigned int kFrames = 2000;

class DeterminismTest : public CameraTest
{
protected:
	std::vector<CapturedFrame> captureAll();
	static void expectEqual(const CapturedFrame &a, const CapturedFrame &b);
};

/* A capture with the smallest raw frames, a main stream, and changing controls. */
std::vector<CapturedFrame> DeterminismTest::captureAll()
{
	std::unique_ptr<CameraConfiguration> config =
		configure({ StreamRole::VideoRecording, StreamRole::Raw },
			  [](CameraConfiguration &c) {
				  StreamConfiguration &raw = c.at(1);
				  raw.size = raw.formats().range(raw.pixelFormat).min;
				  c.at(0).size = { 160, 120 };
			  });
	if (!config)
		return {};

	Capture capture(camera_, *config);
	EXPECT_EQ(capture.start(), 0);
	EXPECT_TRUE(capture.run(kFrames, [](Request &request, uint64_t cookie) {
		/* Automatic exposure, but for a hundred frames of five hundred. */
		if (cookie % 500 == 300) {
			request.controls().set(controls::AeEnable, false);
			request.controls().set(controls::ExposureTime, 3000);
			request.controls().set(controls::AnalogueGain, 2.0f);
		}
		if (cookie % 500 == 400)
			request.controls().set(controls::AeEnable, true);
	}));
	capture.stop();

	return capture.frames();
}

void DeterminismTest::expectEqual(const CapturedFrame &a, const CapturedFrame &b)
{
	EXPECT_EQ(a.cookie, b.cookie);
	EXPECT_EQ(a.sequence, b.sequence);
	EXPECT_EQ(a.status, b.status);
	EXPECT_EQ(a.metadataText(), b.metadataText());
	ASSERT_EQ(a.images.size(), b.images.size());

	for (const auto &[stream, image] : a.images) {
		const CapturedImage &other = b.images.at(stream);
		EXPECT_EQ(image.sequence, other.sequence);
		EXPECT_EQ(image.timestamp, other.timestamp);
		EXPECT_EQ(image.hash, other.hash);
	}
}

TEST_F(DeterminismTest, TwoCapturesAreEqual)
{
	const std::vector<CapturedFrame> first = captureAll();
	const std::vector<CapturedFrame> second = captureAll();
	ASSERT_EQ(first.size(), kFrames);
	ASSERT_EQ(second.size(), kFrames);

	for (unsigned int i = 0; i < kFrames; i++) {
		SCOPED_TRACE("frame " + std::to_string(i));
		EXPECT_EQ(first[i].cookie, i);
		EXPECT_EQ(first[i].status, Request::RequestComplete);
		EXPECT_EQ(first[i].images.begin()->second.sequence, i);
		expectEqual(first[i], second[i]);

		/* The first difference tells all that there is to know. */
		if (HasFailure())
			break;
	}

	/* Equal because something happens, not because nothing does. */
	EXPECT_NE(first[10].images.begin()->second.hash,
		  first[350].images.begin()->second.hash);
}

} /* namespace */
