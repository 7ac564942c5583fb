/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The module with the virtual sensor and the ISP model: what the picture shows
 */

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <libcamera/control_ids.h>

#include "camera_rig.h"

using namespace fovea;
using namespace fovea::test;
namespace controls = libcamera::controls;

namespace {

constexpr unsigned int kFrames = 24;

class VirtualCamera : public testing::TestWithParam<const char *>
{
protected:
	void SetUp() override { rig_.open(GetParam()); }

	CameraRig rig_;
};

double angleToGrey(const Pixel &pixel)
{
	const double length = std::sqrt(pixel[0] * pixel[0] + pixel[1] * pixel[1] + pixel[2] * pixel[2]);
	const double cosine = (pixel[0] + pixel[1] + pixel[2]) / (length * std::sqrt(3.0));
	return std::acos(std::min(cosine, 1.0)) * 180 / M_PI;
}

TEST_P(VirtualCamera, NeutralPatchesAreNeutral)
{
	for (uint32_t i = 0; i < kFrames; i++)
		ASSERT_NO_FATAL_FAILURE(rig_.capture());

	EXPECT_EQ(*rig_.frame().metadata.get(controls::AeState), controls::AeStateConverged);

	unsigned int neutrals = 0;
	for (const sensor::PatchTruth &patch : rig_.truth().patches) {
		if (!patch.neutral)
			continue;
		const Pixel pixel = rig_.mean(patch.area);
		EXPECT_LT(angleToGrey(pixel), 3.0)
			<< patch.name << ": " << pixel[0] << " " << pixel[1] << " " << pixel[2];
		neutrals++;
	}
	EXPECT_GE(neutrals, 5u);
}

/* The scenes have 500 lux; the estimate knows nothing of their colour. */
TEST_P(VirtualCamera, LuxIsNearTheTruth)
{
	for (uint32_t i = 0; i < 8; i++)
		ASSERT_NO_FATAL_FAILURE(rig_.capture());

	const float lux = *rig_.frame().metadata.get(controls::Lux);
	EXPECT_GT(lux, 250);
	EXPECT_LT(lux, 2000);
}

INSTANTIATE_TEST_SUITE_P(Illuminants, VirtualCamera,
			 testing::Values("chart-2850k", "chart-4000k", "chart-6500k"));

} /* namespace */
