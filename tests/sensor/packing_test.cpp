/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Packings: round trips through independent packers, and refusals
 */

#include <string.h>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "isp_sim/sensor/csi2_packing.h"
#include "isp_sim/sensor/packing.h"

using namespace fovea::sensor;

namespace {

constexpr unsigned int kWidth = 18;
constexpr unsigned int kHeight = 6;

std::vector<uint16_t> pattern(unsigned int bitDepth)
{
	std::vector<uint16_t> samples(kWidth * kHeight);
	uint32_t state = 12345;

	for (uint16_t &sample : samples) {
		state = state * 1664525u + 1013904223u;
		sample = (state >> 12) & ((1u << bitDepth) - 1);
	}
	samples[0] = 0;
	samples[1] = (1u << bitDepth) - 1;

	return samples;
}

/* MIPI CSI-2 as its text says it: the low bits of the first sample are lowest. */
std::vector<uint8_t> packCsi2(const std::vector<uint16_t> &samples, unsigned int bitDepth,
			      unsigned int width, size_t stride)
{
	unsigned int count = bitDepth == 12 ? 2 : 4;
	unsigned int low = bitDepth - 8;
	size_t height = samples.size() / width;
	std::vector<uint8_t> data(stride * height, 0xee);

	for (size_t y = 0; y < height; y++) {
		uint8_t *out = &data[y * stride];
		for (unsigned int x = 0; x < width; x += count) {
			uint64_t lows = 0;
			for (unsigned int i = 0; i < count; i++) {
				uint16_t v = x + i < width ? samples[y * width + x + i] : 0;
				*out++ = v >> low;
				lows |= uint64_t{ v & ((1u << low) - 1) } << (i * low);
			}
			for (unsigned int bit = 0; bit < count * low; bit += 8)
				*out++ = (lows >> bit) & 0xff;
		}
	}

	return data;
}

} /* namespace */

TEST(Packing, Csi2RoundTrip)
{
	for (unsigned int bitDepth : { 10u, 12u, 14u }) {
		std::vector<uint16_t> samples = pattern(bitDepth);
		RawLayout layout{ kWidth, kHeight, bitDepth, Packing::CSI2P, 0, 7, 64 };
		std::vector<uint8_t> file(7, 0xaa);
		std::vector<uint8_t> data = packCsi2(samples, bitDepth, kWidth, 64);
		file.insert(file.end(), data.begin(), data.end());

		std::vector<uint16_t> result;
		std::string error;
		ASSERT_TRUE(unpack(file, layout, &result, &error)) << error;
		EXPECT_EQ(result, samples) << bitDepth;
	}
}

/* Of every width, depth and instruction set, and no byte behind the line. */
TEST(Packing, VectorCodeIsTheReference)
{
	constexpr uint8_t kUntouched = 0xa5;

	for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
		SCOPED_TRACE(hwy::TargetName(target));
		hwy::SetSupportedTargetsForTest(target);
		hwy::GetChosenTarget().Update(hwy::SupportedTargets());

		for (unsigned int bitDepth : { 10u, 12u, 14u }) {
			for (unsigned int width = 1; width < 70; width++) {
				/* On the heap, so that a sanitizer sees what is read behind it. */
				std::vector<uint8_t> packed(csi2LineSize(width, bitDepth));
				for (size_t i = 0; i < packed.size(); i++)
					packed[i] = (i + width) * 2654435761u >> 13;

				std::vector<uint8_t> expected(2 * width + 1, kUntouched), result = expected;
				unpackCsi2LineReference(packed.data(), width, bitDepth, expected.data());
				unpackCsi2Line(packed.data(), width, bitDepth, result.data());
				EXPECT_EQ(result, expected) << bitDepth << " bits, width " << width;
				EXPECT_EQ(result.back(), kUntouched);
			}
		}
	}

	hwy::SetSupportedTargetsForTest(0);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/* RAW10 by hand: 0x001, 0x3fe, 0x155, 0x2aa. */
TEST(Packing, Raw10Bytes)
{
	const uint8_t file[] = { 0x00, 0xff, 0x55, 0xaa, 0x01 | 0x02 << 2 | 0x01 << 4 | 0x02 << 6 };
	RawLayout layout{ 4, 1, 10, Packing::CSI2P, 0, 0, 0 };
	std::vector<uint16_t> result;
	std::string error;

	ASSERT_TRUE(unpack(file, layout, &result, &error)) << error;
	EXPECT_EQ(result, (std::vector<uint16_t>{ 0x001, 0x3fe, 0x155, 0x2aa }));
}

TEST(Packing, WordsAndBytes)
{
	for (unsigned int shift : { 0u, 4u, 6u }) {
		std::vector<uint16_t> samples = pattern(10);
		std::vector<uint8_t> file;
		for (uint16_t sample : samples) {
			file.push_back((sample << shift) & 0xff);
			file.push_back((sample << shift) >> 8);
		}

		RawLayout layout{ kWidth, kHeight, 10, Packing::U16LE, shift, 0, 0 };
		std::vector<uint16_t> result;
		std::string error;
		ASSERT_TRUE(unpack(file, layout, &result, &error)) << error;
		EXPECT_EQ(result, samples);
	}

	std::vector<uint16_t> samples = pattern(8);
	std::vector<uint8_t> file(samples.begin(), samples.end());
	std::vector<uint16_t> result;
	std::string error;
	ASSERT_TRUE(unpack(file, { kWidth, kHeight, 8, Packing::U8, 0, 0, 0 }, &result, &error));
	EXPECT_EQ(result, samples);
}

TEST(Packing, PortableGreyMap)
{
	std::string header = "P5 # a comment\n18\n6 65535\n";
	std::vector<uint16_t> samples = pattern(10);
	std::vector<uint8_t> file(header.begin(), header.end());
	for (uint16_t sample : samples) {
		file.push_back(sample >> 8);
		file.push_back(sample & 0xff);
	}

	RawLayout layout{ kWidth, kHeight, 10, Packing::PGM, 0, 0, 0 };
	std::vector<uint16_t> result;
	std::string error;
	ASSERT_TRUE(unpack(file, layout, &result, &error)) << error;
	EXPECT_EQ(result, samples);

	layout.width = 20;
	EXPECT_FALSE(unpack(file, layout, &result, &error));
	EXPECT_NE(error.find("18x6"), std::string::npos) << error;
	EXPECT_NE(error.find("20x6"), std::string::npos) << error;
}

TEST(Packing, RefusesWhatDoesNotFit)
{
	RawLayout layout{ 16, 4, 10, Packing::U16LE, 0, 0, 0 };
	std::vector<uint16_t> result;
	std::string error;
	std::vector<uint8_t> file(16 * 4 * 2 - 1);

	EXPECT_FALSE(unpack(file, layout, &result, &error));
	EXPECT_NE(error.find("127 bytes, expected 128"), std::string::npos) << error;
	EXPECT_NE(error.find("truncated"), std::string::npos) << error;

	file.resize(129);
	EXPECT_FALSE(unpack(file, layout, &result, &error));
	EXPECT_NE(error.find("129 bytes, expected 128"), std::string::npos) << error;

	file.assign(128, 0);
	file[2 * 17 + 1] = 0x04; /* 1024 at (1, 1) */
	EXPECT_FALSE(unpack(file, layout, &result, &error));
	EXPECT_NE(error.find("sample 1024 at (1, 1)"), std::string::npos) << error;
	EXPECT_NE(error.find("at most 1023"), std::string::npos) << error;

	/* Low bits that the shift would lose. */
	layout.shift = 6;
	file.assign(128, 0);
	file[0] = 0x20;
	EXPECT_FALSE(unpack(file, layout, &result, &error));
	EXPECT_NE(error.find("multiple of 64"), std::string::npos) << error;
}

/* The last line needs no padding behind it. */
TEST(Packing, LastLineMayLackPadding)
{
	RawLayout layout{ 16, 4, 8, Packing::U8, 0, 0, 20 };
	std::vector<uint16_t> result;
	std::string error;

	EXPECT_TRUE(unpack(std::vector<uint8_t>(80), layout, &result, &error)) << error;
	EXPECT_TRUE(unpack(std::vector<uint8_t>(76), layout, &result, &error)) << error;
	EXPECT_FALSE(unpack(std::vector<uint8_t>(75), layout, &result, &error));
}
