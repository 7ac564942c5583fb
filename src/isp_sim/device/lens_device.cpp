/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A lens as a V4L2 sub-device
 */

#include "lens_device.h"

#include <fmt/core.h>

namespace fovea::device {

/**
 * \class LensDevice
 * \brief The driver of a voice coil that moves a lens
 *
 * Its position is V4L2_CID_FOCUS_ABSOLUTE. A frame is taken with the position at its start: the
 * coil is taken to be as fast as a frame.
 */

/**
 * \param[in] media The media device
 * \param[in] input Number of the sensor input, which is that of the I2C bus too
 * \param[in] lens Model and positions
 */
LensDevice::LensDevice(v4l2::MediaDevice *media, unsigned int input,
		       const sensor::LensModel &lens)
	: Subdevice(media, fmt::format("{} {}-000c", lens.model, input), MEDIA_ENT_F_LENS, {},
		    OpEvents)
{
	controls_.addStandard(V4L2_CID_FOCUS_ABSOLUTE, 0, lens.maximum, 1, lens.preset);
}

/** \brief The position that was set last */
int LensDevice::position() const
{
	return static_cast<int>(controls_.find(V4L2_CID_FOCUS_ABSOLUTE)->value());
}

/* No pads, no state. */
void LensDevice::initState([[maybe_unused]] v4l2::SubdeviceState *state)
{
}

} /* namespace fovea::device */
