/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A camera: sensor, front end, IPA module
 */

#include "camera_data.h"

#include <errno.h>
#include <unordered_map>

#include <linux/v4l2-controls.h>
#include <linux/videodev2.h>

#include <libcamera/base/log.h>

#include <libcamera/control_ids.h>
#include <libcamera/property_ids.h>

#include "libcamera/internal/media_device.h"
#include "libcamera/internal/pipeline_handler.h"

#include "vendor_controls.h"

/**
 * \file camera_data.h
 * \brief State of a camera that outlives a capture session
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(Fovea)

namespace fovea {

namespace {

uint32_t toV4L2Encoding(ColorSpace::YcbcrEncoding encoding)
{
	switch (encoding) {
	case ColorSpace::YcbcrEncoding::Rec709:
		return V4L2_YCBCR_ENC_709;
	case ColorSpace::YcbcrEncoding::Rec2020:
		return V4L2_YCBCR_ENC_BT2020;
	case ColorSpace::YcbcrEncoding::None:
	case ColorSpace::YcbcrEncoding::Rec601:
		break;
	}

	return V4L2_YCBCR_ENC_601;
}

} /* namespace */

/**
 * \class CameraData
 * \brief A sensor with its front end, its delayed controls and its IPA module
 *
 * \var CameraData::outputs_
 * \brief The configured streams, the raw one first
 *
 * \var CameraData::backEndConfig_
 * \brief What the configured streams want of the back end, which other cameras
 * may have used since
 */

CameraData::CameraData(PipelineHandler *pipe)
	: Camera::Private(pipe)
{
}

/**
 * \brief Open everything that belongs to the sensor at \a sensorEntity
 * \return 0 or a negative error code; the cause has been logged
 */
int CameraData::init(MediaEntity *sensorEntity)
{
	int ret = initSensor(sensorEntity);
	if (ret)
		return ret;

	ret = frontEnd_.open(sensorEntity);
	if (ret)
		return ret;

	initDelayedControls();

	return initIpa();
}

int CameraData::initSensor(MediaEntity *entity)
{
	sensor_ = CameraSensorFactoryBase::create(entity);
	if (!sensor_) {
		LOG(Fovea, Error)
			<< "'" << entity->name() << "' is no usable camera sensor";
		return -ENODEV;
	}

	sensorFormats_ = std::make_unique<SensorFormats>(sensor_.get());
	if (sensorFormats_->empty()) {
		LOG(Fovea, Error)
			<< "'" << entity->name() << "' has no Bayer format";
		return -EINVAL;
	}

	properties_ = sensor_->properties();

	return 0;
}

/*
 * Vertical blanking is written before the others: it moves the bounds of the
 * exposure time.
 */
void CameraData::initDelayedControls()
{
	const CameraSensorProperties::SensorDelays &delays = sensor_->sensorDelays();
	const std::unordered_map<uint32_t, DelayedControls::ControlParams> params = {
		{ V4L2_CID_ANALOGUE_GAIN, { delays.gainDelay, false } },
		{ V4L2_CID_EXPOSURE, { delays.exposureDelay, false } },
		{ V4L2_CID_VBLANK, { delays.vblankDelay, true } },
	};

	delayedControls_ = std::make_unique<DelayedControls>(sensor_->device(), params);

	frontEnd_.receiver()->frameStart.connect(delayedControls_.get(),
						 &DelayedControls::applyControls);
}

int CameraData::initIpa()
{
	ipa_ = Ipa::create(pipe(), sensor_->model());
	if (!ipa_)
		return -ENOENT;

	ipa::fovea::IPAConfigInfo config{};
	int ret = ipaConfig(&config);
	if (ret)
		return ret;

	config.ycbcrEncoding = V4L2_YCBCR_ENC_601;
	config.quantization = V4L2_QUANTIZATION_FULL_RANGE;

	ControlInfoMap ipaControls;
	ret = ipa_->init(config, &ipaControls);
	if (ret) {
		LOG(Fovea, Error)
			<< "The IPA module can't be used for sensor " << sensor_->model()
			<< ": " << strerror(-ret);
		return ret;
	}

	updateControls(ipaControls);

	return 0;
}

int CameraData::ipaConfig(ipa::fovea::IPAConfigInfo *config) const
{
	int ret = sensor_->sensorInfo(&config->sensorInfo);
	if (ret) {
		LOG(Fovea, Error)
			<< "Can't read the mode of sensor " << sensor_->model()
			<< ": " << strerror(-ret);
		return ret;
	}

	config->sensorControls = sensor_->controls();
	config->exposures = 1;

	return 0;
}

/**
 * \brief Tell the IPA module the mode of the sensor and the output's encoding
 * \param[in] colorSpace Colour space of the processed streams, if there are any
 * \param[in] transform How the sensor flips its frames
 * \param[in] crop Part of the frame that the main output shows, in its pixels
 *
 * The sensor must be configured before. The camera's controls and the property
 * ScalerCropMaximum follow from it.
 *
 * \return 0 or a negative error code
 */
int CameraData::configureIpa(const std::optional<ColorSpace> &colorSpace,
			     Transform transform, const Rectangle &crop)
{
	ipa::fovea::IPAConfigInfo config{};
	int ret = ipaConfig(&config);
	if (ret)
		return ret;

	const ColorSpace space = colorSpace.value_or(ColorSpace::Sycc);
	config.ycbcrEncoding = toV4L2Encoding(space.ycbcrEncoding);
	config.quantization = space.range == ColorSpace::Range::Full
				      ? V4L2_QUANTIZATION_FULL_RANGE
				      : V4L2_QUANTIZATION_LIM_RANGE;
	config.hflip = !!(transform & Transform::HFlip);
	config.vflip = !!(transform & Transform::VFlip);

	ControlInfoMap ipaControls;
	ret = ipa_->configure(config, &ipaControls);
	if (ret) {
		LOG(Fovea, Error)
			<< "The IPA module can't be configured: " << strerror(-ret);
		return ret;
	}

	const Rectangle frame{ config.sensorInfo.outputSize };
	scalerCrop_ = crop.transformedBetween(frame, config.sensorInfo.analogCrop);
	properties_.set(properties::ScalerCropMaximum, config.sensorInfo.analogCrop);

	LOG(Fovea, Debug)
		<< "The output shows " << scalerCrop_ << " of the sensor's "
		<< config.sensorInfo.analogCrop;

	updateControls(ipaControls);

	return 0;
}

void CameraData::updateControls(const ControlInfoMap &ipaControls)
{
	controlInfo_ = withVendorControls(ipaControls);
}

/**
 * \brief Write \a controls to the sensor now, before the stream starts
 * \return 0 or a negative error code
 */
int CameraData::applySensorControls(const ControlList &controls)
{
	if (controls.empty())
		return 0;

	ControlList blanking(sensor_->controls());
	ControlList others(sensor_->controls());
	for (const auto &[id, value] : controls) {
		ControlList &list = id == V4L2_CID_VBLANK ? blanking : others;
		list.set(id, value);
	}

	/* The bounds of the exposure time depend on vertical blanking. */
	for (ControlList *list : { &blanking, &others }) {
		if (list->empty())
			continue;

		int ret = sensor_->setControls(list);
		if (ret) {
			LOG(Fovea, Error)
				<< "The sensor refuses its controls at start: "
				<< strerror(ret < 0 ? -ret : EINVAL);
			return ret < 0 ? ret : -EINVAL;
		}
	}

	return 0;
}

} /* namespace fovea */

} /* namespace libcamera */
