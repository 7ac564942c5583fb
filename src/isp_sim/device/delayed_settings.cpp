/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor settings that take effect some frames after they were written
 */

#include "delayed_settings.h"

#include <algorithm>

namespace fovea::device {

/**
 * \class DelayedSettings
 * \brief The registers of a sensor between the bus and the pixels
 *
 * A value written between the start of frame k and the start of frame k + 1 is
 * in effect for frame k + delay, with a delay of its own for exposure, gain and
 * vertical blanking. Flips and the mode act on the next frame. Values written
 * before the first frame of a stream are in effect from its first frame on.
 *
 * A delay of 0 is taken as 1: no sensor changes a frame that has begun.
 */

/**
 * \param[in] delays Delays of the sensor in frames, at most 15
 */
DelayedSettings::DelayedSettings(const sensor::Delays &delays)
	: delays_(delays), written_(), history_(), started_(0)
{
}

/** \brief Begin a new stream: what is written now acts from its first frame on */
void DelayedSettings::reset()
{
	started_ = 0;
}

/**
 * \brief Start the next frame of the stream
 * \return The settings in effect for it
 */
sensor::FrameSettings DelayedSettings::startFrame()
{
	history_[started_ % kHistory] = written_;
	started_++;

	sensor::FrameSettings settings = written_;
	settings.exposure = writtenAtStart(delays_.exposure).exposure;
	settings.analogueGain = writtenAtStart(delays_.gain).analogueGain;
	settings.vblank = writtenAtStart(delays_.vblank).vblank;

	return settings;
}

/*
 * A write with delay d acts on frame n if it came before the start of frame
 * n - d + 1; before that frame there is only what was written before frame 0.
 */
const sensor::FrameSettings &DelayedSettings::writtenAtStart(unsigned int delay) const
{
	uint64_t back = std::clamp(delay, 1u, kHistory - 1) - 1;
	uint64_t frame = started_ - 1;

	return history_[(frame - std::min(frame, back)) % kHistory];
}

} /* namespace fovea::device */
