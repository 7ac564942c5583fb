/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * CSI-2 receiver and front end of one sensor
 */

#include "front_end.h"

#include <errno.h>

#include <linux/fovea-isp.h>

#include <libcamera/base/log.h>

#include <libcamera/stream.h>

#include "libcamera/internal/bayer_format.h"
#include "libcamera/internal/media_device.h"

#include "capture_format.h"

/**
 * \file front_end.h
 * \brief From the sensor's output to raw capture and statistics
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* Pads of the CSI-2 receiver. */
constexpr unsigned int kReceiverSink = 0;
constexpr unsigned int kReceiverSource = 1;

/* Pads of the front end. */
constexpr unsigned int kFormatterSink = 0;
constexpr unsigned int kFormatterRaw = 1;
constexpr unsigned int kFormatterStats = 2;
constexpr unsigned int kFormatterImage = 3;

/* The entity that the source pad \a index of \a entity feeds, if any. */
const MediaEntity *sinkOf(const MediaEntity *entity, unsigned int index)
{
	const MediaPad *pad = entity->getPadByIndex(index);
	if (!pad || pad->links().empty()) {
		LOG(Fovea, Error)
			<< "Pad " << index << " of '" << entity->name()
			<< "' leads nowhere: the media graph isn't that of a "
			   FOVEA_ISP_DRIVER_NAME " device";
		return nullptr;
	}

	return pad->links()[0]->sink()->entity();
}

} /* namespace */

/**
 * \class FrontEnd
 * \brief CSI-2 receiver, front end, raw capture and statistics of one sensor
 *
 * A sensor input is found by its links, never by names, so that a device with
 * more inputs needs no other code.
 */

/**
 * \brief Follow the links from \a sensor and open what is found
 * \return 0, -ENODEV if the graph is not as expected, or the error of open
 */
int FrontEnd::open(const MediaEntity *sensor)
{
	const MediaEntity *receiver = sinkOf(sensor, 0);
	const MediaEntity *formatter = receiver ? sinkOf(receiver, kReceiverSource)
						: nullptr;
	const MediaEntity *raw = formatter ? sinkOf(formatter, kFormatterRaw)
					   : nullptr;
	const MediaEntity *stats = formatter ? sinkOf(formatter, kFormatterStats)
					     : nullptr;
	if (!raw || !stats)
		return -ENODEV;

	receiver_ = std::make_unique<V4L2Subdevice>(receiver);
	formatter_ = std::make_unique<V4L2Subdevice>(formatter);
	raw_ = std::make_unique<V4L2VideoDevice>(raw);
	stats_ = std::make_unique<V4L2VideoDevice>(stats);

	for (V4L2Subdevice *subdev : { receiver_.get(), formatter_.get() }) {
		int ret = subdev->open();
		if (ret < 0)
			return ret;
	}

	for (V4L2VideoDevice *node : { raw_.get(), stats_.get() }) {
		int ret = node->open();
		if (ret < 0)
			return ret;
	}

	return 0;
}

/** \brief Let go of a device that is gone */
void FrontEnd::close()
{
	receiver_->close();
	formatter_->close();
	raw_->close();
	stats_->close();
}

/**
 * \brief Bring the sensor's format through receiver and front end
 * \param[in] sensorFormat The sensor's format, as set
 * \param[in] exposures Exposures of a frame, whose rows come in turns
 * \return 0, -EINVAL if the statistics format is another one than that of
 * linux/fovea-isp.h, or the error of the device
 */
int FrontEnd::configure(const V4L2SubdeviceFormat &sensorFormat, unsigned int exposures)
{
	V4L2SubdeviceFormat format = sensorFormat;

	int ret = receiver_->setFormat(kReceiverSink, &format);
	if (ret)
		return ret;

	ret = receiver_->getFormat(kReceiverSource, &format);
	if (ret)
		return ret;

	ret = formatter_->setFormat(kFormatterSink, &format);
	if (!ret)
		ret = configureImage(format, exposures);
	if (ret)
		return ret;

	BayerFormat bayer = BayerFormat::fromMbusCode(format.code);
	bayer.packing = BayerFormat::Packing::None;
	ret = setIdleFormat(raw_.get(), bayer.toPixelFormat(), format.size);
	if (ret)
		return ret;

	return configureStats();
}

/* The image for the back end has the rows of one exposure. */
int FrontEnd::configureImage(const V4L2SubdeviceFormat &sensorFormat, unsigned int exposures)
{
	V4L2SubdeviceFormat image = sensorFormat;
	image.size.height /= exposures;
	const Size wanted = image.size;

	int ret = formatter_->setFormat(kFormatterImage, &image);
	if (ret)
		return ret;

	if (image.size != wanted) {
		LOG(Fovea, Error)
			<< "The front end can't take " << exposures << " exposures of "
			<< wanted << ", it gives " << image.size;
		return -EINVAL;
	}

	return 0;
}

int FrontEnd::configureStats()
{
	V4L2DeviceFormat statsFormat;
	statsFormat.fourcc = V4L2PixelFormat(V4L2_META_FMT_FOVEA_ISP_STATS);
	statsFormat.planes[0].size = sizeof(struct fovea_isp_stats_buffer);
	statsFormat.planesCount = 1;
	int ret = stats_->setFormat(&statsFormat);
	if (ret)
		return ret;

	if (statsFormat.fourcc != V4L2PixelFormat(V4L2_META_FMT_FOVEA_ISP_STATS)) {
		LOG(Fovea, Error)
			<< "Unknown statistics format " << statsFormat.fourcc;
		return -EINVAL;
	}

	return 0;
}

/** \brief Configure the raw capture node; configure() comes first */
int FrontEnd::configureRaw(const StreamConfiguration &config)
{
	return setCaptureFormat(raw_.get(), config);
}

} /* namespace fovea */

} /* namespace libcamera */
