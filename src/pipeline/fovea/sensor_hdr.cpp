/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Modes of a sensor with a wide range
 */

#include "sensor_hdr.h"

#include <errno.h>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/base/log.h>

#include <libcamera/controls.h>

#include "libcamera/internal/camera_sensor.h"
#include "libcamera/internal/media_object.h"

/**
 * \file sensor_hdr.h
 * \brief Modes of a sensor with a wide range
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

/**
 * \struct SensorForm
 * \brief In which form frames leave the sensor
 *
 * With several exposures a row of each comes in turns, the longest first. Companded
 * samples are a piecewise linear code of the light.
 */

/**
 * \class SensorHdr
 * \brief The control V4L2_CID_HDR_SENSOR_MODE of a sensor
 *
 * V4L2 leaves the items of its menu to drivers, but for the first, which is no HDR.
 * What an item stands for is found by the format that the sensor then has: so many
 * times the rows of the picture are so many exposures, as many rows are companded
 * samples.
 */

/**
 * \brief Turn HDR off before the sensor's formats are enumerated
 * \param[in] entity The sensor, which another process may have left with HDR
 * \return 0 or the error of the device
 */
int SensorHdr::reset(const MediaEntity *entity)
{
	V4L2Subdevice device(entity);
	int ret = device.open();
	if (ret < 0)
		return ret;

	if (device.controls().find(V4L2_CID_HDR_SENSOR_MODE) == device.controls().end())
		return 0;

	ControlList list(device.controls());
	list.set(V4L2_CID_HDR_SENSOR_MODE, 0);

	return device.setControls(&list);
}

/** \param[in] sensor The sensor, which must outlive the object */
SensorHdr::SensorHdr(CameraSensor *sensor)
	: sensor_(sensor), items_(0)
{
	const auto control = sensor->controls().find(V4L2_CID_HDR_SENSOR_MODE);
	if (control != sensor->controls().end() &&
	    control->second.max().type() == ControlTypeInteger32)
		items_ = control->second.max().get<int32_t>();
}

int SensorHdr::select(int32_t item)
{
	ControlList list(sensor_->controls());
	list.set(V4L2_CID_HDR_SENSOR_MODE, item);

	return sensor_->setControls(&list);
}

/**
 * \brief Return to the modes without HDR
 *
 * The sensor's format has to be set anew.
 */
int SensorHdr::disable()
{
	return available() ? select(0) : 0;
}

bool SensorHdr::matchFormat(const Size &picture, unsigned int exposures, Transform transform,
			    V4L2SubdeviceFormat *format)
{
	const Size frame{ picture.width, picture.height * exposures };

	format->size = frame;

	return !sensor_->setFormat(format, transform) && format->size == frame;
}

/**
 * \brief Set the first mode with a wide range that shows as many pixels
 * \param[in] picture Size of one exposure
 * \param[in] transform Flips
 * \param[in] raw Frames are captured as they come: their format must not change
 * \param[inout] format The format of the sensor without HDR, and with
 * \param[out] form What its frames are
 *
 * \return 0, -ENOENT if there is no such mode, or the error of the device. The
 * sensor is left without HDR then, and its format has to be set anew
 */
int SensorHdr::enable(const Size &picture, Transform transform, bool raw,
		      V4L2SubdeviceFormat *format, SensorForm *form)
{
	const V4L2SubdeviceFormat linear = *format;

	for (int32_t item = 1; item <= items_; item++) {
		int ret = select(item);
		if (ret)
			return ret < 0 ? ret : -EINVAL;

		for (unsigned int exposures = 1; exposures <= FOVEA_ISP_EXPOSURES; exposures++) {
			*format = linear;
			if (!matchFormat(picture, exposures, transform, format))
				continue;
			if (raw && (format->size != linear.size || format->code != linear.code))
				continue;

			*form = { exposures, exposures == 1 };
			return 0;
		}
	}

	*format = linear;
	int ret = disable();

	return ret ? ret : -ENOENT;
}

} /* namespace fovea */

} /* namespace libcamera */
