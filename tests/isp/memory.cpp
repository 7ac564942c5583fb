/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the ISP allocates, and when
 */

/*
 * The functions that all allocations of a program come down to are replaced by ones
 * that count; not under the sanitizers, which replace them too.
 */

#include <atomic>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <gtest/gtest.h>

#include "isp_sim/isp/isp.h"

#include "test_data.h"

using namespace fovea::isp;
using namespace fovea::isp::test;

namespace {

std::atomic<unsigned int> allocations;
std::atomic<size_t> allocated;

void count(size_t size)
{
	allocations++;
	allocated += size;
}

} /* namespace */

extern "C" {

/* What the C library calls its own. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t number, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	count(size);
	return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
	count(number * size);
	return __libc_calloc(number, size);
}

void *realloc(void *memory, size_t size)
{
	count(size);
	return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	count(size);
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	count(size);
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

} /* extern "C" */

namespace {

Configuration makeConfiguration(Size size, unsigned int threads, unsigned int exposures)
{
	Configuration configuration;
	configuration.input = makeInput(size.width, size.height, 12, BayerOrder::RGGB);
	configuration.input.exposures = exposures;
	configuration.threads = threads;
	const Rectangle whole{ 0, 0, size.width, size.height };
	configuration.outputs = { makeOutput(whole, size, PixelFormat::NV12),
				  makeOutput(whole, { size.width / 4 * 2, size.height / 4 * 2 }, PixelFormat::NV12) };
	return configuration;
}

size_t allocatedBy(Isp *isp, const Configuration &configuration)
{
	const size_t before = allocated;
	EXPECT_EQ(isp->configure(configuration, nullptr), 0);
	return allocated - before;
}

} /* namespace */

/* Whatever blocks a frame enables, and whatever the last one has left behind. */
TEST(Memory, NothingIsAllocatedAfterConfiguration)
{
	const Configuration configuration = makeConfiguration({ 96, 64 }, 3, 2);
	const std::vector<uint8_t> raw = makeScene(configuration.input);
	std::vector<std::vector<uint8_t>> pictures;
	for (const OutputFormat &output : configuration.outputs)
		pictures.emplace_back(outputSize(output));
	const std::vector<std::span<uint8_t>> spans(pictures.begin(), pictures.end());
	fovea_isp_stats_buffer stats = {};

	Isp isp;
	ASSERT_EQ(isp.configure(configuration, nullptr), 0);
	std::vector<Params> params = { makeCoreParams(12), makeFullParams(12) };
	for (uint32_t seed = 0; seed < 40; ++seed)
		params.push_back(makeRandomParams(seed));

	for (size_t i = 0; i < params.size(); ++i) {
		const unsigned int before = allocations;
		ASSERT_EQ(isp.process(raw, params[i], spans, &stats), 0);
		const unsigned int after = allocations;
		EXPECT_EQ(after, before) << "frame " << i;
	}
}

/* The counter sees what it is to see. */
TEST(Memory, AllocationsAreCounted)
{
	const unsigned int before = allocations;
	const std::vector<uint8_t> some(1000);
	const uint8_t *volatile address = some.data();
	EXPECT_NE(address, nullptr);
	EXPECT_EQ(allocations, before + 1);
}

/*
 * As wide as frames of 48 megapixels, and as wide as any; a thread has rows, whose size
 * does not depend on the height. One more thread adds its rows alone.
 */
TEST(Memory, AThreadHasLessThan16MiB)
{
	constexpr unsigned int kHeight = 96;
	for (const unsigned int width : { 8000, 16384 }) {
		Isp isp;
		const size_t one = allocatedBy(&isp, makeConfiguration({ width, kHeight }, 1, 3));
		const size_t three = allocatedBy(&isp, makeConfiguration({ width, kHeight }, 3, 3));
		const size_t thread = (three - one) / 2;
		printf("%u columns: %.1f MiB a thread\n", width, static_cast<double>(thread) / (1 << 20));
		EXPECT_GT(thread, 0u);
		EXPECT_LT(thread, 16u << 20);
	}
}
