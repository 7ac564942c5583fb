/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine equals the scalar references, whatever it is asked for
 */

/*
 * Random sizes, depths, strides, addresses, orders, exposures, outputs, threads,
 * images and parameters of all blocks, three frames each, on every instruction set of
 * the processor. A test run does a fixed number of seeds;
 *
 *   isp-random --seconds 3600 [--seed FIRST]
 *
 * goes on for an hour. A failure names its seed, which --seed repeats at once.
 */

#include <chrono>
#include <optional>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gtest/gtest.h>

#include "comparison.h"
#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

/* What a test run does, seconds under the sanitizers. */
constexpr uint32_t kSeeds = 120;

uint32_t firstSeed = 0;
std::optional<std::chrono::seconds> duration;

Configuration makeRandomConfiguration(Random *random)
{
	Configuration configuration;
	/* Mostly small, as borders are where the differences are. */
	const bool large = random->uniform(0, 7) == 0;
	const unsigned int width = 2 * random->uniform(8, large ? 300 : 90);
	const unsigned int height = 2 * random->uniform(8, large ? 150 : 40);
	configuration.input = makeInput(width, height, random->uniform(8, 16), kOrders[random->uniform(0, 3)]);
	configuration.input.stride += 2 * random->uniform(0, 9);
	configuration.input.exposures = random->uniform(0, 2) ? 1 : random->uniform(2, 3);
	configuration.threads = random->uniform(1, 9);

	for (int outputs = random->uniform(0, 3); outputs > 0; --outputs) {
		Rectangle crop{ 0, 0, width, height };
		if (random->uniform(0, 1)) {
			crop.width = random->uniform(8, width);
			crop.height = random->uniform(8, height);
			crop.x = random->uniform(0, width - crop.width);
			crop.y = random->uniform(0, height - crop.height);
		}
		Size size{ crop.width, crop.height };
		if (random->uniform(0, 1))
			size = { static_cast<unsigned int>(random->uniform(2, 200)), static_cast<unsigned int>(random->uniform(2, 99)) };
		size.width = std::clamp(size.width, crop.width / 32 + 1, 16 * crop.width);
		size.height = std::clamp(size.height, crop.height / 32 + 1, 16 * crop.height);

		const PixelFormat format = kPixelFormats[random->uniform(0, std::size(kPixelFormats) - 1)];
		if (!isRgb(format) && (format != PixelFormat::R8 || random->uniform(0, 1))) {
			size.width += size.width & 1;
			size.height += size.height & 1;
		}
		OutputFormat output = makeOutput(crop, size, format);
		output.stride += random->uniform(0, 20);
		configuration.outputs.push_back(output);
	}

	return configuration;
}

/* Noise with extremes, a scene, one level, or samples of every octave. */
std::vector<uint8_t> makeRandomImage(const RawFormat &format, Random *random)
{
	std::vector<uint8_t> raw = makeRandomRaw(format, random->bits());
	const size_t sampleSize = format.bitDepth == 8 ? 1 : 2;
	const uint32_t level = random->bits();

	switch (random->uniform(0, 3)) {
	case 0:
		return makeScene(format);
	case 1:
		for (size_t i = 0; i + sampleSize <= raw.size(); i += sampleSize)
			memcpy(raw.data() + i, &level, sampleSize);
		return raw;
	case 2:
		for (size_t i = 0; i + sampleSize <= raw.size(); i += sampleSize) {
			const uint32_t sample = random->bits() % (1U << format.bitDepth) >> random->uniform(0, 15);
			memcpy(raw.data() + i, &sample, sampleSize);
		}
		return raw;
	default:
		return raw;
	}
}

/* A frame, and what is asked of it; what is not asked for stays as it is. */
struct Job {
	std::vector<uint8_t> raw;
	Params params;
	std::vector<bool> wanted;
	bool statistics;
	/* Bytes in front of all buffers: no address is promised to be a multiple. */
	size_t offset;
};

Job makeRandomJob(const Configuration &configuration, Random *random)
{
	Job job{ makeRandomImage(configuration.input, random), makeRandomParams(random->bits()), {},
		 random->uniform(0, 4) != 0, static_cast<size_t>(random->uniform(0, 15)) };
	for (size_t i = 0; i < configuration.outputs.size(); ++i)
		job.wanted.push_back(random->uniform(0, 5) != 0);
	return job;
}

/* Process @job with buffers behind @offset bytes. */
template<typename Process>
void processAt(size_t offset, const Job &job, Result *result, const Process &process)
{
	std::vector<uint8_t> raw(offset);
	raw.insert(raw.end(), job.raw.begin(), job.raw.end());

	std::vector<std::vector<uint8_t>> pictures;
	for (const std::vector<uint8_t> &picture : result->pictures)
		pictures.emplace_back(offset + picture.size(), kCanary);
	std::vector<std::span<uint8_t>> spans;
	for (size_t i = 0; i < pictures.size(); ++i)
		spans.push_back(job.wanted[i] ? std::span(pictures[i]).subspan(offset) : std::span<uint8_t>());

	ASSERT_EQ(process(std::span<const uint8_t>(raw).subspan(offset), std::span<const std::span<uint8_t>>(spans),
			  job.statistics ? &result->stats : nullptr), 0);
	for (size_t i = 0; i < pictures.size(); ++i)
		std::copy(pictures[i].begin() + static_cast<ptrdiff_t>(offset), pictures[i].end(), result->pictures[i].begin());
}

/* Three frames, of which the later ones may be mixed with the earlier. */
void compareFrames(uint32_t seed)
{
	constexpr unsigned int kFrames = 3;
	Random random(seed);
	const Configuration configuration = makeRandomConfiguration(&random);

	std::vector<Job> jobs;
	std::vector<Result> expected;
	TemporalState state;
	for (unsigned int i = 0; i < kFrames; ++i) {
		const Job &job = jobs.emplace_back(makeRandomJob(configuration, &random));
		processAt(0, job, &expected.emplace_back(configuration), [&](auto raw, auto outputs, auto *stats) {
			return processReference(configuration, raw, job.params, outputs, stats, &state);
		});
	}

	Isp isp;
	forEachTarget([&] {
		std::string error;
		ASSERT_EQ(isp.configure(configuration, &error), 0) << error;
		for (unsigned int i = 0; i < kFrames; ++i) {
			SCOPED_TRACE(testing::Message() << "frame " << i);
			const Job &job = jobs[i];
			Result actual(configuration);
			processAt(job.offset, job, &actual, [&](auto raw, auto outputs, auto *stats) {
				return isp.process(raw, job.params, outputs, stats);
			});
			expectEqual(configuration, expected[i], actual);
		}
	});
}

} /* namespace */

TEST(Random, EqualsReference)
{
	const auto start = std::chrono::steady_clock::now();
	const auto goesOn = [&](uint32_t done) {
		return duration ? std::chrono::steady_clock::now() - start < *duration : done < kSeeds;
	};

	uint32_t done = 0;
	for (; goesOn(done); ++done) {
		SCOPED_TRACE(testing::Message() << "seed " << firstSeed + done);
		compareFrames(firstSeed + done);
		if (HasFailure())
			return;
	}
	printf("%u seeds from %u on\n", done, firstSeed);
}

int main(int argc, char **argv)
{
	testing::InitGoogleTest(&argc, argv);
	for (int i = 1; i + 1 < argc; i += 2) {
		const unsigned long value = strtoul(argv[i + 1], nullptr, 10);
		if (!strcmp(argv[i], "--seconds")) {
			duration = std::chrono::seconds(value);
		} else if (!strcmp(argv[i], "--seed")) {
			firstSeed = static_cast<uint32_t>(value);
		} else {
			fprintf(stderr, "unknown option %s, expected --seconds or --seed\n", argv[i]);
			return 1;
		}
	}

	return RUN_ALL_TESTS();
}
