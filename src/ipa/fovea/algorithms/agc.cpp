/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Automatic exposure and gain
 */

#include "agc.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include <libcamera/base/log.h>

#include "sensor_settings.h"

/**
 * \file agc.h
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaAgc)

using namespace std::literals::chrono_literals;

namespace ipa::fovea::algorithms {

namespace {

/* Largest digital gain and speed of the filter where the tuning has none. */
constexpr double kDefaultMaxDigitalGain = 4.0;
constexpr double kDefaultSpeed = 0.3;

/* Frames with statistics that are followed at once, after configure(). */
constexpr unsigned int kStartupFrames = 10;

/*
 * Errors in stops: from the first on the filter is left out, below the second
 * the exposure counts as converged, and below the third it is left alone, so
 * that noise does not move it.
 */
constexpr double kFastError = 0.5;
constexpr double kConvergedError = 0.1;
constexpr double kHoldError = 0.02;

/* Largest change in one step, in stops: more than that is noise in the dark. */
constexpr double kMaxStep = 8.0;

/*
 * A picture is too bright to be measured when this share of it is clipped and
 * its luminance passes the target by this factor. The true exposure is then
 * taken to lie the higher the more is clipped, up to so many stops.
 */
constexpr double kClippedShare = 0.25;
constexpr double kClippedLuminance = 1.25;
constexpr double kClippedStops = 4.0;

/* Range of the ExposureValue control in stops. */
constexpr float kMaxExposureValue = 8.0f;

/* The modes that hold before the application sets others. */
constexpr int32_t kDefaultConstraintMode = controls::ConstraintNormal;
constexpr int32_t kDefaultExposureMode = controls::ExposureNormal;

} /* namespace */

/**
 * \class Agc
 * \brief Automatic exposure and gain
 *
 * libipa's AgcMeanLuminance finds the exposure that a frame should have had, and
 * its ExposureModeHelper splits it into time and gain. Two things are added,
 * because a sensor with a control delay of two frames answers only in every
 * fourth frame, and AE has to settle within 15 frames from 6 stops off:
 *
 * - The filter is ours. Each result is absolute (the exposure that the measured
 *   frame had, times a factor), so large errors can be corrected at once
 *   without the loop becoming unstable; small ones are smoothed.
 * - Where most of the frame is clipped the mean says nothing, and the default
 *   constraint (the brightest 2 % at half the range) halves the exposure at
 *   best. The exposure of such a frame is taken to be higher than it says, by
 *   the share that is clipped.
 *
 * What the sensor cannot do is left to a digital gain, which the white-balance
 * block applies.
 */

Agc::Agc()
	: maxDigitalGain_(kDefaultMaxDigitalGain), speed_(kDefaultSpeed),
	  statistics_(nullptr), weights_(nullptr)
{
}

/**
 * \copydoc libcamera::ipa::Algorithm::init
 */
int Agc::init(IPAContext &context, const ValueNode &tuningData)
{
	maxDigitalGain_ = tuningData["maxDigitalGain"].get<double>(kDefaultMaxDigitalGain);
	speed_ = tuningData["speed"].get<double>(kDefaultSpeed);

	int ret = parseTuningData(tuningData);
	if (ret)
		return ret;

	parseMeteringModes(tuningData["AeMeteringMode"]);
	addControls(context);

	return 0;
}

/* Read the weights of the metering modes; all weights 1 where there are none. */
void Agc::parseMeteringModes(const ValueNode &tuningData)
{
	if (tuningData.isDictionary()) {
		for (const auto &[name, node] : tuningData.asDict()) {
			auto mode = controls::AeMeteringModeNameValueMap.find(name);
			auto weights = node.get<std::vector<uint8_t>>();
			if (mode != controls::AeMeteringModeNameValueMap.end() &&
			    weights && weights->size() == FOVEA_ISP_AE_ZONES)
				meteringModes_[mode->second] = *weights;
		}
	}

	if (meteringModes_.empty())
		meteringModes_[controls::MeteringMatrix] =
			std::vector<uint8_t>(FOVEA_ISP_AE_ZONES, 1);
}

void Agc::addControls(IPAContext &context)
{
	std::vector<ControlValue> meteringModes;
	for (const auto &[mode, weights] : meteringModes_)
		meteringModes.push_back(ControlValue(mode));

	ControlInfoMap::Map &map = context.ctrlMap;
	map[&controls::AeEnable] = ControlInfo(false, true, true);
	map[&controls::ExposureTimeMode] =
		ControlInfo({ { ControlValue(controls::ExposureTimeModeAuto),
				ControlValue(controls::ExposureTimeModeManual) } },
			    ControlValue(controls::ExposureTimeModeAuto));
	map[&controls::AnalogueGainMode] =
		ControlInfo({ { ControlValue(controls::AnalogueGainModeAuto),
				ControlValue(controls::AnalogueGainModeManual) } },
			    ControlValue(controls::AnalogueGainModeAuto));
	map[&controls::ExposureValue] = ControlInfo(-kMaxExposureValue, kMaxExposureValue, 0.0f);
	map[&controls::AeMeteringMode] = ControlInfo(meteringModes);

	for (const auto &[id, info] : AgcMeanLuminance::controls())
		map[id] = info;
}

/**
 * \copydoc libcamera::ipa::Algorithm::configure
 */
int Agc::configure(IPAContext &context, [[maybe_unused]] const IPAConfigInfo &configInfo)
{
	const auto &sensor = context.configuration.sensor;
	const utils::Duration frameDuration =
		(sensor.size.height + sensor.defVBlank) * sensor.lineDuration;

	AgcControls &agc = context.activeState.controls.agc;
	agc.autoExposure = true;
	agc.autoGain = true;
	agc.exposure.reset();
	agc.gain.reset();
	agc.meteringMode = meteringModes_.begin()->first;
	agc.constraintMode = kDefaultConstraintMode;
	agc.exposureMode = kDefaultExposureMode;
	agc.exposureValue = 0.0;
	agc.minFrameDuration = frameDuration;
	agc.maxFrameDuration = frameDuration;
	agc.frameDurationLimited = false;

	AgcMeanLuminance::configure(sensor.lineDuration, context.camHelper.get());

	const ExposureResult &initial = context.activeState.results.agc;
	context.activeState.filters.exposure = initial.exposure * sensor.lineDuration *
					       initial.gain;
	context.activeState.filters.exposureFrames = 0;

	return 0;
}

/**
 * \copydoc libcamera::ipa::Algorithm::queueRequest
 */
void Agc::queueRequest(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		       IPAFrameContext &frameContext, const ControlList &controls)
{
	const auto &sensor = context.configuration.sensor;
	AgcControls &agc = context.activeState.controls.agc;

	handleModes(agc, controls);
	handleDurations(context, agc, controls);

	const auto &exposure = controls.get(controls::ExposureTime);
	if (exposure && !agc.autoExposure) {
		const double lines = std::round(*exposure * 1.0us / sensor.lineDuration);
		agc.exposure = std::clamp<double>(lines, sensor.minExposure,
						  sensor.size.height + sensor.maxVBlank);
	}

	const auto &gain = controls.get(controls::AnalogueGain);
	if (gain && !agc.autoGain && std::isfinite(*gain))
		agc.gain = std::clamp<double>(*gain, sensor.minGain, sensor.maxGain);

	const auto &exposureValue = controls.get(controls::ExposureValue);
	if (exposureValue && std::isfinite(*exposureValue))
		agc.exposureValue = std::clamp(*exposureValue, -kMaxExposureValue,
					       kMaxExposureValue);

	const auto &meteringMode = controls.get(controls::AeMeteringMode);
	if (meteringMode && meteringModes_.count(*meteringMode))
		agc.meteringMode = *meteringMode;

	const auto &exposureMode = controls.get(controls::AeExposureMode);
	if (exposureMode && exposureModeHelpers().count(*exposureMode))
		agc.exposureMode = *exposureMode;

	const auto &constraintMode = controls.get(controls::AeConstraintMode);
	if (constraintMode && constraintModes().count(*constraintMode))
		agc.constraintMode = *constraintMode;

	frameContext.agc = agc;
}

/*
 * AeEnable stands for both modes, and one that is given beside it goes first. A
 * switch to manual forgets the value of the last time, so that the exposure or
 * gain stays where it is until a new one is given.
 */
void Agc::handleModes(AgcControls &agc, const ControlList &controls)
{
	bool autoExposure = agc.autoExposure;
	bool autoGain = agc.autoGain;

	const auto &enable = controls.get(controls::AeEnable);
	if (enable)
		autoExposure = autoGain = *enable;

	const auto &exposureMode = controls.get(controls::ExposureTimeMode);
	if (exposureMode)
		autoExposure = *exposureMode == controls::ExposureTimeModeAuto;

	const auto &gainMode = controls.get(controls::AnalogueGainMode);
	if (gainMode)
		autoGain = *gainMode == controls::AnalogueGainModeAuto;

	if (autoExposure != agc.autoExposure)
		agc.exposure.reset();
	if (autoGain != agc.autoGain)
		agc.gain.reset();

	agc.autoExposure = autoExposure;
	agc.autoGain = autoGain;
}

void Agc::handleDurations(IPAContext &context, AgcControls &agc,
			  const ControlList &controls)
{
	const auto &limits = controls.get(controls::FrameDurationLimits);
	if (!limits)
		return;

	const auto &sensor = context.configuration.sensor;
	const utils::Duration shortest =
		(sensor.size.height + sensor.minVBlank) * sensor.lineDuration;
	const utils::Duration longest =
		(sensor.size.height + sensor.maxVBlank) * sensor.lineDuration;

	agc.minFrameDuration = std::clamp<utils::Duration>((*limits)[0] * 1.0us, shortest, longest);
	agc.maxFrameDuration = std::clamp<utils::Duration>((*limits)[1] * 1.0us,
							   agc.minFrameDuration, longest);
	agc.frameDurationLimited = true;
}

/**
 * \copydoc libcamera::ipa::Algorithm::prepare
 */
void Agc::prepare([[maybe_unused]] IPAContext &context,
		  [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext, FoveaParams *params)
{
	auto block = params->block<BlockType::AeStats>();
	block.setEnabled(true);

	const std::vector<uint8_t> &weights = meteringModes_.at(frameContext.agc.meteringMode);
	std::copy(weights.begin(), weights.end(), block->weights);
}

/* Luminance of the frame in work, as AgcMeanLuminance asks for it. */
double Agc::estimateLuminance(double gain) const
{
	return statistics_->luminance(*weights_, colourGains_, gain);
}

/* Tell the exposure modes what the coming frame may use. */
void Agc::applyLimits(const IPAContext &context)
{
	const auto &sensor = context.configuration.sensor;
	const AgcControls &wanted = context.activeState.upcoming;
	const ExposureResult &last = context.activeState.results.agc;

	int32_t minLines = sensor.minExposure;
	int32_t maxLines = maxExposure(context.configuration, wanted.maxFrameDuration);
	if (!wanted.autoExposure)
		minLines = maxLines = wanted.exposure.value_or(last.exposure);

	double minGain = sensor.minGain;
	double maxGain = sensor.maxGain;
	if (!wanted.autoGain)
		minGain = maxGain = wanted.gain.value_or(last.gain);

	setLimits(minLines * sensor.lineDuration, maxLines * sensor.lineDuration,
		  minGain, maxGain, {});
}

/**
 * \brief The exposure that the measured frame should have had
 * \return Time times gain, unfiltered and not limited
 */
utils::Duration Agc::wantedExposure(const IPAContext &context,
				    const IPAFrameContext &frameContext)
{
	const AgcControls &wanted = context.activeState.upcoming;
	utils::Duration effective = frameContext.sensor.exposure *
				    context.configuration.sensor.lineDuration *
				    frameContext.sensor.gain;

	setExposureCompensation(std::exp2(wanted.exposureValue));
	setLux(std::lround(std::clamp(context.activeState.results.lux, 0.0, 1e6)));

	const double clipped = statistics_->clippedShare();
	if (clipped > kClippedShare &&
	    estimateLuminance(1.0) > kClippedLuminance * effectiveYTarget())
		effective /= std::exp2(kClippedStops * (clipped - kClippedShare) /
				       (1.0 - kClippedShare));

	/* In its first frames libipa's filter lets everything through. */
	resetFrameCount();
	const auto [time, gain, quantizationGain, digitalGain] =
		calculateNewEv(wanted.constraintMode, wanted.exposureMode,
			       statistics_->histogram(), effective);
	const utils::Duration result = time * gain * quantizationGain * digitalGain;

	return std::isfinite(result.get<std::micro>())
		       ? std::min<utils::Duration>(result, effective * std::exp2(kMaxStep))
		       : effective;
}

/* Limit to what sensor and digital gain can do together. */
utils::Duration Agc::limitExposure(const IPAContext &context,
				   utils::Duration exposure) const
{
	const auto &helper = exposureModeHelpers().at(context.activeState.upcoming.exposureMode);

	return std::clamp<utils::Duration>(exposure,
					   helper->minExposureTime() * helper->minGain(),
					   helper->maxExposureTime() * helper->maxGain() *
						   maxDigitalGain_);
}

/*
 * First-order low-pass with the speed of the tuning file, in units of exposure
 * per frame. Left out during the first frames and for errors from kFastError on;
 * errors below kHoldError change nothing.
 */
utils::Duration Agc::filterExposure(IPAContext &context, utils::Duration wanted) const
{
	unsigned int &frames = context.activeState.filters.exposureFrames;
	utils::Duration &filtered = context.activeState.filters.exposure;

	const double error = std::abs(std::log2(wanted / filtered));
	const bool fast = frames < kStartupFrames || error >= kFastError;
	const double speed = fast ? 1.0 : speed_;

	frames = std::min(frames + 1, kStartupFrames);
	if (error < kHoldError)
		return filtered;

	filtered = wanted * speed + filtered * (1.0 - speed);

	return filtered;
}

/* Filter and split the exposure. */
void Agc::updateResult(IPAContext &context, const IPAFrameContext &frameContext,
		       utils::Duration wanted)
{
	const auto &sensor = context.configuration.sensor;
	const auto &helper = exposureModeHelpers().at(context.activeState.upcoming.exposureMode);

	wanted = limitExposure(context, wanted);
	const utils::Duration exposure = limitExposure(context, filterExposure(context, wanted));
	const auto [time, gain, quantizationGain, digitalGain] = helper->splitExposure(exposure);

	ExposureResult &result = context.activeState.results.agc;
	result.exposure = std::max<int32_t>(std::lround(time / sensor.lineDuration), 1);
	result.gain = gain;
	result.digitalGain = std::clamp(quantizationGain * digitalGain, 1.0, maxDigitalGain_);

	const utils::Duration inEffect = frameContext.sensor.exposure * sensor.lineDuration *
					 frameContext.sensor.gain *
					 frameContext.applied.digitalGain;
	result.converged = std::abs(std::log2(wanted / inEffect)) < kConvergedError;
}

void Agc::fillMetadata(const IPAContext &context, const IPAFrameContext &frameContext,
		       ControlList &metadata) const
{
	const auto &sensor = context.configuration.sensor;
	const AgcControls &agc = frameContext.agc;
	const utils::Duration exposure = frameContext.sensor.exposure * sensor.lineDuration;
	const utils::Duration frame =
		(sensor.size.height + frameContext.sensor.vblank) * sensor.lineDuration;

	metadata.set(controls::ExposureTime,
		     static_cast<int32_t>(std::lround(exposure.get<std::micro>())));
	metadata.set(controls::AnalogueGain, static_cast<float>(frameContext.sensor.gain));
	metadata.set(controls::DigitalGain, static_cast<float>(frameContext.applied.digitalGain));
	metadata.set(controls::FrameDuration, std::llround(frame.get<std::micro>()));
	metadata.set(controls::ExposureTimeMode,
		     agc.autoExposure ? controls::ExposureTimeModeAuto
				      : controls::ExposureTimeModeManual);
	metadata.set(controls::AnalogueGainMode,
		     agc.autoGain ? controls::AnalogueGainModeAuto
				  : controls::AnalogueGainModeManual);
	metadata.set(controls::ExposureValue, static_cast<float>(agc.exposureValue));
	metadata.set(controls::AeMeteringMode, agc.meteringMode);
	metadata.set(controls::AeExposureMode, agc.exposureMode);
	metadata.set(controls::AeConstraintMode, agc.constraintMode);

	if (!agc.autoExposure && !agc.autoGain)
		metadata.set(controls::AeState, controls::AeStateIdle);
	else if (context.activeState.results.agc.converged)
		metadata.set(controls::AeState, controls::AeStateConverged);
	else
		metadata.set(controls::AeState, controls::AeStateSearching);
}

/**
 * \copydoc libcamera::ipa::Algorithm::process
 */
void Agc::process(IPAContext &context, [[maybe_unused]] const uint32_t frame,
		  IPAFrameContext &frameContext,
		  const fovea_isp_stats_buffer *stats, ControlList &metadata)
{
	const AgcControls &wanted = context.activeState.upcoming;

	if (ExposureStatistics::valid(stats) && (wanted.autoExposure || wanted.autoGain)) {
		ExposureStatistics statistics(*stats, context.configuration.blackLevel.saturation,
					      white(context.configuration));
		statistics.correctShading(context.shading.aeZones,
					  context.activeState.results.awb.temperature);
		statistics_ = &statistics;
		weights_ = &meteringModes_.at(frameContext.agc.meteringMode);
		colourGains_ = context.activeState.results.awb.gains;

		applyLimits(context);
		updateResult(context, frameContext, wantedExposure(context, frameContext));

		statistics_ = nullptr;
	}

	fillMetadata(context, frameContext, metadata);
}

REGISTER_IPA_ALGORITHM(Agc, "Agc")

} /* namespace ipa::fovea::algorithms */

} /* namespace libcamera */
