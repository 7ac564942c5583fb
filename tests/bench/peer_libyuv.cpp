/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * libyuv: the last steps of what the core set does
 */

#include <libyuv.h>

#include "bench.h"

#include "../isp/test_data.h"

namespace fovea::isp::bench {

namespace {

/* 8-bit colour conversion and 4:2:0 packing. */
void convert(benchmark::State &state, Size size)
{
	const int width = static_cast<int>(size.width);
	const int height = static_cast<int>(size.height);
	const std::vector<uint8_t> argb = test::makeScene(test::makeInput(2 * size.width, size.height, 16, BayerOrder::RGGB));
	std::vector<uint8_t> nv12(argb.size());
	uint8_t *chroma = nv12.data() + static_cast<size_t>(width) * height;

	runFrames(state, size, [&] {
		libyuv::ARGBToNV12(argb.data(), 4 * width, nv12.data(), width, chroma, width, width, height);
	});
}

/* NV12 to half of its size in both directions. */
void scale(benchmark::State &state, Size size)
{
	const int width = static_cast<int>(size.width);
	const int height = static_cast<int>(size.height);
	const std::vector<uint8_t> in = test::makeScene(test::makeInput(size.width, size.height, 16, BayerOrder::RGGB));
	std::vector<uint8_t> out(in.size());
	const uint8_t *chromaIn = in.data() + static_cast<size_t>(width) * height;
	uint8_t *chromaOut = out.data() + static_cast<size_t>(width) * height / 4;

	runFrames(state, size, [&] {
		libyuv::NV12Scale(in.data(), width, chromaIn, width, width, height,
				  out.data(), width / 2, chromaOut, width / 2, width / 2, height / 2,
				  libyuv::kFilterBox);
	});
}

} /* namespace */

void registerLibyuv()
{
	for (const Size size : kSizes) {
		const std::string end = "/" + sizeName(size) + "/threads:1";
		registerFrames("peer/libyuv-argb-to-nv12" + end, [=](benchmark::State &state) { convert(state, size); });
		registerFrames("peer/libyuv-nv12-half-box" + end, [=](benchmark::State &state) { scale(state, size); });
	}
}

} /* namespace fovea::isp::bench */
