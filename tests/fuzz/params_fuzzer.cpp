/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary bytes as a parameters buffer
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

#include "isp_sim/isp/isp.h"
#include "isp_sim/isp/params.h"

using namespace fovea::isp;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

void require(bool condition)
{
	if (!condition)
		abort();
}

/* What was accepted must be safe to process. */
void process(const Params &params)
{
	constexpr unsigned int kSize = 32;
	static const std::vector<uint8_t> raw(kSize * kSize, 100);
	static std::vector<uint8_t> picture(kSize * kSize * 3 / 2);
	static Isp isp;
	static const int configured = isp.configure(
		{ { { kSize, kSize }, 8, BayerOrder::RGGB, kSize },
		  { { { kSize, kSize }, PixelFormat::NV12, kSize, { 0, 0, kSize, kSize } } },
		  1 },
		nullptr);
	const std::span<uint8_t> outputs[] = { picture };
	fovea_isp_stats_buffer stats = {};

	require(configured == 0);
	require(isp.process(raw, params, outputs, &stats) == 0);
}

/* A buffer with every block, which the bytes of the input then damage. */
std::vector<uint8_t> makeValidBuffer()
{
	const Params params;
	std::vector<uint8_t> buffer(8);
	const uint32_t header[2] = { V4L2_ISP_PARAMS_VERSION_V1, FOVEA_ISP_PARAMS_MAX_DATA_SIZE };
	memcpy(buffer.data(), header, sizeof(header));

	const auto append = [&](const auto &block) {
		const uint8_t *from = reinterpret_cast<const uint8_t *>(&block);
		buffer.insert(buffer.end(), from, from + sizeof(block));
	};
	forEachBlock([&](auto member) { append(params.*member); });
	return buffer;
}

void check(std::span<const uint8_t> buffer)
{
	std::string error;
	const int ret = validateParams(buffer, &error);
	require(ret == validateParams(buffer, nullptr));
	require((ret < 0) == !error.empty());
	if (ret < 0)
		return;

	Params params;
	applyParams(buffer, &params);
	process(params);

	/* What is applied is valid again when it is read back. */
	Params again = params;
	applyParams(buffer, &again);
	require(!memcmp(&params, &again, sizeof(params)));
}

} /* namespace */

/*
 * The input is tried as a buffer as it is, at an unaligned address, and as a
 * list of changes (16-bit offset, byte) to a valid buffer: few random bytes
 * would otherwise pass the header.
 */
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check({ data, size });

	std::vector<uint8_t> moved(size + 1);
	if (size)
		memcpy(moved.data() + 1, data, size);
	check(std::span<const uint8_t>(moved).subspan(1));

	static const std::vector<uint8_t> valid = makeValidBuffer();
	std::vector<uint8_t> changed = valid;
	for (size_t i = 0; i + 3 <= size; i += 3)
		changed[(data[i] | data[i + 1] << 8) % changed.size()] = data[i + 2];
	check(changed);

	return 0;
}
