/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * State of the Fovea IPA
 */

#include "ipa_context.h"

/**
 * \file ipa_context.h
 * \brief State of the Fovea IPA, in three lifetimes
 *
 * The session configuration holds from configure() to the next configure(), the
 * active state changes with every request and every statistics buffer, and a
 * frame context belongs to one frame. Algorithms talk to each other through
 * these only.
 *
 * What the statistics teach (IPAResults) is kept apart from what the
 * application asks for (AgcControls and so on), because the two reach a frame
 * in different ways: controls of request N apply to frame N, while results are
 * taken from the history, exactly kParamsLatency frames back. That makes the
 * parameters of a frame independent of when computeParams() runs.
 */

namespace libcamera {

namespace ipa::fovea {

/**
 * \struct IPASessionConfiguration
 *
 * \var IPASessionConfiguration::sensor
 * Exposure and blanking in lines; gains are factors. \a geometry tells the crop, the
 * binning and the flips of the mode.
 *
 * \var IPASessionConfiguration::blackLevel
 * \a levels in the order R, Gr, Gb, B in units of 1/65536 of the 16-bit aligned
 * range. \a saturation is the value (14-bit, behind the black-level block) of a
 * saturated sample: the black level makes it smaller than 16383.
 *
 * \var IPASessionConfiguration::hdr
 * Frames have a wider range than 14 bits. \a scale times the linear range is then where
 * the white of a frame without HDR would lie, were the range not compressed above.
 * \a gain is what the mode multiplies the analogue gain by.
 */

/**
 * \brief The value, 14-bit behind the black-level block, that is white in the picture
 *
 * That of a saturated sample, or with HDR that of a sample that would saturate without.
 */
double white(const IPASessionConfiguration &configuration)
{
	const double saturation = configuration.blackLevel.saturation;
	return configuration.hdr.enabled ? saturation * configuration.hdr.scale : saturation;
}

/**
 * \struct ToneResult
 *
 * Of each zone of the local tone mapping: \a level, the geometric mean as part of the
 * range in front of all gains, and \a lift, what its dark tones are multiplied by.
 */

/**
 * \struct ExposureResult
 *
 * \a exposure in lines, \a digitalGain at least 1.0. \a converged tells that the
 * last statistics asked for no change.
 */

/**
 * \struct IPAResults
 *
 * \var IPAResults::sentGain
 * The analogue gain that was sent to the sensor after these statistics.
 */

/**
 * \struct AgcControls
 *
 * What the application wants of one frame. \a exposure (lines) and \a gain count
 * only while the related automatic is off; without a value the last one that was
 * sent to the sensor is held. \a exposureValue in stops. \a frameDurationLimited
 * tells that the application has set the limits.
 */

/**
 * \struct IPAActiveState
 *
 * \var IPAActiveState::results
 * What the statistics up to the last processed frame have taught.
 *
 * \var IPAActiveState::filters
 * What the filters of AE and AWB remember beside the results, and how many frames
 * with statistics they have seen, as far as that matters.
 *
 * \var IPAActiveState::controls
 * The controls of the last queued request; controls hold until changed.
 *
 * \var IPAActiveState::upcoming
 * The exposure controls of the frame that the sensor's next settings will reach.
 */

/**
 * \struct IPAFrameContext
 *
 * \var IPAFrameContext::results
 * The results that the parameters of this frame are made of.
 *
 * \var IPAFrameContext::sensorGain
 * The analogue gain that the sensor is going to have, known when the parameters are
 * computed.
 *
 * \var IPAFrameContext::applied
 * What prepare() wrote, for the metadata and for the blocks behind. \a gains are all
 * gains of a colour together, 1.0 leaves a sample as it is. \a rawNoise is the part of
 * the noise that noise reduction of the mosaic leaves.
 *
 * \var IPAFrameContext::sensor
 * What was in effect in the sensor, as the pipeline handler reports it.
 */

/**
 * \brief The white balance of the frame, automatic or manual
 */
const WhiteBalanceResult &IPAFrameContext::whiteBalance() const
{
	return awb.automatic ? results.awb : awb.manual;
}

/**
 * \brief The digital gain of the frame, 1.0 while the exposure is manual
 */
double IPAFrameContext::digitalGain() const
{
	return agc.autoExposure || agc.autoGain ? results.agc.digitalGain : 1.0;
}

/**
 * \struct IPAContext
 *
 * \var IPAContext::shading
 * What LensShading adds behind the statistics, at their zones; empty without it.
 */

/**
 * \class ResultsHistory
 * \brief The results after the statistics of each of the last frames
 */

/**
 * \param[in] size Number of frames to remember
 */
ResultsHistory::ResultsHistory(unsigned int size)
	: initial_{}, entries_(size)
{
}

/**
 * \brief Forget all frames
 * \param[in] initial Results for the frames before the first statistics
 */
void ResultsHistory::reset(const IPAResults &initial)
{
	initial_ = initial;
	for (Entry &entry : entries_)
		entry.valid = false;
}

/**
 * \brief Remember the results as they are after the statistics of \a frame
 */
void ResultsHistory::store(uint32_t frame, const IPAResults &results)
{
	entries_[frame % entries_.size()] = { true, frame, results };
}

/**
 * \brief Results for the parameters of \a frame
 * \param[in] frame The frame that is going to be captured
 * \param[in] latency Number of frames between statistics and parameters
 * \return The results after the statistics of frame \a frame - \a latency, the
 * initial ones when that is before the first frame, or nullptr if the
 * statistics of that frame have not been seen
 */
const IPAResults *ResultsHistory::find(uint32_t frame, unsigned int latency) const
{
	if (frame < latency)
		return &initial_;

	const uint32_t wanted = frame - latency;
	const Entry &entry = entries_[wanted % entries_.size()];
	if (!entry.valid || entry.frame != wanted)
		return nullptr;

	return &entry.results;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
