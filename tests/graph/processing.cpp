/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Debayer and scaler against plain loops
 */

#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <linux/videodev2.h>

#include "isp_sim/graph/processing.h"

using namespace fovea::graph;

namespace {

struct Picture {
	Picture(uint32_t fourcc, Size pictureSize)
		: format(formatByFourcc(fourcc)), size(pictureSize),
		  data(size_t{ size.width } * size.height * format->bytes)
	{
	}

	Image image() { return { format, size, data }; }

	const PixelFormat *format;
	Size size;
	std::vector<uint8_t> data;
};

void fillRandom(Picture *picture)
{
	std::mt19937 random(1);
	for (size_t i = 0; i < picture->data.size(); i++) {
		const bool upper = picture->format->bytes == 2 && i % 2;
		picture->data[i] = upper ? random() & ((1 << (picture->format->bits - 8)) - 1)
					 : random();
	}
}

/* The definition, as a loop over the window of each pixel. */
Color meanAt(Picture &bayer, unsigned int window, int x, int y)
{
	std::array<unsigned int, 3> sum = {};
	std::array<unsigned int, 3> count = {};
	const int reach = window / 2;

	for (int v = std::max(0, y - reach); v <= y + reach && v < static_cast<int>(bayer.size.height); v++) {
		for (int u = std::max(0, x - reach); u <= x + reach && u < static_cast<int>(bayer.size.width); u++) {
			const uint8_t *at = bayer.image().row(v) + u * bayer.format->bytes;
			const Component component = bayer.format->component(u, v);
			sum[component] += bayer.format->bytes == 1 ? at[0] : at[0] + at[1] * 256;
			count[component]++;
		}
	}

	auto mean = [&](Component c) -> uint8_t {
		return count[c] ? sum[c] / count[c] >> (bayer.format->bits - 8) : 0;
	};
	return { mean(Red), mean(Green), mean(Blue) };
}

TEST(Debayer, EqualsThePlainLoop)
{
	const uint32_t formats[] = { V4L2_PIX_FMT_SRGGB8, V4L2_PIX_FMT_SGRBG8,
				     V4L2_PIX_FMT_SBGGR10, V4L2_PIX_FMT_SGBRG12 };

	for (uint32_t format : formats) {
		for (unsigned int window : { 1, 3, 5, 25 }) {
			Picture bayer(format, { 34, 18 });
			Picture rgb(V4L2_PIX_FMT_RGB24, bayer.size);
			fillRandom(&bayer);
			debayer(bayer.image(), window, rgb.image());

			for (unsigned int y = 0; y < 18; y++) {
				for (unsigned int x = 0; x < 34; x++) {
					const Color mean = meanAt(bayer, window, x, y);
					const uint8_t *at = rgb.image().row(y) + 3 * x;
					ASSERT_EQ(at[0], mean.red) << window << " " << x << " " << y;
					ASSERT_EQ(at[1], mean.green) << window << " " << x << " " << y;
					ASSERT_EQ(at[2], mean.blue) << window << " " << x << " " << y;
				}
			}
		}
	}
}

/* The largest sums that there are: nothing overflows. */
TEST(Debayer, FullScale)
{
	Picture bayer(V4L2_PIX_FMT_SRGGB12, { 64, 64 });
	Picture rgb(V4L2_PIX_FMT_BGR24, bayer.size);

	for (size_t i = 0; i < bayer.data.size(); i++)
		bayer.data[i] = i % 2 ? 0x0f : 0xff;
	debayer(bayer.image(), 25, rgb.image());
	EXPECT_EQ(rgb.data, std::vector<uint8_t>(rgb.data.size(), 255));
}

TEST(Scaler, TakesTheNearestPixelOfTheCrop)
{
	Picture input(V4L2_PIX_FMT_RGB24, { 48, 32 });
	fillRandom(&input);

	const v4l2_rect crops[] = { { 0, 0, 48, 32 }, { 5, 3, 17, 16 }, { 32, 16, 16, 16 } };
	for (const v4l2_rect &crop : crops) {
		for (Size size : { Size{ 16, 16 }, Size{ 48, 32 }, Size{ 100, 70 } }) {
			Picture output(V4L2_PIX_FMT_RGB24, size);
			scale(input.image(), crop, output.image());

			for (unsigned int y = 0; y < size.height; y++) {
				for (unsigned int x = 0; x < size.width; x++) {
					const unsigned int u = x * crop.width / size.width + crop.left;
					const unsigned int v = y * crop.height / size.height + crop.top;
					ASSERT_EQ(output.image().row(y)[3 * x + 1],
						  input.image().row(v)[3 * u + 1])
						<< x << " " << y;
				}
			}
		}
	}
}

} /* namespace */
