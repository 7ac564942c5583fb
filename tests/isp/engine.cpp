/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine equals the scalar references of the whole ISP
 */

#include <chrono>
#include <string.h>
#include <thread>

#include <gtest/gtest.h>

#include "isp_sim/isp/reference.h"

#include "comparison.h"
#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

/* As they leave the pipeline, cropped by odd numbers, and scaled. */
TEST(Engine, EqualsReferenceForEveryPixelFormat)
{
	for (const PixelFormat format : kPixelFormats) {
		SCOPED_TRACE(static_cast<int>(format));
		Configuration configuration;
		configuration.input = makeInput(166, 70, 10, BayerOrder::GRBG);
		configuration.threads = 3;
		configuration.outputs = { makeOutput({ 0, 0, 166, 70 }, { 166, 70 }, format),
					  makeOutput({ 4, 6, 100, 50 }, { 100, 50 }, format),
					  makeOutput({ 5, 7, 90, 40 }, { 90, 40 }, format),
					  makeOutput({ 0, 0, 166, 70 }, { 70, 90 }, format) };
		configuration.outputs[0].stride += 13;
		compare(configuration, makeScene(configuration.input), makeFullParams(10));
	}
}

TEST(Engine, EqualsReferenceForEveryOrderAndDepth)
{
	for (const BayerOrder order : kOrders) {
		for (unsigned int depth = 8; depth <= 16; ++depth) {
			SCOPED_TRACE(testing::Message() << "order " << static_cast<int>(order) << ", depth " << depth);
			Configuration configuration;
			configuration.input = makeInput(134, 38, depth, order);
			configuration.threads = 1;
			configuration.outputs = { makeOutput({ 0, 0, 134, 38 }, { 134, 38 }, PixelFormat::NV12),
						  makeOutput({ 0, 0, 134, 38 }, { 134, 38 }, PixelFormat::XRGB8888) };
			compare(configuration, makeScene(configuration.input), makeCoreParams(depth));
		}
	}
}

TEST(Engine, SameBitsForEveryNumberOfThreads)
{
	Configuration configuration;
	configuration.input = makeInput(160, 96, 10, BayerOrder::GBRG);
	configuration.outputs = { makeOutput({ 3, 5, 150, 80 }, { 70, 34 }, PixelFormat::NV12),
				  makeOutput({ 0, 0, 160, 96 }, { 160, 96 }, PixelFormat::NV12) };
	const std::vector<uint8_t> raw = makeScene(configuration.input);
	const Params params = makeCoreParams(10);

	for (unsigned int threads = 1; threads <= 64; threads = threads < 8 ? threads + 1 : threads * 2) {
		SCOPED_TRACE(threads);
		configuration.threads = threads;
		compare(configuration, raw, params);
	}
}

/*
 * With as many threads as there may be, more than most machines have cores: frames one after
 * the other, while the threads still look for work, and with pauses, when they sleep; the end
 * of the ISP before its first frame and right after its last.
 */
TEST(Engine, ThreadsBeginAndEndAtAnyTime)
{
	Configuration configuration;
	configuration.input = makeInput(32, 130, 10, BayerOrder::RGGB);
	configuration.threads = 1;
	configuration.outputs = { makeOutput({ 0, 0, 32, 130 }, { 32, 130 }, PixelFormat::NV12) };
	const std::vector<uint8_t> raw = makeScene(configuration.input);
	const Params params = makeCoreParams(10);

	Result expected(configuration);
	ASSERT_EQ(processReference(configuration, raw, params, expected.spans, &expected.stats, nullptr), 0);

	Isp kept;
	for (const unsigned int threads : { 64, 1, 2, 64 }) {
		configuration.threads = threads;
		for (const unsigned int frames : { 0, 1, 2, 12 }) {
			SCOPED_TRACE(testing::Message() << threads << " threads, " << frames << " frames");
			Isp isp;
			ASSERT_EQ(isp.configure(configuration, nullptr), 0);
			ASSERT_EQ(kept.configure(configuration, nullptr), 0);
			for (unsigned int i = 0; i < frames; ++i) {
				Result actual(configuration), other(configuration);
				ASSERT_EQ(isp.process(raw, params, actual.spans, &actual.stats), 0);
				ASSERT_EQ(kept.process(raw, params, other.spans, &other.stats), 0);
				expectEqual(configuration, expected, actual);
				expectEqual(configuration, expected, other);
				if (i % 4 == 3)
					std::this_thread::sleep_for(std::chrono::milliseconds(1));
			}
		}
	}
}

/* A sequence of frames with the reference, and without it, and without pictures. */
TEST(Engine, FramesDependOnEarlierOnesThroughTheReferenceOnly)
{
	Configuration configuration;
	configuration.input = makeInput(96, 64, 12, BayerOrder::RGGB);
	configuration.threads = 2;
	configuration.outputs = { makeOutput({ 0, 0, 96, 64 }, { 96, 64 }, PixelFormat::NV12) };

	for (unsigned int threads = 1; threads <= 5; threads += 2) {
		Isp isp;
		TemporalState state;
		configuration.threads = threads;
		ASSERT_EQ(isp.configure(configuration, nullptr), 0);
		for (uint32_t seed = 0; seed < 20; ++seed) {
			SCOPED_TRACE(seed);
			const std::vector<uint8_t> raw = seed % 3 ? makeScene(configuration.input) : makeRandomRaw(configuration.input, seed);
			const Params params = makeRandomParams(seed);
			Result expected(configuration);
			Result actual(configuration);
			if (seed % 7 == 4)
				expected.spans[0] = actual.spans[0] = {};
			ASSERT_EQ(processReference(configuration, raw, params, expected.spans, &expected.stats, &state), 0);
			ASSERT_EQ(isp.process(raw, params, actual.spans, &actual.stats), 0);
			expectEqual(configuration, expected, actual);
		}
	}
}

/*
 * Geometry that reaches just as far as bands keep rows for it, and just farther, with
 * the reference of the temporal noise reduction, parts of which bands have in common.
 */
TEST(Engine, EqualsReferenceHoweverFarGeometryReaches)
{
	Configuration configuration;
	configuration.input = makeInput(34, 1200, 10, BayerOrder::RGGB);
	configuration.threads = 1;
	configuration.outputs = { makeOutput({ 0, 0, 34, 1200 }, { 34, 1200 }, PixelFormat::NV12),
				  makeOutput({ 3, 401, 30, 500 }, { 20, 90 }, PixelFormat::NV21),
				  makeOutput({ 0, 0, 34, 1200 }, { 34, 1200 }, PixelFormat::RGB888) };
	Params params = makeFullParams(10);

	for (const int farthest : { 0, 70, 1919, 1920 }) {
		/* The first and the last rows look beyond the frame, others in both directions. */
		for (int y = 0; y < FOVEA_ISP_DEWARP_NODES_Y; ++y) {
			for (int x = 0; x < FOVEA_ISP_DEWARP_NODES_X; ++x)
				params.dewarp.dy[y][x] = static_cast<int16_t>(y == 0 || (y < 24 && x % 2) ? -farthest : farthest);
		}

		TemporalState state;
		std::vector<Result> expected;
		for (uint32_t frame = 0; frame < 2; ++frame) {
			expected.emplace_back(configuration);
			const std::vector<uint8_t> raw = makeRandomRaw(configuration.input, frame);
			ASSERT_EQ(processReference(configuration, raw, params, expected[frame].spans, &expected[frame].stats, &state), 0);
		}
		for (const unsigned int threads : { 1, 2, 8 }) {
			SCOPED_TRACE(testing::Message() << farthest << ", threads " << threads);
			configuration.threads = threads;
			Isp isp;
			ASSERT_EQ(isp.configure(configuration, nullptr), 0);
			for (uint32_t frame = 0; frame < 2; ++frame) {
				Result actual(configuration);
				ASSERT_EQ(isp.process(makeRandomRaw(configuration.input, frame), params, actual.spans, &actual.stats), 0);
				expectEqual(configuration, expected[frame], actual);
			}
		}
	}
}

/* The reference covers the frame, whatever part of it an output shows. */
TEST(Engine, ReferenceDoesNotDependOnOutputs)
{
	Configuration part;
	part.input = makeInput(96, 64, 12, BayerOrder::RGGB);
	part.threads = 3;
	part.outputs = { makeOutput({ 8, 20, 32, 16 }, { 16, 8 }, PixelFormat::NV12),
			 makeOutput({ 0, 0, 96, 64 }, { 96, 64 }, PixelFormat::NV12) };
	Params params = makeCoreParams(12);
	params.temporalNr = { params.temporalNr.header, 4000, 30, 30, 5, 0, {} };
	params.temporalNr.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;

	Isp isp, whole;
	ASSERT_EQ(isp.configure(part, nullptr), 0);
	ASSERT_EQ(whole.configure(part, nullptr), 0);
	for (uint32_t frame = 0; frame < 4; ++frame) {
		const std::vector<uint8_t> raw = makeRandomRaw(part.input, frame / 3);
		Result some(part), all(part);
		if (frame < 3)
			some.spans[1] = {};
		ASSERT_EQ(isp.process(raw, params, some.spans, &some.stats), 0);
		ASSERT_EQ(whole.process(raw, params, all.spans, &all.stats), 0);
		EXPECT_EQ(some.pictures[0], all.pictures[0]);
		EXPECT_EQ(some.pictures[1] == all.pictures[1], frame == 3);
	}

	/* A new configuration begins without a reference. */
	const std::vector<uint8_t> raw = makeScene(part.input);
	Isp fresh;
	ASSERT_EQ(fresh.configure(part, nullptr), 0);
	ASSERT_EQ(isp.configure(part, nullptr), 0);
	Result first(part), again(part), old(part);
	ASSERT_EQ(fresh.process(raw, params, first.spans, &first.stats), 0);
	ASSERT_EQ(isp.process(raw, params, again.spans, &again.stats), 0);
	ASSERT_EQ(whole.process(raw, params, old.spans, &old.stats), 0);
	expectEqual(part, first, again);
	EXPECT_NE(first.pictures[1], old.pictures[1]);
}

TEST(Engine, LeavesOutWhatIsNotAskedFor)
{
	Configuration configuration;
	configuration.input = makeInput(64, 48, 10, BayerOrder::RGGB);
	configuration.threads = 2;
	configuration.outputs = { makeOutput({ 0, 0, 64, 48 }, { 64, 48 }, PixelFormat::NV12),
				  makeOutput({ 0, 0, 64, 48 }, { 32, 24 }, PixelFormat::XRGB8888) };
	const std::vector<uint8_t> raw = makeScene(configuration.input);
	const Params params = makeCoreParams(10);

	Isp isp;
	ASSERT_EQ(isp.configure(configuration, nullptr), 0);
	Result full(configuration);
	ASSERT_EQ(isp.process(raw, params, full.spans, &full.stats), 0);

	/* Only the second picture, no statistics. */
	Result second(configuration);
	second.spans[0] = {};
	ASSERT_EQ(isp.process(raw, params, second.spans, nullptr), 0);
	EXPECT_EQ(second.pictures[1], full.pictures[1]);
	EXPECT_EQ(second.pictures[0], std::vector<uint8_t>(full.pictures[0].size(), kCanary));

	/* Only statistics. */
	Result statistics(configuration);
	ASSERT_EQ(isp.process(raw, params, {}, &statistics.stats), 0);
	EXPECT_EQ(memcmp(&statistics.stats, &full.stats, sizeof(full.stats)), 0);
}

TEST(Engine, RefusesWhatItCanNotDo)
{
	const Rectangle whole{ 0, 0, 64, 48 };
	Configuration good;
	good.input = makeInput(64, 48, 10, BayerOrder::RGGB);
	good.threads = 1;
	good.outputs = { makeOutput(whole, { 64, 48 }, PixelFormat::NV12) };

	const auto expectError = [&](const char *part, const std::function<void(Configuration *)> &change) {
		Configuration bad = good;
		change(&bad);
		Isp isp;
		std::string error;
		EXPECT_EQ(isp.configure(bad, &error), -EINVAL);
		EXPECT_NE(error.find(part), std::string::npos) << error;
		EXPECT_NE(error.find("expect"), std::string::npos) << error;
	};

	expectError("input: width", [](Configuration *c) { c->input.size.width = 63; });
	expectError("input: height", [](Configuration *c) { c->input.size.height = 14; });
	expectError("bit depth", [](Configuration *c) { c->input.bitDepth = 17; });
	expectError("input: exposures", [](Configuration *c) { c->input.exposures = 4; });
	expectError("input: exposures", [](Configuration *c) { c->input.exposures = 0; });
	expectError("input: stride", [](Configuration *c) { c->input.stride = 126; });
	expectError("output 0: crop width", [](Configuration *c) { c->outputs[0].crop.x = 2; });
	expectError("output 0: crop height", [](Configuration *c) { c->outputs[0].crop.height = 0; });
	expectError("output 0: width", [](Configuration *c) { c->outputs[0].size.width = 1; });
	expectError("output 0: size", [](Configuration *c) { c->outputs[0].size.height = 47; });
	expectError("multiples of 2x1", [](Configuration *c) { c->outputs[0] = makeOutput({ 0, 0, 64, 48 }, { 63, 47 }, PixelFormat::YUYV); });
	expectError("multiples of 2x1", [](Configuration *c) { c->outputs[0] = makeOutput({ 0, 0, 64, 48 }, { 63, 47 }, PixelFormat::NV16); });
	expectError("multiples of 2x2", [](Configuration *c) { c->outputs[0] = makeOutput({ 0, 0, 64, 48 }, { 64, 47 }, PixelFormat::NV21); });
	expectError("output 0: stride", [](Configuration *c) { c->outputs[0] = { { 64, 48 }, PixelFormat::RGB888, 191, { 0, 0, 64, 48 } }; });
	expectError("output 0: stride", [](Configuration *c) { c->outputs[0].stride = 63; });
	expectError("threads", [](Configuration *c) { c->threads = 0; });

	/* Buffers that are too small, or too many. */
	Isp isp;
	const Params params;
	std::vector<uint8_t> raw(64 * 48 * 2);
	std::vector<uint8_t> picture(64 * 48 * 3 / 2);
	std::vector<std::span<uint8_t>> outputs{ picture };
	EXPECT_EQ(isp.process(raw, params, outputs, nullptr), -EINVAL);
	ASSERT_EQ(isp.configure(good, nullptr), 0);
	EXPECT_EQ(isp.process(raw, params, outputs, nullptr), 0);
	EXPECT_EQ(isp.process(std::span(raw).first(raw.size() - 1), params, outputs, nullptr), -EINVAL);
	outputs[0] = std::span(picture).first(picture.size() - 1);
	EXPECT_EQ(isp.process(raw, params, outputs, nullptr), -EINVAL);
	outputs = { picture, picture };
	EXPECT_EQ(isp.process(raw, params, outputs, nullptr), -EINVAL);
}
