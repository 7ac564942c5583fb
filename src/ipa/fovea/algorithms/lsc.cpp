/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading
 */

#include "lsc.h"

#include <algorithm>

#include <libcamera/base/log.h>

/**
 * \file lsc.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaLensShading)

namespace ipa::fovea::algorithms {

namespace {

/* Range and 1.0 of the UQ4.12 of the mesh. */
constexpr float kOne = 4096.0f;
constexpr float kMaxCode = 65535.0f;

/* The array's place of the middle of a zone, see struct fovea_isp_zone_geometry. */
ShadingGrid::Places zonePlaces(const FrameGeometry &geometry, unsigned int columns,
			       unsigned int rows)
{
	const double width = static_cast<double>(geometry.size().width) / columns;
	const double height = static_cast<double>(geometry.size().height) / rows;

	return [=, &geometry](unsigned int column, unsigned int row) {
		return geometry.toArray((column + 0.5) * width, (row + 0.5) * height);
	};
}

/* The middle of the first quad of a cell, see struct fovea_isp_lsc. */
double nodePosition(unsigned int node, unsigned int size)
{
	return 2 * (node * (size / 2) / (FOVEA_ISP_LSC_NODES_X - 1)) + 1;
}

void writeNodes(const float *gains, uint16_t *nodes)
{
	for (unsigned int i = 0; i < FOVEA_ISP_LSC_NODES; i++)
		nodes[i] = static_cast<uint16_t>(std::clamp(gains[i] * kOne + 0.5f, 0.0f, kMaxCode));
}

} /* namespace */

/**
 * \class LensShading
 * \brief Even out what the lens takes from the corners, by colour
 *
 * The gains of the tuning file are put on the mesh of the block for the crop, the
 * binning and the flips of the sensor's mode, and follow the colour temperature of
 * the frame, as far as the file has tables of several.
 *
 * The statistics lie in front of the block: exposure and white balance get the gains
 * at their zones through the context, so that they see the picture that comes out.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int LensShading::init(IPAContext &context, const ValueNode &tuningData)
{
	int ret = shading_.init(tuningData);
	if (ret) {
		LOG(FoveaLensShading, Error) << "Failed to read 'tables'";
		return ret;
	}

	context.ctrlMap[&controls::LensShadingCorrectionEnable] = ControlInfo(false, true, true);

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int LensShading::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const FrameGeometry &geometry = context.configuration.sensor.geometry;
	const Size &size = geometry.size();

	mesh_.build(shading_, geometry, FOVEA_ISP_LSC_NODES_X, FOVEA_ISP_LSC_NODES_Y,
		    [&](unsigned int column, unsigned int row) {
			    return geometry.toArray(nodePosition(column, size.width),
						    nodePosition(row, size.height));
		    });
	context.shading.awbZones.build(shading_, geometry, FOVEA_ISP_AWB_ZONES_X,
				       FOVEA_ISP_AWB_ZONES_Y,
				       zonePlaces(geometry, FOVEA_ISP_AWB_ZONES_X,
						  FOVEA_ISP_AWB_ZONES_Y));
	context.shading.aeZones.build(shading_, geometry, FOVEA_ISP_AE_ZONES_X,
				      FOVEA_ISP_AE_ZONES_Y,
				      zonePlaces(geometry, FOVEA_ISP_AE_ZONES_X,
						 FOVEA_ISP_AE_ZONES_Y));

	context.activeState.controls.lensShading = true;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void LensShading::queueRequest(IPAContext &context, [[maybe_unused]] const uint32_t frame,
			       IPAFrameContext &frameContext, const ControlList &controls)
{
	bool &enabled = context.activeState.controls.lensShading;

	enabled = controls.get(controls::LensShadingCorrectionEnable).value_or(enabled);
	frameContext.lensShading = enabled;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void LensShading::prepare([[maybe_unused]] IPAContext &context,
			  [[maybe_unused]] const uint32_t frame,
			  IPAFrameContext &frameContext, FoveaParams *params)
{
	auto block = params->block<BlockType::Lsc>();
	block.setEnabled(frameContext.lensShading);

	const std::vector<float> &gains = mesh_.at(frameContext.whiteBalance().temperature);
	writeNodes(&gains[0], block->r);
	writeNodes(&gains[FOVEA_ISP_LSC_NODES], block->gr);
	writeNodes(&gains[2 * FOVEA_ISP_LSC_NODES], block->gb);
	writeNodes(&gains[3 * FOVEA_ISP_LSC_NODES], block->b);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void LensShading::process([[maybe_unused]] IPAContext &context,
			  [[maybe_unused]] const uint32_t frame,
			  IPAFrameContext &frameContext,
			  [[maybe_unused]] const fovea_isp_stats_buffer *stats,
			  ControlList &metadata)
{
	metadata.set(controls::LensShadingCorrectionEnable, frameContext.lensShading);
}

REGISTER_IPA_ALGORITHM(LensShading, "LensShading")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
