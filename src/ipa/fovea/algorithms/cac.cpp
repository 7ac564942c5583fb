/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Chromatic aberration
 */

#include "cac.h"

#include <algorithm>
#include <cmath>
#include <stdint.h>

/**
 * \file cac.h
 */

namespace libcamera {

namespace ipa::fovea::algorithms {

namespace {

/* 1.0 of the Q8.8 of a shift. */
constexpr double kOne = 256.0;

int16_t code(double pixels)
{
	constexpr double kMax = FOVEA_ISP_CAC_SHIFT_MAX;
	return static_cast<int16_t>(std::lround(std::clamp(pixels * kOne, -kMax, kMax)));
}

/* The middle of the quad of a node, see struct fovea_isp_cac. */
double nodePosition(unsigned int node, unsigned int size)
{
	return 2 * (node * (size / 2) / (FOVEA_ISP_CAC_NODES_X - 1)) + 1;
}

} /* namespace */

/**
 * \class ChromaticAberration
 * \brief Bring red and blue to where the lens images green
 *
 * The lens is round, so that a colour is shifted along the radius, by r (k1 + k2 r^2 +
 * ...), where r is the distance from the optical centre in half diagonals of the active
 * area. The tuning file has this for red and blue in pixels of the array.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int ChromaticAberration::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	auto centre = tuningData["centre"].get<std::vector<double>>();
	if (centre && centre->size() == 2)
		centre_ = ArrayPlace{ (*centre)[0], (*centre)[1] };

	red_ = tuningData["red"].get<Polynomial>().value_or(Polynomial{});
	blue_ = tuningData["blue"].get<Polynomial>().value_or(Polynomial{});

	return 0;
}

/* Where a colour lies at a node, in pixels of the frame. */
fovea_isp_cac_shift ChromaticAberration::shift(const FrameGeometry &geometry,
					       const Polynomial &polynomial,
					       unsigned int node) const
{
	const unsigned int column = node % FOVEA_ISP_CAC_NODES_X;
	const unsigned int row = node / FOVEA_ISP_CAC_NODES_X;
	const ArrayPlace place = geometry.toArray(nodePosition(column, geometry.size().width),
						  nodePosition(row, geometry.size().height));
	const ArrayPlace centre = centre_.value_or(geometry.centre());
	const double x = (place.x - centre.x) / geometry.halfDiagonal();
	const double y = (place.y - centre.y) / geometry.halfDiagonal();
	const double r2 = x * x + y * y;

	double magnification = 0;
	for (auto k = polynomial.rbegin(); k != polynomial.rend(); k++)
		magnification = magnification * r2 + *k;

	return { code(x * magnification / geometry.scaleX()),
		 code(y * magnification / geometry.scaleY()) };
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int ChromaticAberration::configure(IPAContext &context,
				   [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const FrameGeometry &geometry = context.configuration.sensor.geometry;

	for (unsigned int node = 0; node < FOVEA_ISP_CAC_NODES; node++) {
		mesh_.r[node] = shift(geometry, red_, node);
		mesh_.b[node] = shift(geometry, blue_, node);
	}

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void ChromaticAberration::prepare([[maybe_unused]] IPAContext &context,
				  [[maybe_unused]] const uint32_t frame,
				  [[maybe_unused]] IPAFrameContext &frameContext,
				  FoveaParams *params)
{
	auto block = params->block<BlockType::Cac>();
	block.setEnabled(true);

	std::copy(std::begin(mesh_.r), std::end(mesh_.r), block->r);
	std::copy(std::begin(mesh_.b), std::end(mesh_.b), block->b);
}

REGISTER_IPA_ALGORITHM(ChromaticAberration, "ChromaticAberration")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
