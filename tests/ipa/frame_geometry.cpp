/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Places on the array in frames that are cropped, binned and flipped
 */

#include "frame_geometry.h"

#include <map>
#include <stdio.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <gtest/gtest.h>

#include <libcamera/base/file.h>

#include "libcamera/internal/yaml_parser.h"

#include "shading.h"

using namespace libcamera;
using namespace libcamera::ipa::fovea;

namespace {

IPACameraSensorInfo mode(const Rectangle &crop, const Size &output)
{
	IPACameraSensorInfo info;
	info.activeAreaSize = { 400, 300 };
	info.analogCrop = crop;
	info.outputSize = output;
	return info;
}

TEST(FrameGeometry, CropMovesPlaces)
{
	const FrameGeometry geometry(mode({ 100, 50, 200, 100 }, { 200, 100 }), false, false);
	EXPECT_EQ(geometry.toArray(0, 0).x, 100);
	EXPECT_EQ(geometry.toArray(200, 100).y, 150);
	EXPECT_EQ(geometry.pixelOf(100, 50), Point(0, 0));
	EXPECT_EQ(geometry.pixelOf(299, 149), Point(199, 99));
	EXPECT_FALSE(geometry.pixelOf(99, 60));
	EXPECT_FALSE(geometry.pixelOf(300, 60));
	EXPECT_FALSE(geometry.pixelOf(120, 150));
	EXPECT_EQ(geometry.centre().x, 200);
	EXPECT_EQ(geometry.halfDiagonal(), 250);
}

TEST(FrameGeometry, FlipsMirrorTheFrame)
{
	const FrameGeometry geometry(mode({ 100, 50, 200, 100 }, { 200, 100 }), true, true);
	EXPECT_EQ(geometry.toArray(0, 0).x, 300);
	EXPECT_EQ(geometry.toArray(0, 0).y, 150);
	EXPECT_EQ(geometry.pixelOf(100, 50), Point(199, 99));
	EXPECT_EQ(geometry.scaleX(), -1);
}

/* Four pixels of a colour make one, in the quad that covers them. */
TEST(FrameGeometry, BinningKeepsColours)
{
	const FrameGeometry geometry(mode({ 0, 0, 400, 300 }, { 200, 150 }), false, false);
	EXPECT_EQ(geometry.binning(), 4);

	std::map<std::pair<int, int>, unsigned int> count;
	for (unsigned int y = 0; y < 8; y++) {
		for (unsigned int x = 0; x < 8; x++) {
			const Point pixel = *geometry.pixelOf(x, y);
			EXPECT_EQ(pixel.x % 2, static_cast<int>(x % 2));
			EXPECT_EQ(pixel.y % 2, static_cast<int>(y % 2));
			count[{ pixel.x, pixel.y }]++;
		}
	}
	EXPECT_EQ(count.size(), 16u);
	for (const auto &[pixel, pixels] : count)
		EXPECT_EQ(pixels, 4u) << pixel.first << "," << pixel.second;
}

TEST(FrameGeometry, ASensorThatTellsNothingIsNotScaled)
{
	const FrameGeometry geometry(mode({}, { 200, 100 }), false, false);
	EXPECT_EQ(geometry.toArray(10, 20).x, 10);
	EXPECT_EQ(geometry.binning(), 1);
}

class ShadingTest : public testing::Test
{
protected:
	void load(const std::string &text)
	{
		const std::string name = testing::TempDir() + "fovea-shading.yaml";
		FILE *file = fopen(name.c_str(), "w+");
		ASSERT_TRUE(file);
		fwrite(text.data(), 1, text.size(), file);
		fclose(file);
		File yaml(name);
		ASSERT_TRUE(yaml.open(File::OpenModeFlag::ReadOnly));
		std::unique_ptr<ValueNode> node = YamlParser::parse(yaml);
		ASSERT_TRUE(node);
		ASSERT_EQ(shading_.init(*node), 0);
		unlink(name.c_str());
	}

	Shading shading_;
};

TEST_F(ShadingTest, GainsGrowTowardsTheCorners)
{
	load("centre: [ 200, 100 ]\n"
	     "tables: [ { ct: 5000, r: [ 1, 0.5 ], gr: [ 0.8 ], gb: [ 0.4 ], b: [ 0.2 ] } ]\n");
	const FrameGeometry geometry(mode({ 0, 0, 400, 300 }, { 400, 300 }), false, false);
	EXPECT_EQ(shading_.gain(0, 0, geometry, { 200, 100 }), 1.0);
	/* 125 pixels are half a half diagonal: r^2 = 0.25. */
	EXPECT_NEAR(shading_.gain(0, 0, geometry, { 325, 100 }), 1 + 0.25 + 0.5 * 0.0625, 1e-9);
	EXPECT_NEAR(shading_.gain(0, 1, geometry, { 200, 225 }), 1 + 0.8 * 0.25, 1e-9);
	EXPECT_NEAR(shading_.gain(0, 2, geometry, { 75, 100 }), 1 + 0.4 * 0.25, 1e-9);
}

TEST_F(ShadingTest, TablesAreInterpolatedInMired)
{
	load("tables:\n"
	     "  - { ct: 2500, r: [ 1 ], gr: [ 1 ], gb: [ 1 ], b: [ 0 ] }\n"
	     "  - { ct: 5000, r: [ 2 ], gr: [ 1 ], gb: [ 3 ], b: [ 0 ] }\n");
	const FrameGeometry geometry(mode({ 0, 0, 400, 300 }, { 400, 300 }), false, false);
	ShadingGrid grid;
	EXPECT_TRUE(grid.empty());
	/* One point in a corner: r = 1. */
	grid.build(shading_, geometry, 1, 1, [](unsigned int, unsigned int) { return ArrayPlace{ 0, 0 }; });
	EXPECT_FLOAT_EQ(grid.at(2000)[0], 2.0f);
	EXPECT_FLOAT_EQ(grid.at(9000)[0], 3.0f);
	/* 400 and 200 mired: 300 mired lie in the middle. */
	EXPECT_NEAR(grid.at(1e6 / 300)[0], 2.5f, 1e-5);
	const RGB<double> colour = grid.colour(5000, 0);
	EXPECT_NEAR(colour.g(), (2.0 + 4.0) / 2, 1e-6);
	EXPECT_NEAR(colour.b(), 1.0, 1e-6);
	grid.clear();
	EXPECT_TRUE(grid.empty());
	EXPECT_EQ(grid.points(), 0u);
}

} /* namespace */
