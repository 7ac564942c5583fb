/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Automatic white balance
 */

#include "awb.h"

#include <algorithm>
#include <cmath>

#include <libcamera/base/log.h>

#include <libipa/awb_bayes.h>
#include <libipa/awb_grey.h>

#include "awb_zones.h"

/**
 * \file awb.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaAwb)

namespace ipa::fovea::algorithms {

namespace {

/* Range of the ColourTemperature control and what holds before statistics. */
constexpr int32_t kMinTemperature = 2000;
constexpr int32_t kMaxTemperature = 10000;
constexpr int32_t kDefaultTemperature = 5000;

/* Range of a colour gain; the block takes up to 15.9998, digital gain included. */
constexpr float kMinGain = 0.1f;
constexpr float kMaxGain = 8.0f;

/* Range and 1.0 of the UQ4.12 of the white-balance block. */
constexpr double kMaxCode = 65535.0;
constexpr double kOne = 4096.0;

/* Part of the new result that a frame takes over, in the absence of a tuning. */
constexpr double kDefaultSpeed = 0.25;

/* Frames with statistics that are followed at once, after configure(). */
constexpr unsigned int kStartupFrames = 10;

/* Largest colour error of a zone, and distance of grey-world from the curve. */
constexpr double kDefaultErrorLimit = 0.15;
constexpr double kDefaultTransverse = 0.03;

/* Thresholds of the statistics as parts of saturation. */
constexpr double kSaturated = 0.95;
constexpr double kDark = 0.003;

} /* namespace */

/**
 * \class Awb
 * \brief Automatic white balance with libipa's algorithms
 *
 * "bayes" (libipa's AwbBayes) searches the curve of the tuning file for the
 * colour temperature under which most zones are grey. A zone adds no more than
 * the error limit, so that coloured zones do not vote. "grey" (AwbGrey) makes
 * the mean of the zones grey and is held near the curve, if there is one.
 *
 * Results are smoothed with a first-order low-pass: a frame takes over the part
 * "speed" (0.25 unless tuned), so 90 % of a change needs 9 frames at 0.25. The
 * first ten results since configure() are followed at once.
 */

Awb::Awb()
	: grey_(true), errorLimit_(kDefaultErrorLimit), transverse_(kDefaultTransverse),
	  speed_(kDefaultSpeed)
{
}

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Awb::init(IPAContext &context, const ValueNode &tuningData)
{
	errorLimit_ = tuningData["errorLimit"].get<double>(kDefaultErrorLimit);
	transverse_ = std::max(tuningData["transversePos"].get<double>(kDefaultTransverse),
			       tuningData["transverseNeg"].get<double>(kDefaultTransverse));
	speed_ = tuningData["speed"].get<double>(kDefaultSpeed);

	int ret = curve_.init(tuningData["colourGains"]);
	if (ret)
		return ret;

	ret = createAlgorithm(tuningData);
	if (ret)
		return ret;

	ControlInfoMap::Map &map = context.ctrlMap;
	map[&controls::AwbEnable] = ControlInfo(false, true, true);
	map[&controls::ColourGains] = ControlInfo(kMinGain, kMaxGain,
						  Span<const float, 2>{ { 1.0f, 1.0f } });
	if (!curve_.empty())
		map[&controls::ColourTemperature] =
			ControlInfo(kMinTemperature, kMaxTemperature, kDefaultTemperature);

	for (const auto &[id, info] : algorithm_->controls())
		map[id] = info;

	return 0;
}

int Awb::createAlgorithm(const ValueNode &tuningData)
{
	grey_ = tuningData["algorithm"].get<std::string>("grey") != "bayes";

	if (grey_) {
		algorithm_ = std::make_unique<AwbGrey>();
		/* Without a curve libipa would warn of what is no fault here. */
		return curve_.empty() ? 0 : algorithm_->init(tuningData);
	}

	if (curve_.empty() || !tuningData["AwbMode"] || !tuningData["priors"]) {
		LOG(FoveaAwb, Error)
			<< "Awb algorithm 'bayes' needs colourGains, AwbMode and priors;"
			<< " add them to the tuning file or set algorithm to 'grey'";
		return -EINVAL;
	}

	algorithm_ = std::make_unique<AwbBayes>();

	return algorithm_->init(tuningData);
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Awb::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	WhiteBalanceResult initial{ RGB<double>(1.0), kDefaultTemperature };
	if (!curve_.empty())
		initial.gains = curve_.gains(kDefaultTemperature);

	context.activeState.results.awb = initial;
	context.activeState.controls.awb = { true, controls::AwbAuto, initial };
	context.activeState.filters.awbFrames = 0;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void Awb::queueRequest(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		       IPAFrameContext &frameContext, const ControlList &controls)
{
	AwbControls &awb = context.activeState.controls.awb;

	awb.automatic = controls.get(controls::AwbEnable).value_or(awb.automatic);

	const auto &mode = controls.get(controls::AwbMode);
	if (mode && hasMode(*mode))
		awb.mode = *mode;

	if (!awb.automatic)
		handleManual(awb, controls);

	frameContext.awb = awb;
}

/* Tell whether the tuning file has the mode. */
bool Awb::hasMode(int32_t mode) const
{
	auto it = algorithm_->controls().find(&controls::AwbMode);
	if (it == algorithm_->controls().end())
		return false;

	const std::vector<ControlValue> &values = it->second.values();
	return std::any_of(values.begin(), values.end(), [mode](const ControlValue &value) {
		return value.get<int32_t>() == mode;
	});
}

/* Gains win over a temperature; their temperature is the nearest of the curve. */
void Awb::handleManual(AwbControls &awb, const ControlList &controls)
{
	const auto &gains = controls.get(controls::ColourGains);
	const auto &temperature = controls.get(controls::ColourTemperature);

	if (gains && std::isfinite((*gains)[0]) && std::isfinite((*gains)[1])) {
		awb.manual.gains = RGB<double>{ { std::clamp((*gains)[0], kMinGain, kMaxGain), 1.0,
						  std::clamp((*gains)[1], kMinGain, kMaxGain) } };
		if (!curve_.empty())
			awb.manual.temperature = curve_.nearest(awb.manual.gains).temperature;
	} else if (temperature && !curve_.empty()) {
		awb.manual.temperature = std::clamp(*temperature, kMinTemperature, kMaxTemperature);
		awb.manual.gains = curve_.gains(awb.manual.temperature);
	}
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Awb::prepare(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext, FoveaParams *params)
{
	frameContext.applied.awb = frameContext.whiteBalance();
	frameContext.applied.digitalGain = frameContext.digitalGain();
	writeGains(context, frameContext, params);

	const double saturation = context.configuration.blackLevel.saturation;
	auto block = params->block<BlockType::AwbStats>();
	block.setEnabled(true);
	block->saturation = std::lround(saturation * kSaturated);
	block->dark = std::lround(saturation * kDark);
}

/**
 * \brief Write the white-balance block
 *
 * The block also applies the digital gain and stretches the range that the
 * black level has left to the full working range. No channel's gain is below
 * that stretch: a saturated sample then becomes the largest value in every
 * channel, and highlights stay neutral. Where the largest gain would leave the
 * range of the block all are reduced, because colour matters more than light.
 */
void Awb::writeGains(const IPAContext &context, IPAFrameContext &frameContext,
		     FoveaParams *params) const
{
	const RGB<double> &gains = frameContext.applied.awb.gains;
	const double smallest = std::min({ gains.r(), gains.g(), gains.b() });
	const double stretch = kLinearMax / context.configuration.blackLevel.saturation;
	const double largest = std::max({ gains.r(), gains.g(), gains.b() });
	const double scale = std::min(frameContext.applied.digitalGain * stretch /
					      std::min(smallest, 1.0),
				      kMaxCode / kOne / largest);

	frameContext.applied.gains = gains * scale;

	auto code = [scale](double gain) {
		return static_cast<uint16_t>(std::lround(
			std::clamp(gain * scale * kOne, 0.0, kMaxCode)));
	};

	auto block = params->block<BlockType::WbGains>();
	block.setEnabled(true);
	block->r = code(gains.r());
	block->gr = code(gains.g());
	block->gb = code(gains.g());
	block->b = code(gains.b());
}

/* What the statistics say, or nothing if they do not suffice. */
std::optional<WhiteBalanceResult> Awb::measure(IPAContext &context,
					       const fovea_isp_stats_buffer &stats,
					       const IPAFrameContext &frameContext)
{
	const IPAResults &results = context.activeState.results;
	AwbZones zones(stats, errorLimit_, context.shading.awbZones, results.awb.temperature);
	if (!zones.sufficient())
		return {};

	/* The mode belongs to the frame, so it is set anew for each. */
	ControlList mode(controls::controls);
	mode.set(controls::AwbMode, frameContext.awb.mode);
	algorithm_->handleControls(mode);

	const AwbResult found = algorithm_->calculateAwb(zones, std::lround(results.lux));
	WhiteBalanceResult result{ found.gains, found.colourTemperature };

	if (grey_) {
		result.temperature = kDefaultTemperature;
		if (!curve_.empty())
			result = curve_.limit(found.gains, transverse_);
	}

	if (!std::isfinite(result.gains.r()) || !std::isfinite(result.gains.b()) ||
	    !std::isfinite(result.temperature))
		return {};

	result.gains = result.gains.max(kMinGain).min(kMaxGain);

	return result;
}

void Awb::filter(WhiteBalanceResult &result, unsigned int &frames,
		 const WhiteBalanceResult &measured) const
{
	const double speed = frames < kStartupFrames ? 1.0 : speed_;

	frames = std::min(frames + 1, kStartupFrames);
	result.gains = measured.gains * speed + result.gains * (1.0 - speed);
	result.temperature = measured.temperature * speed + result.temperature * (1.0 - speed);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Awb::process(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext,
		  const fovea_isp_stats_buffer *stats, ControlList &metadata)
{
	const WhiteBalanceResult &applied = frameContext.applied.awb;
	metadata.set(controls::AwbEnable, frameContext.awb.automatic);
	metadata.set(controls::ColourGains, Span<const float, 2>{ { static_cast<float>(applied.gains.r()), static_cast<float>(applied.gains.b()) } });
	metadata.set(controls::ColourTemperature,
		     static_cast<int32_t>(std::lround(applied.temperature)));

	if (!stats || !(stats->flags & FOVEA_ISP_STATS_FL_AWB))
		return;

	IPAResults &results = context.activeState.results;
	std::optional<WhiteBalanceResult> measured = measure(context, *stats, frameContext);
	if (measured)
		filter(results.awb, context.activeState.filters.awbFrames, *measured);
}

REGISTER_IPA_ALGORITHM(Awb, "Awb")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
