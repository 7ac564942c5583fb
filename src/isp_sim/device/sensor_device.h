/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The sensor as a V4L2 sub-device
 */

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "isp_sim/sensor/sensor.h"
#include "isp_sim/v4l2/subdevice.h"

#include "delayed_settings.h"
#include "fault_timeline.h"

namespace fovea::device {

class SensorDevice : public v4l2::Subdevice, private v4l2::ControlOperations
{
public:
	SensorDevice(v4l2::MediaDevice *media, unsigned int input,
		     const sensor::Properties &properties);

	/* What goes wrong at the sensor, which is number \a input. */
	void setFaults(std::shared_ptr<FaultTimeline> faults, unsigned int input);

	static int check(const sensor::Properties &properties, std::string *error);

	const sensor::Mode &mode() const;
	unsigned int modeIndex() const { return settings_.written().mode; }
	void streamStarted();
	void streamStopped();
	sensor::FrameSettings startFrame();
	std::chrono::nanoseconds frameDuration() const { return frameDuration(settings_.written()); }
	std::chrono::nanoseconds frameDuration(const sensor::FrameSettings &settings) const;
	std::chrono::nanoseconds exposureTime(const sensor::FrameSettings &settings) const;

protected:
	void initState(v4l2::SubdeviceState *state) override;
	int enumMbusCode(const v4l2::SubdeviceState &state, v4l2_subdev_mbus_code_enum *code) override;
	int enumFrameSize(const v4l2::SubdeviceState &state, v4l2_subdev_frame_size_enum *size) override;
	int setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format) override;
	int getSelection(const v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;
	int setSelection(v4l2::SubdeviceState &state, v4l2_subdev_selection *selection) override;

private:
	int setControl(const v4l2::Control &control, int64_t value) override;

	/* What an item of V4L2_CID_HDR_SENSOR_MODE stands for. */
	struct Form {
		unsigned int exposures;
		bool companded;

		bool operator==(const Form &) const = default;
	};

	static Form formOf(const sensor::Mode &mode);
	bool offered(const sensor::Mode &mode) const;
	void addHdrControl();
	void applyForm(size_t form);

	void addControls();
	void addTimingControls();
	void addMountingControls();
	void applyMode();
	void applyExposureRange();
	void applyLayout();

	uint32_t code(unsigned int bitDepth) const;
	unsigned int nearestMode(const v4l2_mbus_framefmt &format) const;
	void fillState(v4l2::SubdeviceState *state, unsigned int mode) const;

	const sensor::Properties &properties_;
	DelayedSettings settings_;
	std::vector<Form> forms_;	/* of the modes, the linear one first */
	size_t form_ = 0;
	std::shared_ptr<FaultTimeline> faults_;
	unsigned int input_ = 0;

	v4l2::Control *exposure_;
	v4l2::Control *vblank_;
	v4l2::Control *hblank_;
	v4l2::Control *pixelRate_;
	v4l2::Control *linkFrequency_;
	v4l2::Control *hflip_;
	v4l2::Control *vflip_;
	v4l2::Control *hdr_ = nullptr;
};

} /* namespace fovea::device */
