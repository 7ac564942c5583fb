/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The whole ISP in its scalar references
 */

#include "reference.h"

#include "ae_stats.h"
#include "af_stats.h"
#include "awb_stats.h"
#include "black_level.h"
#include "cac.h"
#include "ccm.h"
#include "chroma_nr.h"
#include "csc.h"
#include "demosaic.h"
#include "dewarp.h"
#include "dpc.h"
#include "gamma.h"
#include "local_tone.h"
#include "linear_rows.h"
#include "lsc.h"
#include "lut3d.h"
#include "pack.h"
#include "raw_nr.h"
#include "row_stats.h"
#include "rgb_finish.h"
#include "scaler.h"
#include "sharpen.h"
#include "tone_stats.h"
#include "unpack.h"

namespace fovea::isp {

namespace {

/* A plane of full size, in which all pixels of a quad have its chroma. */
Plane spreadChroma(const Plane &chroma)
{
	Plane out(2 * chroma.width, 2 * chroma.height);

	for (unsigned int y = 0; y < out.height; ++y) {
		for (unsigned int x = 0; x < out.width; ++x)
			out.row(y)[x] = chroma.row(y / 2)[x / 2];
	}

	return out;
}

/*
 * Scale and pack one output: of @ycbcr, whose chroma has a sample for each quad, or of
 * @rgb.
 */
void writeOutput(const OutputFormat &format, const Planes &ycbcr, const Planes &rgb, uint8_t *out)
{
	Planes scaled;
	for (unsigned int i = 0; i < 3; ++i) {
		if (isRgb(format.format)) {
			scaleReference(rgb[i], format.crop, format.size, &scaled[i]);
		} else if (i == 0) {
			scaleReference(ycbcr[0], format.crop, format.size, &scaled[0]);
		} else if (quartersChroma(format.format)) {
			Plane chroma;
			scaleChromaReference(ycbcr[i], format.crop, { format.size.width / 2, format.size.height / 2 }, &chroma);
			scaled[i] = spreadChroma(chroma);
		} else {
			scaleReference(spreadChroma(ycbcr[i]), format.crop, format.size, &scaled[i]);
		}
	}

	packReference(format.format, scaled, format.stride, out);
}

void takeStatistics(const Params &params, BayerOrder order, const Plane &mosaic,
		    fovea_isp_stats_buffer *stats)
{
	const uint32_t sequence = stats->sequence;
	*stats = {};
	stats->version = FOVEA_ISP_STATS_VERSION_2;
	stats->sequence = sequence;
	aeStatsReference(params.aeStats, order, mosaic, stats);
	awbStatsReference(params.awbStats, order, mosaic, stats);
	afStatsReference(params.afStats, order, mosaic, stats);
	rowStatsReference(params.rowStats, order, mosaic, stats);
	toneStatsReference(params.toneStats, order, mosaic, stats);
}

} /* namespace */

/**
 * Process a frame with the scalar references of all blocks
 *
 * This is the definition of the whole ISP; Isp::process() gives the same bits.
 * The parameters and errors are those of Isp::configure() and Isp::process(); @state
 * is what an Isp keeps from frame to frame, null for a first frame.
 */
int processReference(const Configuration &configuration, std::span<const uint8_t> raw,
		     const Params &params, std::span<const std::span<uint8_t>> outputs,
		     fovea_isp_stats_buffer *stats, TemporalState *state)
{
	int ret = validateConfiguration(configuration, nullptr);
	if (ret < 0)
		return ret;

	ret = validateBuffers(configuration, raw, outputs);
	if (ret < 0)
		return ret;

	const BayerOrder order = configuration.input.order;

	Plane mosaic;
	if (usesLinearRange(configuration.input, params)) {
		linearRangeReference(configuration.input, raw, params, &mosaic);
	} else {
		unpackReference(configuration.input, raw, &mosaic);
		blackLevelReference(params.blackLevel, order, &mosaic);
	}
	listedDefectsReference(params.dpc, &mosaic);

	if (stats)
		takeStatistics(params, order, mosaic, stats);

	if (std::all_of(outputs.begin(), outputs.end(), [](std::span<uint8_t> out) { return out.empty(); }))
		return 0;

	dpcReference(params.dpc, &mosaic);
	rawNrReference(params.rawNr, &mosaic);
	gainsReference(GainMesh(params.lsc, params.wbGains), order, &mosaic);
	cacReference(params.cac, order, &mosaic);

	ColourDifferences differences;
	demosaicReference(mosaic, order, params.demosaic, &differences);
	Planes rgb;
	ccmReference(params.ccm, differences, &rgb);
	localToneReference(params.localTone, &rgb);
	gammaReference(params.gamma, &rgb);
	lut3dReference(params.lut3d, &rgb);

	Planes ycbcr;
	cscReference(params.csc, rgb, &ycbcr);
	const Planes converted = ycbcr;
	TemporalState none;
	temporalNrReference(params.temporalNr, state ? state : &none, &ycbcr);
	chromaNrReference(params.chromaNr, &ycbcr[1]);
	chromaNrReference(params.chromaNr, &ycbcr[2]);
	sharpenReference(params.sharpen, &ycbcr[0]);
	rgbFinishReference(params.csc, converted, ycbcr, &rgb);
	dewarpReference(params.dewarp, &ycbcr, &rgb);
	for (size_t i = 0; i < outputs.size(); ++i) {
		const OutputFormat &format = configuration.outputs[i];
		if (outputs[i].empty())
			continue;
		writeOutput(format, ycbcr, rgb, outputs[i].data());
	}

	return 0;
}

} /* namespace fovea::isp */
