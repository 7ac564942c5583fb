/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Test patterns and text
 */

#include <algorithm>
#include <set>
#include <string.h>
#include <vector>

#include <gtest/gtest.h>

#include <linux/videodev2.h>

#include "isp_sim/graph/test_pattern.h"
#include "isp_sim/graph/text.h"

using namespace fovea::graph;

namespace {

class Picture
{
public:
	Picture(uint32_t fourcc, Size size)
		: format_(formatByFourcc(fourcc)), size_(size),
		  data_(size_t{ size.width } * size.height * format_->bytes, 0xa5)
	{
	}

	Image image() { return { format_, size_, data_ }; }
	const std::vector<uint8_t> &data() const { return data_; }

	std::vector<uint8_t> pixel(unsigned int x, unsigned int y)
	{
		const uint8_t *at = image().row(y) + x * format_->bytes;
		return { at, at + format_->bytes };
	}

private:
	const PixelFormat *format_;
	Size size_;
	std::vector<uint8_t> data_;
};

using Pixel = std::vector<uint8_t>;

PatternSettings settingsOf(Pattern pattern)
{
	PatternSettings settings;
	settings.pattern = pattern;
	return settings;
}

TEST(TestPattern, Bars)
{
	Picture picture(V4L2_PIX_FMT_RGB24, { 80, 16 });
	renderPattern(settingsOf(Pattern::Bars100), 0, picture.image());

	const Pixel bars[] = { { 255, 255, 255 }, { 255, 255, 0 }, { 0, 255, 255 }, { 0, 255, 0 },
			       { 255, 0, 255 }, { 255, 0, 0 }, { 0, 0, 255 }, { 0, 0, 0 } };
	for (unsigned int i = 0; i < 8; i++) {
		EXPECT_EQ(picture.pixel(i * 10, 0), bars[i]) << i;
		EXPECT_EQ(picture.pixel(i * 10 + 9, 15), bars[i]) << i;
	}

	renderPattern(settingsOf(Pattern::Bars75), 0, picture.image());
	EXPECT_EQ(picture.pixel(0, 0), (Pixel{ 191, 191, 191 }));
	EXPECT_EQ(picture.pixel(50, 0), (Pixel{ 191, 0, 0 }));
}

TEST(TestPattern, Layouts)
{
	Picture bgr(V4L2_PIX_FMT_BGR24, { 16, 16 });
	renderPattern(settingsOf(Pattern::Red), 0, bgr.image());
	EXPECT_EQ(bgr.pixel(5, 5), (Pixel{ 0, 0, 255 }));

	Picture argb(V4L2_PIX_FMT_ARGB32, { 16, 16 });
	renderPattern(settingsOf(Pattern::Blue), 0, argb.image());
	EXPECT_EQ(argb.pixel(5, 5), (Pixel{ 0, 0, 0, 255 }));
}

/* A colour shows in the samples of its filter only, whatever the order. */
TEST(TestPattern, Bayer)
{
	const struct {
		uint32_t fourcc;
		unsigned int x, y;	/* of the red sample */
	} orders[] = {
		{ V4L2_PIX_FMT_SRGGB8, 0, 0 },
		{ V4L2_PIX_FMT_SGRBG8, 1, 0 },
		{ V4L2_PIX_FMT_SGBRG8, 0, 1 },
		{ V4L2_PIX_FMT_SBGGR8, 1, 1 },
	};

	for (const auto &order : orders) {
		Picture picture(order.fourcc, { 16, 16 });
		renderPattern(settingsOf(Pattern::Red), 0, picture.image());
		for (unsigned int y = 0; y < 4; y++) {
			for (unsigned int x = 0; x < 4; x++) {
				const bool red = x % 2 == order.x && y % 2 == order.y;
				EXPECT_EQ(picture.pixel(x, y)[0], red ? 255 : 0) << order.fourcc;
			}
		}
	}

	Picture wide(V4L2_PIX_FMT_SRGGB10, { 16, 16 });
	renderPattern(settingsOf(Pattern::White), 0, wide.image());
	EXPECT_EQ(wide.pixel(3, 3), (Pixel{ 0xff, 0x03 }));
	Picture wider(V4L2_PIX_FMT_SRGGB12, { 16, 16 });
	renderPattern(settingsOf(Pattern::White), 0, wider.image());
	EXPECT_EQ(wider.pixel(3, 3), (Pixel{ 0xff, 0x0f }));
}

TEST(TestPattern, Flips)
{
	Picture picture(V4L2_PIX_FMT_RGB24, { 80, 80 });
	PatternSettings settings = settingsOf(Pattern::Bars100);
	settings.horizontalFlip = true;
	renderPattern(settings, 0, picture.image());
	EXPECT_EQ(picture.pixel(0, 0), (Pixel{ 0, 0, 0 }));
	EXPECT_EQ(picture.pixel(79, 0), (Pixel{ 255, 255, 255 }));

	settings = settingsOf(Pattern::BarsHorizontal);
	renderPattern(settings, 0, picture.image());
	EXPECT_EQ(picture.pixel(0, 0), (Pixel{ 255, 255, 255 }));
	settings.verticalFlip = true;
	renderPattern(settings, 0, picture.image());
	EXPECT_EQ(picture.pixel(0, 0), (Pixel{ 0, 0, 0 }));
}

/* No two entries of the menu show the same, and all fill the whole picture. */
TEST(TestPattern, AllDiffer)
{
	std::set<std::vector<uint8_t>> seen;

	for (size_t i = 0; i < patternNames().size(); i++) {
		Picture picture(V4L2_PIX_FMT_RGB24, { 64, 48 });
		renderPattern(settingsOf(static_cast<Pattern>(i)), 1, picture.image());
		EXPECT_EQ(std::count(picture.data().end() - 9, picture.data().end(), 0xa5), 0) << i;
		EXPECT_TRUE(seen.insert(picture.data()).second) << patternNames()[i];
	}
	EXPECT_EQ(seen.size(), 22u);
}

TEST(TestPattern, NoiseDependsOnTheSeed)
{
	Picture a(V4L2_PIX_FMT_RGB24, { 64, 48 });
	Picture b(V4L2_PIX_FMT_RGB24, { 64, 48 });

	renderPattern(settingsOf(Pattern::Noise), 1, a.image());
	renderPattern(settingsOf(Pattern::Noise), 1, b.image());
	EXPECT_EQ(a.data(), b.data());
	renderPattern(settingsOf(Pattern::Noise), 2, b.image());
	EXPECT_NE(a.data(), b.data());
}

TEST(TestPattern, Adjustments)
{
	const Color gray = { 100, 100, 100 };
	const Color red = { 200, 50, 50 };
	PatternSettings settings;

	settings.brightness = 148;
	Color color = adjustColor(gray, settings);
	EXPECT_EQ(color.red, 120);
	EXPECT_EQ(color.green, 120);
	EXPECT_EQ(color.blue, 120);

	settings = {};
	settings.contrast = 64;
	EXPECT_EQ(adjustColor(gray, settings).green, 50);

	settings = {};
	settings.saturation = 0;
	color = adjustColor(red, settings);
	EXPECT_EQ(color.red, color.green);
	EXPECT_EQ(color.red, color.blue);
	EXPECT_EQ(color.red, 95);	/* 0.299 * 200 + 0.701 * 50 */

	/* Half a turn of the hue makes red cyan; grey stays. */
	settings = {};
	settings.hue = -128;
	color = adjustColor(red, settings);
	EXPECT_LT(color.red, color.green);
	EXPECT_LT(color.red, color.blue);
	EXPECT_EQ(adjustColor(gray, settings).red, 100);
}

TEST(Text, IsWhiteOnBlackAndCut)
{
	Picture picture(V4L2_PIX_FMT_RGB24, { 32, 32 });
	renderPattern(settingsOf(Pattern::Green), 0, picture.image());
	drawText(picture.image(), 8, 8, "11111");

	EXPECT_EQ(picture.pixel(7, 8), (Pixel{ 0, 255, 0 }));
	EXPECT_EQ(picture.pixel(8, 8), (Pixel{ 0, 0, 0 }));
	/* The stem of a "1" is in the middle of its 5 columns. */
	EXPECT_EQ(picture.pixel(10, 8), (Pixel{ 255, 255, 255 }));
	EXPECT_EQ(picture.pixel(18, 20), (Pixel{ 255, 255, 255 }));
	EXPECT_EQ(picture.pixel(8, 24), (Pixel{ 0, 255, 0 }));

	/* Beyond the edges nothing is written: the sanitizers watch. */
	drawText(picture.image(), 30, 30, "22");
	drawText(picture.image(), 100, 100, "22");
}

} /* namespace */
