/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Formats in memory: layouts, sizes and colours
 */

#include <vector>

#include <gtest/gtest.h>

#include <linux/videodev2.h>

#include "isp_sim/graph/memory_format.h"

using namespace fovea::graph;

namespace {

constexpr Size kSize = { 4, 4 };

/* A picture of one colour in a format. */
std::vector<uint8_t> picture(uint32_t fourcc, Color color)
{
	const MemoryFormat &format = *memoryFormat(fourcc);
	std::vector<uint8_t> rgb;
	for (unsigned int i = 0; i < kSize.width * kSize.height; i++)
		rgb.insert(rgb.end(), { color.red, color.green, color.blue });

	std::vector<uint8_t> memory(format.imageSize(kSize));
	packImage({ formatByFourcc(V4L2_PIX_FMT_RGB24), kSize, rgb }, format, memory.data());
	return memory;
}

using Bytes = std::vector<uint8_t>;

Bytes first(const Bytes &bytes, size_t count)
{
	return { bytes.begin(), bytes.begin() + count };
}

TEST(MemoryFormat, Sizes)
{
	EXPECT_EQ(memoryFormat(V4L2_PIX_FMT_YUYV)->imageSize({ 640, 480 }), 614400u);
	EXPECT_EQ(memoryFormat(V4L2_PIX_FMT_NV12)->imageSize({ 640, 480 }), 460800u);
	EXPECT_EQ(memoryFormat(V4L2_PIX_FMT_NV16)->imageSize({ 640, 480 }), 614400u);
	EXPECT_EQ(memoryFormat(V4L2_PIX_FMT_YUV420)->imageSize({ 640, 480 }), 460800u);
	EXPECT_EQ(memoryFormat(V4L2_PIX_FMT_XRGB32)->imageSize({ 640, 480 }), 1228800u);
	EXPECT_EQ(memoryFormat(0), nullptr);
}

/* Red in Rec. 601 is Y 82, Cb 90, Cr 240. */
TEST(MemoryFormat, Yuv)
{
	const Color red = { 255, 0, 0 };

	EXPECT_EQ(first(picture(V4L2_PIX_FMT_YUYV, red), 4), (Bytes{ 82, 90, 82, 240 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_UYVY, red), 4), (Bytes{ 90, 82, 240, 82 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_YVYU, red), 4), (Bytes{ 82, 240, 82, 90 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_VYUY, red), 4), (Bytes{ 240, 82, 90, 82 }));

	const Bytes y(16, 82);
	const Bytes cb(4, 90);
	const Bytes cr(4, 240);
	auto join = [](Bytes a, const Bytes &b, const Bytes &c = {}) {
		a.insert(a.end(), b.begin(), b.end());
		a.insert(a.end(), c.begin(), c.end());
		return a;
	};
	EXPECT_EQ(picture(V4L2_PIX_FMT_YUV420, red), join(y, cb, cr));
	EXPECT_EQ(picture(V4L2_PIX_FMT_YVU420, red), join(y, cr, cb));
	EXPECT_EQ(picture(V4L2_PIX_FMT_NV12, red), join(y, { 90, 240, 90, 240, 90, 240, 90, 240 }));
	EXPECT_EQ(picture(V4L2_PIX_FMT_NV21, red), join(y, { 240, 90, 240, 90, 240, 90, 240, 90 }));
	EXPECT_EQ(picture(V4L2_PIX_FMT_NV16, red).size(), 32u);
	EXPECT_EQ(picture(V4L2_PIX_FMT_NV16, red).back(), 240);
	EXPECT_EQ(picture(V4L2_PIX_FMT_GREY, red), y);
}

TEST(MemoryFormat, Rgb)
{
	const Color color = { 0xf8, 0x40, 0x08 };

	EXPECT_EQ(first(picture(V4L2_PIX_FMT_RGB24, color), 3), (Bytes{ 0xf8, 0x40, 0x08 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_BGR24, color), 3), (Bytes{ 0x08, 0x40, 0xf8 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_XRGB32, color), 4), (Bytes{ 0, 0xf8, 0x40, 0x08 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_XBGR32, color), 4), (Bytes{ 0x08, 0x40, 0xf8, 0 }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_RGB565, color), 2), (Bytes{ 0x01, 0xfa }));
	EXPECT_EQ(first(picture(V4L2_PIX_FMT_RGB565X, color), 2), (Bytes{ 0xfa, 0x01 }));
}

/* What is packed comes back, within the bits that there are. */
TEST(MemoryFormat, Unpack)
{
	for (uint32_t fourcc : { V4L2_PIX_FMT_RGB565, V4L2_PIX_FMT_RGB565X, V4L2_PIX_FMT_RGB24,
				 V4L2_PIX_FMT_BGR24 }) {
		for (unsigned int value = 0; value < 256; value += 5) {
			const Color in = { static_cast<uint8_t>(value), static_cast<uint8_t>(255 - value), 128 };
			const Color out = unpackPixel(*memoryFormat(fourcc), picture(fourcc, in).data());
			EXPECT_NEAR(out.red, in.red, 7);
			EXPECT_NEAR(out.green, in.green, 3);
			EXPECT_NEAR(out.blue, in.blue, 7);
		}
	}
}

} /* namespace */
