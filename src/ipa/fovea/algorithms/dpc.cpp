/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Defect pixels
 */

#include "dpc.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include <libcamera/base/log.h>

/**
 * \file dpc.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaDefectPixels)

namespace ipa::fovea::algorithms {

namespace {

/* Where the tuning has none: standard deviations, and part of the sensor's range. */
constexpr double kDefaultThreshold = 3.0;
constexpr double kDefaultFloor = 0.005;

/* The signal whose noise counts, as part of the range: a light grey. */
constexpr double kReferenceSignal = 0.25;

/* Largest threshold of the block, and the sensor's range in its units. */
constexpr double kMaxThreshold = 16383.0;
constexpr double kLinearRange = 16384.0;

} /* namespace */

/**
 * \class DefectPixels
 * \brief Defects that the tuning file lists, and those that show in the frame
 *
 * A sample that rises above all its neighbours, or falls below them, by more than
 * noise does is a defect: the threshold is a multiple of the noise's standard deviation
 * at the gain of the frame, plus a floor that spares details of single pixels.
 *
 * Clusters, and defects at the side of edges, are found only by the list. It has
 * pixels of the array; the crop, the binning and the flips of the mode decide where they
 * lie in the frame. Where a mode shows more of them than the block takes, those count
 * that come first in the file.
 */

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int DefectPixels::init([[maybe_unused]] IPAContext &context, const ValueNode &tuningData)
{
	threshold_ = tuningData["threshold"].get<double>(kDefaultThreshold);
	floor_ = tuningData["floor"].get<double>(kDefaultFloor);

	for (const auto &entry : tuningData["defects"].asList()) {
		auto place = entry.get<std::vector<uint16_t>>();
		if (!place || place->size() != 2)
			return -EINVAL;
		known_.push_back({ (*place)[0], (*place)[1] });
	}

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int DefectPixels::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	auto before = [](const fovea_isp_defect &a, const fovea_isp_defect &b) {
		return std::tie(a.y, a.x) < std::tie(b.y, b.x);
	};

	listed_.clear();
	size_t left = 0;
	for (const auto &[x, y] : known_) {
		std::optional<Point> pixel = context.configuration.sensor.geometry.pixelOf(x, y);
		if (!pixel)
			continue;

		const fovea_isp_defect defect{ static_cast<uint16_t>(pixel->x),
					       static_cast<uint16_t>(pixel->y) };
		auto place = std::lower_bound(listed_.begin(), listed_.end(), defect, before);
		if (place != listed_.end() && !before(defect, *place))
			continue;
		if (listed_.size() < FOVEA_ISP_DPC_DEFECTS)
			listed_.insert(place, defect);
		else
			left++;
	}

	if (left)
		LOG(FoveaDefectPixels, Warning)
			<< "This mode shows " << left + listed_.size() << " of the listed defects, "
			<< "the first " << FOVEA_ISP_DPC_DEFECTS << " are corrected";

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void DefectPixels::prepare(IPAContext &context, [[maybe_unused]] const uint32_t frame,
			   IPAFrameContext &frameContext, FoveaParams *params)
{
	const double noise = context.noise.deviation(kReferenceSignal, frameContext.sensorGain);
	/* With HDR the sensor's range is a part of the linear range. */
	const auto &hdr = context.configuration.hdr;
	const double range = kLinearRange * (hdr.enabled ? hdr.scale : 1.0);
	const double threshold = std::min((threshold_ * noise + floor_) * range, kMaxThreshold);

	auto block = params->block<BlockType::Dpc>();
	block.setEnabled(true);
	block->hot = static_cast<uint16_t>(std::lround(threshold));
	block->cold = block->hot;
	block->count = static_cast<uint16_t>(listed_.size());
	std::copy(listed_.begin(), listed_.end(), block->defects);
}

REGISTER_IPA_ALGORITHM(DefectPixels, "DefectPixels")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
