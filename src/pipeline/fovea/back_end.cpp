/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end of the ISP and its outputs
 */

#include "back_end.h"

#include <errno.h>

#include <linux/fovea-isp.h>
#include <linux/media-bus-format.h>

#include <libcamera/base/log.h>

#include "libcamera/internal/media_device.h"

#include "entities.h"

/**
 * \file back_end.h
 * \brief From raw frames to processed ones
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* Pad of the front end that feeds the back end. */
constexpr unsigned int kFrontEndSource = 3;

/* Pads of the back end. Pad 1 takes the parameters. */
constexpr unsigned int kIspSink = 0;
constexpr unsigned int kIspSource = 2;

/* Sink pad of a scaler. */
constexpr unsigned int kScalerSink = 0;

/* The only code of the bus behind the back end. */
constexpr uint32_t kInternalCode = MEDIA_BUS_FMT_YUV8_1X24;

} /* namespace */

/**
 * \class BackEnd
 * \brief The back end, its parameters node, and the main and viewfinder outputs
 *
 * There is one, which works for one camera at a time.
 */

/**
 * \brief Open the entities of the back end
 * \return 0 or the error of open
 */
int BackEnd::open(const MediaDevice *media)
{
	isp_ = V4L2Subdevice::fromEntityName(media, kBackEndEntity);
	params_ = V4L2VideoDevice::fromEntityName(media, kParamsEntity);

	int ret = isp_->open();
	if (ret < 0)
		return ret;

	ret = params_->open();
	if (ret < 0)
		return ret;

	ret = main_.open(media, kScalerEntity, kMainEntity);
	if (ret < 0)
		return ret;

	return viewfinder_.open(media, kViewfinderScalerEntity, kViewfinderEntity);
}

/** \brief Let go of a device that is gone */
void BackEnd::close()
{
	isp_->close();
	params_->close();
	main_.close();
	viewfinder_.close();
}

/**
 * \brief Connect the back end to a front end and configure all that follows
 * \param[in] media The media device
 * \param[in] config What to do; outputs are not larger than the frame
 *
 * \return 0, -ENODEV if there is no link from the front end, -EBUSY while the
 * back end works, or another error of the device
 */
int BackEnd::configure(MediaDevice *media, const BackEndConfiguration &config)
{
	const Size &frameSize = config.rawFormat.size;

	int ret = connect(media, config.frontEnd);
	if (!ret)
		ret = connectViewfinder(media, config.viewfinder.has_value());
	if (!ret)
		ret = configureIsp(config.rawFormat);
	if (!ret)
		ret = main_.configure(frameSize, config.mainSize());
	if (!ret && config.main)
		ret = main_.configureNode(*config.main);
	if (!ret && config.viewfinder)
		ret = viewfinder_.configure(frameSize, config.viewfinder->size);
	if (!ret && config.viewfinder)
		ret = viewfinder_.configureNode(*config.viewfinder);
	if (!ret)
		ret = configureParams();

	return ret;
}

/*
 * Enable the link from \a frontEnd and disable all others. What libcamera knows
 * of a link may be outdated, as other processes use the device too.
 */
int BackEnd::connect(MediaDevice *media, const MediaEntity *frontEnd)
{
	MediaLink *link = media->link(frontEnd, kFrontEndSource,
				      isp_->entity(), kIspSink);
	if (!link) {
		LOG(Fovea, Error)
			<< "No link from '" << frontEnd->name() << "' to '"
			<< isp_->entity()->name() << "'";
		return -ENODEV;
	}

	for (MediaLink *other : isp_->entity()->getPadByIndex(kIspSink)->links()) {
		if (other == link)
			continue;

		int ret = other->setEnabled(false);
		if (ret)
			return ret;
	}

	return link->setEnabled(true);
}

/* An idle viewfinder needs no formats when its link is disabled. */
int BackEnd::connectViewfinder(MediaDevice *media, bool enable)
{
	MediaLink *link = media->link(isp_->entity(), kIspSource,
				      viewfinder_.scaler(), kScalerSink);
	if (!link) {
		LOG(Fovea, Error)
			<< "No link from '" << isp_->entity()->name() << "' to '"
			<< viewfinder_.scaler()->name() << "'";
		return -ENODEV;
	}

	return link->setEnabled(enable);
}

int BackEnd::configureIsp(const V4L2SubdeviceFormat &rawFormat)
{
	V4L2SubdeviceFormat format = rawFormat;
	int ret = isp_->setFormat(kIspSink, &format);
	if (ret)
		return ret;

	V4L2SubdeviceFormat internal{};
	internal.code = kInternalCode;
	internal.size = rawFormat.size;

	return isp_->setFormat(kIspSource, &internal);
}

int BackEnd::configureParams()
{
	V4L2DeviceFormat format;
	format.fourcc = V4L2PixelFormat(V4L2_META_FMT_FOVEA_ISP_PARAMS);
	format.planes[0].size = FOVEA_ISP_PARAMS_MAX_SIZE;
	format.planesCount = 1;

	int ret = params_->setFormat(&format);
	if (ret)
		return ret;

	if (format.fourcc != V4L2PixelFormat(V4L2_META_FMT_FOVEA_ISP_PARAMS)) {
		LOG(Fovea, Error)
			<< "Unknown parameters format " << format.fourcc;
		return -EINVAL;
	}

	return 0;
}

} /* namespace fovea */

} /* namespace libcamera */
