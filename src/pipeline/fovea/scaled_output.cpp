/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A scaler of the ISP and the node that captures its pictures
 */

#include "scaled_output.h"

#include <errno.h>

#include <linux/media-bus-format.h>

#include <libcamera/base/log.h>

#include <libcamera/formats.h>
#include <libcamera/stream.h>

#include "libcamera/internal/media_device.h"

#include "capture_format.h"

/**
 * \file scaled_output.h
 * \brief From the processed frame to a stream
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

/* Pads of the scaler. */
constexpr unsigned int kScalerSink = 0;
constexpr unsigned int kScalerSource = 1;

/* The scaler divides each side by this at most. */
constexpr unsigned int kScalerMaxRatio = 32;

/* The only code of the bus behind the back end. */
constexpr uint32_t kInternalCode = MEDIA_BUS_FMT_YUV8_1X24;

} /* namespace */

/**
 * \class ScaledOutput
 * \brief One of the outputs of the back end
 */

/**
 * \brief Open the entities named \a scaler and \a node
 * \return 0 or the error of open
 */
int ScaledOutput::open(const MediaDevice *media, const char *scaler, const char *node)
{
	scaler_ = V4L2Subdevice::fromEntityName(media, scaler);
	node_ = V4L2VideoDevice::fromEntityName(media, node);

	int ret = scaler_->open();
	if (ret < 0)
		return ret;

	return node_->open();
}

/** \brief Let go of a device that is gone */
void ScaledOutput::close()
{
	scaler_->close();
	node_->close();
}

/**
 * \brief Configure the scaler, and the node for an idle stream
 * \param[in] frameSize Size of the processed frame
 * \param[in] outputSize Size of the output, not larger than the frame
 *
 * The scaler gets the largest centred part of the frame that has the aspect
 * ratio of the output.
 *
 * \return 0 or a negative error code
 */
int ScaledOutput::configure(const Size &frameSize, const Size &outputSize)
{
	V4L2SubdeviceFormat format{};
	format.code = kInternalCode;
	format.size = frameSize;

	int ret = scaler_->setFormat(kScalerSink, &format);
	if (ret)
		return ret;

	Rectangle crop = defaultCrop(frameSize, outputSize);
	ret = setCrop(&crop);
	if (ret)
		return ret;

	format.size = outputSize;
	ret = scaler_->setFormat(kScalerSource, &format);
	if (ret)
		return ret;

	if (format.size != outputSize) {
		LOG(Fovea, Error)
			<< "The scaler makes " << format.size << " from " << crop
			<< " in place of " << outputSize;
		return -EINVAL;
	}

	return setIdleFormat(node_.get(), formats::NV12, outputSize);
}

/** \brief Configure the capture node; configure() comes first */
int ScaledOutput::configureNode(const StreamConfiguration &config)
{
	return setCaptureFormat(node_.get(), config);
}

/**
 * \brief Set the part of the frame that is scaled to the output
 * \param[inout] crop In pixels of the frame; the device may adjust it
 * \return 0 or the error of the device
 */
int ScaledOutput::setCrop(Rectangle *crop)
{
	int ret = scaler_->setSelection(kScalerSink, V4L2_SEL_TGT_CROP, crop);
	if (!ret)
		crop_ = *crop;

	return ret;
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
