/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Modes of a sensor with a wide range
 */

#pragma once

#include <stdint.h>

#include <libcamera/geometry.h>
#include <libcamera/transform.h>

#include "libcamera/internal/v4l2_subdevice.h"

namespace libcamera {

class CameraSensor;
class MediaEntity;

namespace fovea {

/* In which form frames leave the sensor. */
struct SensorForm {
	unsigned int exposures = 1;
	bool companded = false;
};

class SensorHdr
{
public:
	static int reset(const MediaEntity *entity);

	explicit SensorHdr(CameraSensor *sensor);

	bool available() const { return items_ > 0; }
	int disable();
	int enable(const Size &picture, Transform transform, bool raw,
		   V4L2SubdeviceFormat *format, SensorForm *form);

private:
	int select(int32_t item);
	bool matchFormat(const Size &picture, unsigned int exposures, Transform transform,
			 V4L2SubdeviceFormat *format);

	CameraSensor *sensor_;
	int32_t items_;
};

} /* namespace fovea */

} /* namespace libcamera */
