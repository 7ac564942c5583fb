/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rows of pixels: vector code against the reference, on every instruction set
 */

#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "isp_sim/sensor/pixel_row.h"

using namespace fovea::sensor;

namespace {

constexpr size_t kMaximumWidth = 70;

/* Runs what is given on each instruction set of this processor. */
template<typename Function>
void onEveryTarget(Function function)
{
	for (int64_t target : hwy::SupportedAndGeneratedTargets()) {
		hwy::SetSupportedTargetsForTest(target);
		hwy::GetChosenTarget().Update(hwy::SupportedTargets());
		SCOPED_TRACE(hwy::TargetName(target));
		function();
	}
	hwy::SetSupportedTargetsForTest(0);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

struct Row {
	std::vector<uint16_t> index, gain;
	std::vector<int16_t> offset;
	std::vector<float> light, column;

	explicit Row(std::mt19937 *random)
	{
		for (size_t i = 0; i < kMaximumWidth + kRowPadding; i++) {
			index.push_back((*random)());
			gain.push_back((*random)() % 40000);
			offset.push_back(int((*random)() % 8000) - 4000);
			light.push_back((*random)() % 20000 * 0.7f);
			column.push_back((*random)() % 100 * 0.03f - 1.5f);
		}
	}

	RowPattern pattern() const { return { gain.data(), offset.data(), column.data() }; }
};

RowExposure randomExposure(std::mt19937 *random)
{
	RowExposure row{};

	row.dark = (*random)() % 100 * 0.1f;
	row.well = 5000.0f;
	row.knee = (*random)() % 2 ? row.well : 0.8f * row.well;
	row.base = (*random)() % 300;
	row.scale = 0.1f + (*random)() % 100 * 0.05f;
	row.offsetScale = 1e-3f;
	row.variance = (*random)() % 100 * 0.2f;
	row.noiseScale = 1.0f / (1 + (*random)() % 3);
	row.white = (*random)() % 2 ? 4095 : 65535;
	row.split = 1000.0f;
	row.lowVariance = 30.0f;
	row.lowStep = (*random)() % 2 ? 1.0f : 16.0f;
	row.seeds[0] = (*random)();
	row.seeds[1] = (*random)();
	return row;
}

} /* namespace */

TEST(PixelRow, LightEqualsTheReference)
{
	onEveryTarget([] {
		std::mt19937 random(1);
		for (size_t width = 0; width <= kMaximumWidth; width++) {
			Row row(&random);
			/* The vector code must not read behind the map. */
			std::vector<uint16_t> index(row.index.begin(), row.index.begin() + width);
			std::vector<float> expected = row.light, light = row.light;
			lightRowReference(index.data(), width, 1e-6f, width % 2, expected.data());
			lightRow(index.data(), width, 1e-6f, width % 2, light.data());
			EXPECT_EQ(light, expected) << width;
		}
	});
}

TEST(PixelRow, CodesEqualTheReference)
{
	onEveryTarget([] {
		std::mt19937 random(2);
		for (size_t i = 0; i < 40 * kMaximumWidth; i++) {
			const size_t width = i % kMaximumWidth + 1;
			Row row(&random);
			RowExposure exposure = randomExposure(&random);
			std::vector<int32_t> expected(kMaximumWidth + kRowPadding), codes = expected;
			codeRowReference(row.light.data(), width, row.pattern(), exposure, expected.data());
			codeRow(row.light.data(), width, row.pattern(), exposure, codes.data());
			codes.resize(width);
			expected.resize(width);
			ASSERT_EQ(codes, expected) << i;
		}
	});
}

TEST(PixelRow, CrosstalkEqualsTheReference)
{
	onEveryTarget([] {
		std::mt19937 random(3);
		for (size_t width = 1; width <= kMaximumWidth; width++) {
			std::vector<float> rows[3];
			for (std::vector<float> &row : rows) {
				for (size_t x = 0; x < width + 2; x++)
					row.push_back(float(random() % 65536) * (random() % 65536));
			}
			const float *const middle[3] = { &rows[0][1], &rows[1][1], &rows[2][1] };
			const Crosstalk shares{ 0.8f, 0.04f, 0.01f };
			std::vector<uint16_t> expected(width), index(width);
			crosstalkRowReference(middle, width, shares, expected.data());
			crosstalkRow(middle, width, shares, index.data());
			ASSERT_EQ(index, expected) << width;
		}
	});
}

/* A soft end of the well bends without a corner and never exceeds it. */
TEST(PixelRow, WellEndsSoftly)
{
	RowExposure row{};
	row.well = 1000.0f;
	row.knee = 800.0f;
	float variance, last = 0.0f;

	EXPECT_EQ(pixelElectrons(799.0f, row, &variance), 799.0f);
	EXPECT_EQ(variance, 799.0f);
	for (float light = 800.0f; light < 1e6f; light *= 1.01f) {
		const float electrons = pixelElectrons(light, row, &variance);
		EXPECT_GT(electrons, last);
		EXPECT_LT(electrons, 1000.0f);
		last = electrons;
	}
	EXPECT_GT(last, 999.0f);
	EXPECT_LT(variance, 1.0f);
}
