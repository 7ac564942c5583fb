/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A camera: sensor, front end, IPA module
 */

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <libcamera/color_space.h>
#include <libcamera/controls.h>
#include <libcamera/geometry.h>
#include <libcamera/stream.h>
#include <libcamera/transform.h>

#include <libcamera/ipa/fovea_ipa_interface.h>

#include "libcamera/internal/camera.h"
#include "libcamera/internal/camera_sensor.h"
#include "libcamera/internal/delayed_controls.h"

#include "back_end.h"
#include "front_end.h"
#include "ipa.h"
#include "sensor_formats.h"
#include "sensor_hdr.h"

namespace libcamera {

class MediaEntity;
class PipelineHandler;

namespace fovea {

class CameraData : public Camera::Private
{
public:
	/* A stream that is part of the configuration, and its node. */
	struct Output {
		const Stream *stream;
		V4L2VideoDevice *node;
	};

	explicit CameraData(PipelineHandler *pipe);

	int init(MediaEntity *sensorEntity);
	/* What the application has configured, for a change of the sensor's mode. */
	struct Configured {
		V4L2SubdeviceFormat sensorFormat;
		Transform transform;
		std::optional<ColorSpace> colorSpace;
		Rectangle crop;
		bool raw;
	};

	int configureIpa(const Configured &configured);
	int resetHdr();
	int setHdr(bool enable);
	int applySensorControls(const ControlList &controls);

	CameraSensor *sensor() const { return sensor_.get(); }
	const SensorFormats &sensorFormats() const { return *sensorFormats_; }

	Stream mainStream_;
	Stream viewfinderStream_;
	Stream rawStream_;
	std::vector<Output> outputs_;
	BackEndConfiguration backEndConfig_;

	FrontEnd frontEnd_;
	std::unique_ptr<DelayedControls> delayedControls_;
	std::unique_ptr<Ipa> ipa_;

	/* What the output shows, in the units of controls::ScalerCrop. */
	Rectangle scalerCrop_;

private:
	int initSensor(MediaEntity *entity);
	void initDelayedControls();
	int initIpa();
	int ipaConfig(ipa::fovea::IPAConfigInfo *config) const;
	void updateControls(const ControlInfoMap &ipaControls);

	std::unique_ptr<CameraSensor> sensor_;
	std::unique_ptr<SensorFormats> sensorFormats_;
	std::unique_ptr<SensorHdr> sensorHdr_;
	Configured configured_;
	SensorForm form_;
	bool hdr_ = false;
};

} /* namespace fovea */

} /* namespace libcamera */
