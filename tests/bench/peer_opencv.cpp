/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * OpenCV's demosaics: one step of what the core set does
 */

#include <algorithm>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "bench.h"

#include "../isp/pictures.h"
#include "../isp/test_data.h"

namespace fovea::isp::bench {

namespace {

struct Demosaic {
	const char *name;
	unsigned int bitDepth;
	int code;
};

/* OpenCV names a mosaic by the second row and column: BG is RGGB. */
constexpr Demosaic kDemosaics[] = {
	{ "opencv-bilinear8", 8, cv::COLOR_BayerBG2RGB },
	{ "opencv-bilinear16", 16, cv::COLOR_BayerBG2RGB },
	{ "opencv-edge-aware8", 8, cv::COLOR_BayerBG2RGB_EA },
	{ "opencv-edge-aware16", 16, cv::COLOR_BayerBG2RGB_EA },
	/* There is no such demosaic of 16 bits. */
	{ "opencv-vng8", 8, cv::COLOR_BayerBG2RGB_VNG },
};

/*
 * Rows by which the picture lies too high: VNG took its input two rows too far below
 * until OpenCV 4.12 (issues 5089 and 27225 of that project).
 */
int displacement(const Demosaic &demosaic)
{
	constexpr bool kDisplaced = CV_VERSION_MAJOR < 4 || (CV_VERSION_MAJOR == 4 && CV_VERSION_MINOR < 12);
	return kDisplaced && demosaic.code == cv::COLOR_BayerBG2RGB_VNG ? 2 : 0;
}

/* The demosaic of a 14-bit mosaic, RGGB, in the depth that it has. */
Planes interpolate(const Demosaic &demosaic, const Plane &mosaic)
{
	const int width = static_cast<int>(mosaic.width);
	const int height = static_cast<int>(mosaic.height);
	const cv::Mat in16(height, width, CV_16UC1, const_cast<uint16_t *>(mosaic.samples.data()));
	const double scale = demosaic.bitDepth == 8 ? 255.0 / kLinearMax : 4.0;
	cv::Mat in, out;
	in16.convertTo(in, demosaic.bitDepth == 8 ? CV_8U : CV_16U, scale);
	cv::demosaicing(in, out, demosaic.code);

	Planes rgb;
	std::vector<cv::Mat> channels;
	cv::split(out, channels);
	for (int i = 0; i < 3; ++i) {
		rgb[i] = Plane(mosaic.width, mosaic.height);
		cv::Mat to(height, width, CV_16UC1, rgb[i].samples.data());
		channels[i].convertTo(to, CV_16U, 1 / scale);
		std::vector<uint16_t> &samples = rgb[i].samples;
		std::copy_backward(samples.begin(), samples.end() - displacement(demosaic) * width, samples.end());
	}
	return rgb;
}

void run(benchmark::State &state, const Demosaic &demosaic, Size size, int threads)
{
	const RawFormat format = test::makeInput(size.width, size.height, demosaic.bitDepth, BayerOrder::RGGB);
	std::vector<uint8_t> raw = test::makeScene(format);
	const int type = demosaic.bitDepth == 8 ? CV_8UC1 : CV_16UC1;
	const cv::Mat in(static_cast<int>(size.height), static_cast<int>(size.width), type, raw.data(), format.stride);
	cv::Mat out;

	cv::setNumThreads(threads);
	runFrames(state, size, [&] { cv::demosaicing(in, out, demosaic.code); });
	setQuality(state, [&](const Plane &mosaic, BayerOrder) { return interpolate(demosaic, mosaic); });
}

} /* namespace */

void registerOpenCv()
{
	for (const Demosaic &demosaic : kDemosaics) {
		for (const Size size : kSizes) {
			for (const int threads : { 1, 2 }) {
				const std::string name = std::string("peer/") + demosaic.name + "/" +
							 sizeName(size) + "/threads:" + std::to_string(threads);
				registerFrames(name, [=](benchmark::State &state) { run(state, demosaic, size, threads); });
			}
		}
	}
}

} /* namespace fovea::isp::bench */
