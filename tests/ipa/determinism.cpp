/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Parameters do not depend on when they are computed
 */

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;

namespace {

constexpr unsigned int kFrames = 120;

/* A run with light that changes; parameters computed some frames ahead. */
std::vector<Frame> capture(unsigned int ahead)
{
	CameraLoop loop;
	EXPECT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	EXPECT_EQ(loop.configure(), 0);
	EXPECT_EQ(loop.start(), 0);
	loop.setParamsAhead(ahead);

	const Scene warm = chartScene(2850, true);
	const Scene cold = illuminated(chartScene(6504, true), 10);
	std::vector<Frame> frames;
	for (unsigned int i = 0; i < kFrames; i++)
		frames.push_back(loop.run(i / 40 % 2 ? cold : warm));
	return frames;
}

TEST(Determinism, ParametersComputedEarlyAreTheSame)
{
	const std::vector<Frame> late = capture(0);
	for (unsigned int ahead : { 1, 2 }) {
		const std::vector<Frame> early = capture(ahead);
		for (unsigned int i = 0; i < kFrames; i++) {
			ASSERT_FALSE(late[i].params.empty());
			ASSERT_EQ(late[i].params, early[i].params) << "frame " << i;
			ASSERT_EQ(late[i].settings.exposure, early[i].settings.exposure);
			ASSERT_EQ(late[i].settings.gainCode, early[i].settings.gainCode);
		}
	}
}

TEST(Determinism, ResultsReachParametersAfterThreeFrames)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	ASSERT_EQ(loop.configure(), 0);
	ASSERT_EQ(loop.start(), 0);

	std::vector<Frame> frames;
	for (unsigned int i = 0; i < 6; i++)
		frames.push_back(loop.run(chartScene(2850, true)));

	auto red = [&frames](unsigned int i) {
		return (*frames[i].metadata.get(controls::ColourGains))[0];
	};
	EXPECT_EQ(red(0), red(1));
	EXPECT_EQ(red(0), red(2));
	EXPECT_NE(red(0), red(3));
}

TEST(Determinism, RestartBeginsWithTheLastResults)
{
	CameraLoop loop;
	ASSERT_EQ(loop.init(TUNING_DIR "/imx219.yaml"), 0);
	ASSERT_EQ(loop.configure(), 0);
	ASSERT_EQ(loop.start(), 0);
	const Scene scene = illuminated(chartScene(2850, true), 0.1);
	Frame last;
	for (unsigned int i = 0; i < 40; i++)
		last = loop.run(scene);
	loop.stop();

	ASSERT_EQ(loop.start(), 0);
	const Frame first = loop.run(scene);
	EXPECT_EQ(first.settings.exposure, last.settings.exposure);
	EXPECT_NEAR((*first.metadata.get(controls::ColourGains))[0],
		    (*last.metadata.get(controls::ColourGains))[0], 1e-3);
}

} /* namespace */
