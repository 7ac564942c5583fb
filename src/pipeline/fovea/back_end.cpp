/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Back end of the ISP, its scaler and its output
 */

#include "back_end.h"

#include <errno.h>

#include <linux/fovea-isp.h>
#include <linux/media-bus-format.h>

#include <libcamera/base/log.h>

#include <libcamera/formats.h>
#include <libcamera/stream.h>

#include "libcamera/internal/media_device.h"

#include "capture_format.h"
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

/* Pads of the scaler. */
constexpr unsigned int kScalerSink = 0;
constexpr unsigned int kScalerSource = 1;

/* The scaler divides each side by this at most. */
constexpr unsigned int kScalerMaxRatio = 32;

/* The only code of the bus behind the back end. */
constexpr uint32_t kInternalCode = MEDIA_BUS_FMT_YUV8_1X24;

} /* namespace */

/**
 * \class BackEnd
 * \brief The back end, its parameters node, its scaler and the main output
 */

/**
 * \brief Open the entities of the back end
 * \return 0 or the error of open
 */
int BackEnd::open(const MediaDevice *media)
{
	isp_ = V4L2Subdevice::fromEntityName(media, kBackEndEntity);
	scaler_ = V4L2Subdevice::fromEntityName(media, kScalerEntity);
	params_ = V4L2VideoDevice::fromEntityName(media, kParamsEntity);
	main_ = V4L2VideoDevice::fromEntityName(media, kMainEntity);

	for (V4L2Subdevice *subdev : { isp_.get(), scaler_.get() }) {
		int ret = subdev->open();
		if (ret < 0)
			return ret;
	}

	for (V4L2VideoDevice *node : { params_.get(), main_.get() }) {
		int ret = node->open();
		if (ret < 0)
			return ret;
	}

	return 0;
}

/** \brief Let go of a device that is gone */
void BackEnd::close()
{
	isp_->close();
	scaler_->close();
	params_->close();
	main_->close();
}

/**
 * \brief Enable the link from the front end to the back end
 * \param[in] media The media device
 * \param[in] frontEnd The front end's entity
 * \return 0, -ENODEV if there is no such link, or the error of the device
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

	if (link->flags() & MEDIA_LNK_FL_ENABLED)
		return 0;

	return link->setEnabled(true);
}

/**
 * \brief Configure back end and scaler
 * \param[in] rawFormat Format of the frames from the front end
 * \param[in] outputSize Size of the scaler's output, not larger than the frame
 *
 * The scaler gets the largest centred part of the frame that has the aspect
 * ratio of the output.
 *
 * \return 0 or a negative error code
 */
int BackEnd::configure(const V4L2SubdeviceFormat &rawFormat, const Size &outputSize)
{
	V4L2SubdeviceFormat format = rawFormat;
	int ret = isp_->setFormat(kIspSink, &format);
	if (ret)
		return ret;

	V4L2SubdeviceFormat internal{};
	internal.code = kInternalCode;
	internal.size = rawFormat.size;

	ret = isp_->setFormat(kIspSource, &internal);
	if (ret)
		return ret;

	ret = scaler_->setFormat(kScalerSink, &internal);
	if (ret)
		return ret;

	Rectangle crop = defaultCrop(rawFormat.size, outputSize);
	ret = setCrop(&crop);
	if (ret)
		return ret;

	internal.size = outputSize;
	ret = scaler_->setFormat(kScalerSource, &internal);
	if (ret)
		return ret;

	if (internal.size != outputSize) {
		LOG(Fovea, Error)
			<< "The scaler makes " << internal.size << " from "
			<< crop << " in place of " << outputSize;
		return -EINVAL;
	}

	ret = setIdleFormat(main_.get(), formats::NV12, outputSize);
	if (ret)
		return ret;

	return configureParams();
}

/** \brief Configure the main capture node; configure() comes first */
int BackEnd::configureMain(const StreamConfiguration &config)
{
	return setCaptureFormat(main_.get(), config);
}

/**
 * \brief Set the part of the frame that is scaled to the output
 * \param[inout] crop In pixels of the frame; the device may adjust it
 * \return 0 or the error of the device
 */
int BackEnd::setCrop(Rectangle *crop)
{
	int ret = scaler_->setSelection(kScalerSink, V4L2_SEL_TGT_CROP, crop);
	if (!ret)
		crop_ = *crop;

	return ret;
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

/**
 * \brief The largest centred part of \a input with the aspect ratio of \a output
 *
 * Position and size are even, so that the chroma samples of the output lie as
 * those of the input; the part is never smaller than the output, as the scaler
 * can't enlarge.
 */
Rectangle defaultCrop(const Size &input, const Size &output)
{
	const Size size = input.boundedToAspectRatio(output)
			       .alignedDownTo(2, 2)
			       .expandedTo(output)
			       .boundedTo(input);
	const int x = (input.width - size.width) / 2;
	const int y = (input.height - size.height) / 2;

	return { x & ~1, y & ~1, size };
}

/**
 * \brief The size next to \a output that the scaler can make of \a input
 *
 * The default crop keeps the aspect ratio, so that both sides fall below the
 * limit of the scaler together.
 */
Size reachableOutput(const Size &input, const Size &output)
{
	const Rectangle crop = defaultCrop(input, output);
	const Size smallest{ (crop.width + kScalerMaxRatio - 1) / kScalerMaxRatio,
			     (crop.height + kScalerMaxRatio - 1) / kScalerMaxRatio };

	return output.expandedTo(smallest.alignedUpTo(2, 2));
}

} /* namespace fovea */

} /* namespace libcamera */
