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
	/* Device state outlives its clients. */
	int ret = SensorHdr::reset(entity);
	if (ret) {
		LOG(Fovea, Error)
			<< "'" << entity->name() << "' can't leave its HDR mode";
		return ret < 0 ? ret : -EINVAL;
	}

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

	sensorHdr_ = std::make_unique<SensorHdr>(sensor_.get());

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
	config->exposures = form_.exposures;
	config->companded = form_.companded;

	return 0;
}

/**
 * \struct CameraData::Configured
 *
 * \var CameraData::Configured::sensorFormat
 * The sensor's format, without HDR.
 *
 * \var CameraData::Configured::colorSpace
 * Colour space of the processed streams, if there are any.
 *
 * \var CameraData::Configured::crop
 * Part of the frame that the main output shows, in its pixels.
 *
 * \var CameraData::Configured::raw
 * There is a stream of raw frames.
 */

/**
 * \brief Tell the IPA module the mode of the sensor and the output's encoding
 * \param[in] configured What the application has configured
 *
 * The sensor must be configured before. The camera's controls and the property
 * ScalerCropMaximum follow from it.
 *
 * \return 0 or a negative error code
 */
int CameraData::configureIpa(const Configured &configured)
{
	configured_ = configured;

	ipa::fovea::IPAConfigInfo config{};
	int ret = ipaConfig(&config);
	if (ret)
		return ret;

	const ColorSpace space = configured.colorSpace.value_or(ColorSpace::Sycc);
	config.ycbcrEncoding = toV4L2Encoding(space.ycbcrEncoding);
	config.quantization = space.range == ColorSpace::Range::Full
				      ? V4L2_QUANTIZATION_FULL_RANGE
				      : V4L2_QUANTIZATION_LIM_RANGE;
	config.hflip = !!(configured.transform & Transform::HFlip);
	config.vflip = !!(configured.transform & Transform::VFlip);

	ControlInfoMap ipaControls;
	ret = ipa_->configure(config, &ipaControls);
	if (ret) {
		LOG(Fovea, Error)
			<< "The IPA module can't be configured: " << strerror(-ret);
		return ret;
	}

	const Rectangle frame{ configured.sensorFormat.size };
	scalerCrop_ = configured.crop.transformedBetween(frame, config.sensorInfo.analogCrop);
	properties_.set(properties::ScalerCropMaximum, config.sensorInfo.analogCrop);

	LOG(Fovea, Debug)
		<< "The output shows " << scalerCrop_ << " of the sensor's "
		<< config.sensorInfo.analogCrop;

	updateControls(ipaControls);

	return 0;
}

/** \brief Return to the modes without HDR, before another is configured */
int CameraData::resetHdr()
{
	form_ = {};
	hdr_ = false;

	return sensorHdr_->disable();
}

/**
 * \brief Choose between the configured mode and one with a wide range in its place
 * \param[in] enable Whether the range shall be wide
 *
 * The picture keeps its size. Where the sensor has no such mode the configured one
 * stays. The back end has to be configured anew where this changes its format.
 *
 * \return 0 or a negative error code
 */
int CameraData::setHdr(bool enable)
{
	if (enable == hdr_)
		return 0;

	V4L2SubdeviceFormat format = configured_.sensorFormat;
	int ret = resetHdr();
	if (!ret && enable) {
		ret = sensorHdr_->enable(format.size, configured_.transform, configured_.raw,
					 &format, &form_);
		hdr_ = !ret;
		if (ret == -ENOENT) {
			LOG(Fovea, Warning)
				<< "Sensor " << sensor_->model() << " has no HDR mode for "
				<< format.size << (configured_.raw ? " with raw frames" : "");
			ret = 0;
		}
	}
	if (!ret && !hdr_)
		ret = sensor_->setFormat(&format, configured_.transform);
	if (!ret)
		ret = frontEnd_.configure(format, form_.exposures);
	if (ret) {
		LOG(Fovea, Error) << "The HDR mode can't be changed: " << strerror(-ret);
		return ret;
	}

	backEndConfig_.rawFormat = format;
	backEndConfig_.rawFormat.size = configured_.sensorFormat.size;

	return configureIpa(Configured(configured_));
}

void CameraData::updateControls(const ControlInfoMap &ipaControls)
{
	ControlInfoMap::Map map(ipaControls.begin(), ipaControls.end());
	if (!sensorHdr_->available())
		map.erase(&controls::HdrMode);

	controlInfo_ = withVendorControls(ControlInfoMap(std::move(map), controls::controls));
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
