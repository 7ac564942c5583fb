/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames, parameters and targets for the tests of the ISP
 */

#include "test_data.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/isp/range.h"

#include <gtest/gtest.h>
#include <hwy/highway.h>

namespace fovea::isp::test {

double noise(Random *random, double sigma)
{
	double sum = -6;
	for (int i = 0; i < 12; ++i)
		sum += random->uniform(0, 9999) / 9999.0;
	return sigma * sum;
}

void forEachTarget(const std::function<void()> &function)
{
	for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
		SCOPED_TRACE(hwy::TargetName(target));
		hwy::SetSupportedTargetsForTest(target);
		hwy::GetChosenTarget().Update(hwy::SupportedTargets());
		function();
	}

	hwy::SetSupportedTargetsForTest(0);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

RawFormat makeInput(unsigned int width, unsigned int height, unsigned int bitDepth, BayerOrder order)
{
	const size_t stride = bitDepth == 8 ? width : 2 * width;
	return { { width, height }, bitDepth, order, stride };
}

Plane makeMosaic(unsigned int width, unsigned int height, int max, uint32_t seed)
{
	Random random(seed);
	Plane mosaic(width, height);
	for (uint16_t &sample : mosaic.samples)
		sample = random.sample(max);
	return mosaic;
}

/* All bits are random: also those above the depth. */
std::vector<uint8_t> makeRandomRaw(const RawFormat &format, uint32_t seed)
{
	Random random(seed);
	std::vector<uint8_t> raw(format.stride * format.size.height * format.exposures);
	for (uint8_t &byte : raw)
		byte = static_cast<uint8_t>(random.sample(255));
	return raw;
}

std::vector<uint8_t> makeScene(const RawFormat &format)
{
	Random random(7);
	std::vector<uint8_t> raw(format.stride * format.size.height * format.exposures);
	const int black = 4096;
	const int width = static_cast<int>(format.size.width);
	const int height = static_cast<int>(format.size.height);

	for (int y = 0; y < height; ++y) {
		for (int x = 0; x < width; ++x) {
			/* Patches of colour, a slanted edge, stripes of growing frequency. */
			const int patch = (8 * x / width) + 8 * (4 * y / height);
			const int rgb[3] = { 4000 + 3700 * (patch % 5), 6000 + 2900 * (patch % 7), 5000 + 3300 * (patch % 3) };
			const BayerSite site = bayerSite(format.order, x, y);
			int v = rgb[site == SiteR ? 0 : site == SiteB ? 2 : 1];
			if (5 * x + y > 4 * width)
				v = v * 3 / 2;
			if (y > height / 2 && (x * x / width) & 4)
				v /= 2;
			v += random.uniform(-256, 256);

			/* Each exposure is a quarter of the last. */
			for (unsigned int e = 0; e < format.exposures; ++e) {
				const int sample = std::clamp((v >> (2 * e)) + black, 0, 65535) >> (16 - format.bitDepth);
				uint8_t *out = raw.data() + (y * format.exposures + e) * format.stride;
				if (format.bitDepth == 8) {
					out[x] = static_cast<uint8_t>(sample);
				} else {
					out[2 * x] = static_cast<uint8_t>(sample);
					out[2 * x + 1] = static_cast<uint8_t>(sample >> 8);
				}
			}
		}
	}

	return raw;
}

namespace {

/* Defect pixels, shading and focus statistics. */
void setRandomCorrection(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	params->dpc.header.flags = flags();
	params->dpc.hot = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 200 : 16383));
	params->dpc.cold = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 200 : 16383));
	params->dpc.count = static_cast<uint16_t>(random->uniform(0, FOVEA_ISP_DPC_DEFECTS));
	int at = 0;
	for (unsigned int i = 0; i < params->dpc.count; ++i) {
		at += random->uniform(1, 90);
		params->dpc.defects[i] = { static_cast<uint16_t>(at % 130), static_cast<uint16_t>(at / 130) };
	}

	params->lsc.header.flags = flags();
	const int largest = random->uniform(0, 1) ? 9000 : 65535;
	for (auto *nodes : { &params->lsc.r, &params->lsc.gr, &params->lsc.gb, &params->lsc.b }) {
		for (uint16_t &node : *nodes)
			node = static_cast<uint16_t>(random->uniform(0, largest));
	}

	params->afStats.header.flags = flags();
	for (uint16_t &threshold : params->afStats.threshold)
		threshold = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 50 : 8190));
}

/* What lies between the matrix and the conversion to Y'CbCr, but for gamma. */
void setRandomTones(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	params->localTone.header.flags = flags();
	const int largest = random->uniform(0, 1) ? 8192 : 32767;
	for (auto &row : params->localTone.gain) {
		for (auto &curve : row) {
			for (uint16_t &gain : curve)
				gain = random->sample(largest);
		}
	}

	params->lut3d.header.flags = flags();
	uint16_t *nodes = &params->lut3d.rgb[0][0][0][0];
	for (size_t i = 0; i < sizeof(params->lut3d.rgb) / sizeof(*nodes); ++i)
		nodes[i] = random->sample(4096);
}

/* Gentle displacements, and any that are allowed. */
void setRandomDewarp(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	params->dewarp.header.flags = flags();
	const int largest = random->uniform(0, 2) ? 100 : 16383;
	for (auto *nodes : { &params->dewarp.dx, &params->dewarp.dy }) {
		for (auto &row : *nodes) {
			for (int16_t &node : row)
				node = static_cast<int16_t>(random->uniform(-largest - (largest == 16383), largest));
		}
	}
}

/* As most matrices are: rows with the sum 1.0, and coefficients that are not large. */
void setWhiteKeepingMatrix(Params *params, Random *random)
{
	for (int i = 0; i < 3; ++i) {
		const int first = random->uniform(-4095, 4095);
		const int second = random->uniform(-4095, 4095);
		params->ccm.coeff[i][i] = static_cast<int16_t>(4096 - first - second);
		params->ccm.coeff[i][(i + 1) % 3] = static_cast<int16_t>(first);
		params->ccm.coeff[i][(i + 2) % 3] = static_cast<int16_t>(second);
		params->ccm.offset[i] = 0;
	}
}

/* What follows on the conversion to Y'CbCr. */
void setRandomFinish(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	params->chromaNr.header.flags = flags();
	params->chromaNr.threshold = random->sample(4095);
	params->chromaNr.strength = random->sample(8192);

	params->sharpen.header.flags = flags();
	params->sharpen.strength = random->sample(32767);
	params->sharpen.coring = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 40 : 4095));
	params->sharpen.limit_bright = random->sample(4095);
	params->sharpen.limit_dark = random->sample(4095);

	params->temporalNr.header.flags = flags();
	params->temporalNr.weight = random->sample(32767);
	params->temporalNr.threshold_luma = random->sample(random->uniform(0, 1) ? 100 : 4095);
	params->temporalNr.threshold_chroma = random->sample(random->uniform(0, 1) ? 100 : 4095);
	params->temporalNr.slope = random->sample(random->uniform(0, 1) ? 500 : 65535);
	params->temporalNr.restart = random->uniform(0, 5) == 0;
}

/*
 * Blocks that came later have generators of their own, so that the values of the
 * others, and their golden hashes, stay as they are.
 */
void setRandomStats(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	params->rowStats.header.flags = flags();
	params->rowStats.saturation = static_cast<uint16_t>(random->uniform(0, 16383));
	params->toneStats.header.flags = flags();
	params->toneStats.measure = static_cast<uint16_t>(random->uniform(0, 1));
}

void setRandomRaw(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	fovea_isp_raw_nr &nr = params->rawNr;
	nr.header.flags = flags();
	nr.strength = random->uniform(0, 1) ? 3641 : random->sample(4096);
	for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; ++i) {
		nr.offset[i] = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 300 : 4095));
		nr.slope[i] = static_cast<uint16_t>(random->uniform(0, random->uniform(0, 1) ? 3000 : 65535));
	}

	params->cac.header.flags = flags();
	const int largest = random->uniform(0, 1) ? 200 : FOVEA_ISP_CAC_SHIFT_MAX;
	for (auto *nodes : { &params->cac.r, &params->cac.b }) {
		for (fovea_isp_cac_shift &node : *nodes)
			node = { static_cast<int16_t>(random->uniform(-largest, largest)), static_cast<int16_t>(random->uniform(-largest, largest)) };
	}
}

/* Decompand, exposures and their range. */
void setRandomLinear(Params *params, Random *random, const std::function<uint16_t()> &flags)
{
	fovea_isp_decompand &decompand = params->decompand;
	decompand.header.flags = flags();
	decompand.count = static_cast<uint16_t>(random->uniform(2, FOVEA_ISP_DECOMPAND_KNEES));
	for (unsigned int i = 0; i < decompand.count; ++i) {
		decompand.x[i] = static_cast<uint16_t>(random->uniform(0, 3) * 65535 / 50 + i * 65535 / decompand.count);
		decompand.y[i] = random->bits() >> random->uniform(12, 16);
	}
	/* No two codes alike, and still in range. */
	std::sort(decompand.x, decompand.x + decompand.count);
	for (unsigned int i = 1; i < decompand.count; ++i)
		decompand.x[i] = std::max<uint16_t>(decompand.x[i], decompand.x[i - 1] + 1);
	std::sort(decompand.y, decompand.y + decompand.count);

	fovea_isp_merge &merge = params->merge;
	merge.header.flags = flags();
	for (uint16_t &gain : merge.gain)
		gain = random->uniform(0, 3) ? static_cast<uint16_t>(64 << random->uniform(0, 9)) : random->sample(65535);
	merge.saturation_slope = random->sample(65535);
	merge.saturation = static_cast<uint32_t>(random->uniform(0, random->uniform(0, 2) ? 65535 : 1048575));
	merge.motion_offset = random->sample(65535);
	merge.motion_relative = random->sample(65535);
	merge.motion_slope = random->sample(65535);

	params->range.header.flags = flags();
	for (uint16_t &gain : params->range.gain)
		gain = random->sample(65535);
}

} /* namespace */

Params makeRandomParams(uint32_t seed)
{
	Random random(seed);
	Params params;
	const auto flagsOf = [](Random *from) -> uint16_t {
		return from->uniform(0, 3) ? V4L2_ISP_PARAMS_FL_BLOCK_ENABLE : V4L2_ISP_PARAMS_FL_BLOCK_DISABLE;
	};
	const auto flags = [&] { return flagsOf(&random); };

	params.blackLevel.header.flags = flags();
	for (uint16_t *level : { &params.blackLevel.r, &params.blackLevel.gr, &params.blackLevel.gb, &params.blackLevel.b })
		*level = static_cast<uint16_t>(random.uniform(0, random.uniform(0, 4) ? 8000 : 65535));

	params.wbGains.header.flags = flags();
	for (uint16_t *gain : { &params.wbGains.r, &params.wbGains.gr, &params.wbGains.gb, &params.wbGains.b })
		*gain = random.uniform(0, 4) ? static_cast<uint16_t>(random.uniform(3000, 12000)) : random.sample(65535);

	params.demosaic.header.flags = flags();
	params.demosaic.direction_threshold = static_cast<uint16_t>(random.uniform(0, 1) ? 0 : random.uniform(0, 16383));
	params.demosaic.refine = random.uniform(0, 1);

	params.ccm.header.flags = flags();
	params.csc.header.flags = flags();
	for (unsigned int i = 0; i < 3; ++i) {
		for (unsigned int j = 0; j < 3; ++j) {
			params.ccm.coeff[i][j] = static_cast<int16_t>(random.uniform(0, 3) ? random.uniform(-8192, 8192) : static_cast<int16_t>(random.sample(65535)));
			params.csc.coeff[i][j] = static_cast<int16_t>(random.uniform(0, 3) ? random.uniform(-8192, 8192) : static_cast<int16_t>(random.sample(65535)));
		}
		params.csc.offset[i] = static_cast<int16_t>(random.uniform(-4096, 4095));
		params.ccm.offset[i] = static_cast<int16_t>(random.uniform(0, 2) ? 0 : random.uniform(-16384, 16383));
	}

	if (random.uniform(0, 1))
		setWhiteKeepingMatrix(&params, &random);

	params.gamma.header.flags = flags();
	for (uint16_t &level : params.gamma.y)
		level = random.sample(4095);
	std::sort(std::begin(params.gamma.y), std::end(params.gamma.y));

	params.aeStats.header.flags = flags();
	for (uint8_t &weight : params.aeStats.weights)
		weight = static_cast<uint8_t>(random.uniform(0, 15));

	params.awbStats.header.flags = flags();
	params.awbStats.saturation = static_cast<uint16_t>(random.uniform(1, 16383));
	params.awbStats.dark = static_cast<uint16_t>(random.uniform(0, params.awbStats.saturation - 1));

	setRandomCorrection(&params, &random, flags);
	setRandomFinish(&params, &random, flags);
	setRandomTones(&params, &random, flags);

	const auto later = [&](auto set, uint32_t salt) {
		Random own(seed + salt);
		set(&params, &own, [&] { return flagsOf(&own); });
	};
	later(setRandomStats, 1000001);
	later(setRandomRaw, 1000002);
	later(setRandomLinear, 1000003);
	later(setRandomDewarp, 1000004);

	return params;
}

Params makeTypicalParams(unsigned int bitDepth)
{
	constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	const uint16_t black = static_cast<uint16_t>(16 << (16 - std::min(bitDepth, 10U)));
	Params params;

	params.blackLevel = { params.blackLevel.header, black, black, black, black };
	params.blackLevel.header.flags = kEnable;

	params.wbGains = { params.wbGains.header, 7800, 4096, 4096, 6500 };
	params.wbGains.header.flags = kEnable;

	const int16_t matrix[3][3] = { { 7000, -2400, -504 }, { -900, 6200, -1204 }, { 0, -2300, 6396 } };
	std::copy_n(&matrix[0][0], 9, &params.ccm.coeff[0][0]);
	params.ccm.header.flags = kEnable;

	/* The square root is correctly rounded everywhere, a power is not. */
	setGamma(&params.gamma, [](double v) { return sqrt(v); });
	params.gamma.header.flags = kEnable;

	return params;
}

Params makeCoreParams(unsigned int bitDepth)
{
	constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	Params params = makeTypicalParams(bitDepth);

	params.dpc.header.flags = kEnable;
	params.dpc.hot = 1000;
	params.dpc.cold = 1000;

	/* Corners 1.6 times as bright as the middle, red a little more. */
	params.lsc.header.flags = kEnable;
	for (int i = 0; i < FOVEA_ISP_LSC_NODES; ++i) {
		const int x = i % FOVEA_ISP_LSC_NODES_X - 16;
		const int y = i / FOVEA_ISP_LSC_NODES_X - 16;
		const uint16_t gain = static_cast<uint16_t>(4096 + (x * x + y * y) * 4);
		params.lsc.r[i] = static_cast<uint16_t>(gain + (x * x + y * y) / 2);
		params.lsc.gr[i] = params.lsc.gb[i] = params.lsc.b[i] = gain;
	}

	params.chromaNr.header.flags = kEnable;
	params.chromaNr.threshold = 100;
	params.chromaNr.strength = 6554;

	params.sharpen = { params.sharpen.header, 4096, 20, 400, 400 };
	params.sharpen.header.flags = kEnable;

	params.afStats.header.flags = kEnable;
	params.afStats.threshold[0] = params.afStats.threshold[1] = 30;

	return params;
}

Params makeFullParams(unsigned int bitDepth)
{
	constexpr uint16_t kEnable = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	Params params = makeCoreParams(bitDepth);

	/* Shadows up to twice as bright, more on the left than on the right. */
	params.localTone.header.flags = kEnable;
	for (unsigned int y = 0; y < FOVEA_ISP_LTM_ZONES_Y; ++y) {
		for (unsigned int x = 0; x < FOVEA_ISP_LTM_ZONES_X; ++x) {
			for (unsigned int i = 0; i < FOVEA_ISP_LTM_POINTS; ++i)
				params.localTone.gain[y][x][i] = static_cast<uint16_t>(4096 + (FOVEA_ISP_LTM_POINTS - i) * (16 * (16 - x) + 8 * y));
		}
	}

	/* A little warmer, and more so where it is bright. */
	params.lut3d.header.flags = kEnable;
	for (auto &plane : params.lut3d.rgb) {
		for (auto &row : plane) {
			for (auto &node : row) {
				node[0] = static_cast<uint16_t>(std::min(4096, node[0] + node[0] / 16));
				node[2] = static_cast<uint16_t>(node[2] - node[1] * node[2] / 65536);
			}
		}
	}
	/* The upper half of the codes stands for three times its range. */
	params.decompand.header.flags = kEnable;
	params.decompand.count = 3;
	params.decompand.x[1] = 32768;
	params.decompand.x[2] = 65535;
	params.decompand.y[1] = 32768;
	params.decompand.y[2] = 131070;

	/* Exposures of a quarter each. */
	params.merge = { params.merge.header, { 1024, 4096, 16384 }, 2048, 90000, 1000, 6554, 2048, {} };
	params.merge.header.flags = kEnable;
	params.range.header.flags = kEnable;
	setRange(&params.range, 20000, 400000);

	/* Three times the noise of a sensor with shot noise of 0.6 v + 400. */
	params.rawNr.header.flags = kEnable;
	params.rawNr.strength = 3641;
	setNoiseModel(&params.rawNr, 0.6, 400, 3);

	/* Red 0.1 % larger, blue 0.1 % smaller than green, at most 3 pixels. */
	params.cac.header.flags = kEnable;
	for (int i = 0; i < FOVEA_ISP_CAC_NODES; ++i) {
		const int16_t x = static_cast<int16_t>((i % FOVEA_ISP_CAC_NODES_X - 4) * 120);
		const int16_t y = static_cast<int16_t>((i / FOVEA_ISP_CAC_NODES_X - 4) * 80);
		params.cac.r[i] = { x, y };
		params.cac.b[i] = { static_cast<int16_t>(-x), static_cast<int16_t>(-y) };
	}

	params.rowStats.header.flags = kEnable;
	params.toneStats.header.flags = kEnable;

	/* Barrel distortion of some pixels. */
	params.dewarp.header.flags = kEnable;
	for (int y = 0; y < FOVEA_ISP_DEWARP_NODES_Y; ++y) {
		for (int x = 0; x < FOVEA_ISP_DEWARP_NODES_X; ++x) {
			const int square = (x - 16) * (x - 16) + (y - 12) * (y - 12);
			params.dewarp.dx[y][x] = static_cast<int16_t>((x - 16) * square / 60);
			params.dewarp.dy[y][x] = static_cast<int16_t>((y - 12) * square / 60);
		}
	}

	params.temporalNr.header.flags = kEnable;
	params.temporalNr.weight = 6554;
	params.temporalNr.threshold_luma = params.temporalNr.threshold_chroma = 40;
	params.temporalNr.slope = 500;

	return params;
}

void setRange(fovea_isp_range *range, double start, double white)
{
	const double top = 65535;
	for (unsigned int i = 0; i < FOVEA_ISP_RANGE_POINTS; ++i) {
		const double v = rangeInput(i);
		const double compressed = v <= start ? v : start + (top - start) * log(v / start) / log(white / start);
		range->gain[i] = static_cast<uint16_t>(lround(16384 * std::min(compressed, top) / v));
	}
}

void setNoiseModel(fovea_isp_raw_nr *nr, double a, double b, double factor)
{
	const double at[FOVEA_ISP_RAW_NR_LINES] = { 0.25 * b / a, 2 * b / a, 2000, 8000 };
	for (unsigned int i = 0; i < FOVEA_ISP_RAW_NR_LINES; ++i) {
		const double sigma = sqrt(a * at[i] + b);
		const double slope = a / (2 * sigma);
		nr->offset[i] = static_cast<uint16_t>(std::clamp(lround(factor * (sigma - slope * at[i])), 0L, 4095L));
		nr->slope[i] = static_cast<uint16_t>(std::clamp(lround(factor * slope * 65536), 0L, 65535L));
	}
}

void setGamma(fovea_isp_gamma *gamma, const std::function<double(double)> &curve)
{
	for (unsigned int i = 0; i < FOVEA_ISP_GAMMA_POINTS; ++i)
		gamma->y[i] = static_cast<uint16_t>(lround(4095 * curve(gammaInput(i) / 16384.0)));
}

OutputFormat makeOutput(const Rectangle &crop, const Size &size, PixelFormat format)
{
	return { size, format, size.width * bytesPerPixel(format), crop };
}

} /* namespace fovea::isp::test */
