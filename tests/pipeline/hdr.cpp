/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that has modes with a wide range, with and without them
 */

#include <algorithm>
#include <vector>

#include "capture.h"

using namespace libcamera;

namespace {

constexpr unsigned int kFrames = 16;

class Hdr : public CameraTest
{
protected:
	struct Result {
		std::vector<uint64_t> hashes;
		double mean;
	};

	/* Capture with a mode given at start; its frames say that they have it. */
	void capture(const CameraConfiguration &config, const ControlList *list, int32_t expected,
		     Result *result);

	ControlList hdr() const
	{
		ControlList list(controls::controls);
		list.set(controls::HdrMode, controls::HdrModeMultiExposure);
		return list;
	}
};

void Hdr::capture(const CameraConfiguration &config, const ControlList *list, int32_t expected,
		  Result *result)
{
	Capture capture(camera_, config);
	ASSERT_EQ(capture.start(list), 0);
	ASSERT_TRUE(capture.run(kFrames));
	capture.stop();

	*result = {};
	for (const CapturedFrame &frame : capture.frames()) {
		EXPECT_EQ(frame.status, Request::RequestComplete);
		if (frame.status != Request::RequestComplete)
			continue;
		EXPECT_EQ(frame.metadata.get(controls::HdrMode).value_or(-1), expected);
		const CapturedImage &image = frame.images.at(config.at(0).stream());
		result->hashes.push_back(image.hash);
		result->mean = image.mean;
	}
}

TEST_F(Hdr, TheControlIsThere)
{
	const ControlInfoMap &controls = camera_->controls();
	const auto control = controls.find(&controls::HdrMode);
	ASSERT_NE(control, controls.end());
	EXPECT_EQ(control->second.values().size(), 2u);
}

/*
 * The picture keeps its size and, where the range suffices, its brightness. Each change
 * begins anew.
 */
TEST_F(Hdr, AMidtoneLooksTheSameWithAndWithout)
{
	auto config = configure({ StreamRole::VideoRecording });
	ASSERT_TRUE(config);
	const ControlList wide = hdr();

	Result plain, first, second, again;
	ASSERT_NO_FATAL_FAILURE(capture(*config, nullptr, controls::HdrModeOff, &plain));
	ASSERT_NO_FATAL_FAILURE(capture(*config, &wide, controls::HdrModeMultiExposure, &first));
	ASSERT_NO_FATAL_FAILURE(capture(*config, nullptr, controls::HdrModeOff, &again));
	ASSERT_NO_FATAL_FAILURE(capture(*config, &wide, controls::HdrModeMultiExposure, &second));

	EXPECT_EQ(first.hashes, second.hashes);
	EXPECT_EQ(plain.hashes, again.hashes);
	EXPECT_NE(plain.hashes.back(), first.hashes.back());
	EXPECT_GT(first.mean, 0.7 * plain.mean);
	EXPECT_LT(first.mean, 1.5 * plain.mean);
}

/* A mode that no HDR mode can replace stays what it is, and works. */
TEST_F(Hdr, AFullSizePictureStaysWithout)
{
	auto config = configure({ StreamRole::StillCapture });
	ASSERT_TRUE(config);
	const ControlList wide = hdr();
	Result result;
	ASSERT_NO_FATAL_FAILURE(capture(*config, &wide, controls::HdrModeOff, &result));
}

} /* namespace */
