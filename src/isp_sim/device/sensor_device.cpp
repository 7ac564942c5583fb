/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The sensor as a V4L2 sub-device
 */

#include "sensor_device.h"

#include <algorithm>
#include <errno.h>
#include <iterator>
#include <math.h>
#include <set>
#include <stdlib.h>

#include <fmt/core.h>

#include <linux/fovea-isp.h>

#include "formats.h"

/**
 * \file sensor_device.h
 * \brief Modes as formats, registers as controls, as a sensor driver has them
 */

namespace fovea::device {

namespace {

v4l2_rect toRect(const sensor::Rectangle &r)
{
	return { r.left, r.top, r.width, r.height };
}

std::vector<int64_t> linkFrequencies(const sensor::Properties &properties)
{
	std::set<int64_t> frequencies;
	for (const sensor::Mode &mode : properties.modes)
		frequencies.insert(mode.linkFrequency);

	return { frequencies.begin(), frequencies.end() };
}

} /* namespace */

/**
 * \brief Check that the properties of a sensor can be presented through V4L2
 * \return 0, or -EINVAL with \a error set
 */
int SensorDevice::check(const sensor::Properties &properties, std::string *error)
{
	if (properties.modes.empty()) {
		*error = fmt::format("sensor {}: no mode, expected at least one", properties.model);
		return -EINVAL;
	}

	for (const sensor::Mode &mode : properties.modes) {
		if (!rawFormat(isp::BayerOrder::RGGB, mode.bitDepth)) {
			*error = fmt::format("sensor {}: mode {}x{} has {} bits, expected 8, 10, 12, 14 or 16",
					     properties.model, mode.width, mode.height, mode.bitDepth);
			return -EINVAL;
		}
		if (!mode.exposures || mode.exposures > FOVEA_ISP_EXPOSURES ||
		    mode.height % (2 * mode.exposures)) {
			*error = fmt::format("sensor {}: mode {}x{} has {} exposures, expected 1 to {}, each of an even number of rows",
					     properties.model, mode.width, mode.height,
					     mode.exposures, FOVEA_ISP_EXPOSURES);
			return -EINVAL;
		}
		if (!mode.pixelRate || mode.vblankMin > mode.vblankMax ||
		    mode.width != evenSize(mode.width) || mode.height != evenSize(mode.height)) {
			*error = fmt::format("sensor {}: mode {}x{} needs an even size from {} to {}, a pixel rate, and vblank_min not above vblank_max",
					     properties.model, mode.width, mode.height, kMinSize, kMaxSize);
			return -EINVAL;
		}
	}

	if (properties.modes[0].exposures > 1 || properties.modes[0].companded) {
		*error = fmt::format("sensor {}: the first mode is one of HDR, expected a linear one",
				     properties.model);
		return -EINVAL;
	}

	return 0;
}

/**
 * \class SensorDevice
 * \brief The registers of a sensor, reached by formats and controls
 *
 * As for all raw sensors, the blanking sets the period of the frames; the ioctls
 * of frame intervals are for devices without blanking.
 *
 * Modes whose frames are companded or have several exposures are offered while the
 * control V4L2_CID_HDR_SENSOR_MODE selects them; other modes are not then.
 */

/**
 * \param[in] media The media device
 * \param[in] input Number of the input, which is that of the I2C bus too
 * \param[in] properties What check() has accepted; outlives this object
 */
SensorDevice::SensorDevice(v4l2::MediaDevice *media, unsigned int input,
			   const sensor::Properties &properties)
	: Subdevice(media, fmt::format("{} {}-0010", properties.model, input),
		    MEDIA_ENT_F_CAM_SENSOR,
		    { MEDIA_PAD_FL_SOURCE },
		    OpEnumMbusCode | OpEnumFrameSize | OpFormat |
			    OpSelection | OpEvents | OpLogStatus),
	  properties_(properties), settings_(properties.delays), hflip_(nullptr),
	  vflip_(nullptr)
{
	controls_.setOperations(this);
	addControls();
	resetActiveState();
	applyMode();
}

void SensorDevice::addControls()
{
	const sensor::Range &gain = properties_.analogueGain;

	addTimingControls();

	exposure_ = controls_.addStandard(V4L2_CID_EXPOSURE, properties_.exposureMin,
					  properties_.exposureMin, properties_.exposureStep,
					  properties_.exposureMin);
	controls_.addStandard(V4L2_CID_ANALOGUE_GAIN, gain.min, gain.max, gain.step, gain.def);
	settings_.written().analogueGain = gain.def;
	settings_.written().exposure = properties_.exposureMin;

	if (properties_.flips) {
		hflip_ = controls_.addStandard(V4L2_CID_HFLIP, 0, 1, 1, 0,
					       V4L2_CTRL_FLAG_MODIFY_LAYOUT);
		vflip_ = controls_.addStandard(V4L2_CID_VFLIP, 0, 1, 1, 0,
					       V4L2_CTRL_FLAG_MODIFY_LAYOUT);
	}

	addMountingControls();
	addHdrControl();

	/* Only now may the default go beyond the first, provisional range. */
	settings_.written().vblank = properties_.modes[0].vblankDefault;
	applyExposureRange();
	exposure_->setValue(properties_.exposureDefault);
}

void SensorDevice::addTimingControls()
{
	const sensor::Mode &mode = properties_.modes[0];
	std::vector<int64_t> frequencies = linkFrequencies(properties_);

	vblank_ = controls_.addStandard(V4L2_CID_VBLANK, mode.vblankMin, mode.vblankMax, 1,
					mode.vblankDefault);
	hblank_ = controls_.addStandard(V4L2_CID_HBLANK, mode.hblank, mode.hblank, 1,
					mode.hblank, V4L2_CTRL_FLAG_READ_ONLY);
	pixelRate_ = controls_.addStandard(V4L2_CID_PIXEL_RATE, mode.pixelRate, mode.pixelRate,
					   1, mode.pixelRate);
	linkFrequency_ = controls_.addIntegerMenu(V4L2_CID_LINK_FREQ, frequencies, 0,
						  V4L2_CTRL_FLAG_READ_ONLY);
}

SensorDevice::Form SensorDevice::formOf(const sensor::Mode &mode)
{
	return { mode.exposures, mode.companded };
}

/* The menu has what the modes of the sensor have. */
void SensorDevice::addHdrControl()
{
	for (const sensor::Mode &mode : properties_.modes) {
		if (std::find(forms_.begin(), forms_.end(), formOf(mode)) == forms_.end())
			forms_.push_back(formOf(mode));
	}
	if (forms_.size() < 2)
		return;

	std::vector<std::string> menu{ "No HDR" };
	for (size_t i = 1; i < forms_.size(); i++) {
		const std::string companded = forms_[i].companded ? "Companded" : "";
		const std::string exposures =
			forms_[i].exposures > 1 ? fmt::format("{} Exposures", forms_[i].exposures) : "";
		menu.push_back(companded + (companded.empty() || exposures.empty() ? "" : ", ") +
			       exposures);
	}
	hdr_ = controls_.addMenu(V4L2_CID_HDR_SENSOR_MODE, menu, 0, V4L2_CTRL_FLAG_MODIFY_LAYOUT);
}

/* The camera looks away from the screen and is mounted upright. */
void SensorDevice::addMountingControls()
{
	controls_.addMenu(V4L2_CID_CAMERA_ORIENTATION, { "Front", "Back", "External" },
			  V4L2_CAMERA_ORIENTATION_BACK);
	controls_.addStandard(V4L2_CID_CAMERA_SENSOR_ROTATION, 0, 0, 1, 0);
}

/** \brief The active mode */
const sensor::Mode &SensorDevice::mode() const
{
	return properties_.modes[settings_.written().mode];
}

/** \brief The first queue streams: the next frame is the first of a stream */
void SensorDevice::streamStarted()
{
	settings_.reset();
	for (v4l2::Control *control : { hflip_, vflip_, hdr_ }) {
		if (control)
			control->grab(true);
	}
}

/** \brief No queue streams any more */
void SensorDevice::streamStopped()
{
	for (v4l2::Control *control : { hflip_, vflip_, hdr_ }) {
		if (control)
			control->grab(false);
	}
}

/** \brief Start a frame; returns the settings in effect for it */
sensor::FrameSettings SensorDevice::startFrame()
{
	return settings_.startFrame();
}

/* The time that \a lines take. */
static std::chrono::nanoseconds duration(const sensor::Mode &mode, uint64_t lines)
{
	const uint64_t pixels = lines * (mode.width + mode.hblank);

	/* In two steps: pixels times 10^9 can exceed 64 bits. */
	uint64_t seconds = pixels / mode.pixelRate;
	uint64_t rest = pixels % mode.pixelRate;
	return std::chrono::seconds(seconds) +
	       std::chrono::nanoseconds(rest * 1000000000 / mode.pixelRate);
}

/** \brief From the start of a frame with \a settings to that of the next */
std::chrono::nanoseconds SensorDevice::frameDuration(const sensor::FrameSettings &settings) const
{
	const sensor::Mode &mode = properties_.modes[settings.mode];
	return duration(mode, uint64_t{ mode.height } + settings.vblank);
}

/** \brief How long each line of a frame with \a settings is exposed */
std::chrono::nanoseconds SensorDevice::exposureTime(const sensor::FrameSettings &settings) const
{
	return duration(properties_.modes[settings.mode], settings.exposure);
}

/* The code on the bus with the present flips. */
uint32_t SensorDevice::code(unsigned int bitDepth) const
{
	isp::BayerOrder order = flippedOrder(properties_.order,
					     hflip_ && hflip_->value(),
					     vflip_ && vflip_->value());
	return rawFormat(order, bitDepth)->code;
}

void SensorDevice::fillState(v4l2::SubdeviceState *state, unsigned int index) const
{
	const sensor::Mode &mode = properties_.modes[index];

	state->pads[0].format = rawBusFormat(code(mode.bitDepth), mode.width, mode.height);
	state->pads[0].crop = toRect(mode.analogCrop);
}

void SensorDevice::initState(v4l2::SubdeviceState *state)
{
	fillState(state, 0);
}

/* Is \a mode one of those that the HDR control selects? */
bool SensorDevice::offered(const sensor::Mode &mode) const
{
	return formOf(mode) == forms_[form_];
}

int SensorDevice::enumMbusCode([[maybe_unused]] const v4l2::SubdeviceState &state,
			       v4l2_subdev_mbus_code_enum *query)
{
	std::set<unsigned int, std::greater<>> depths;
	for (const sensor::Mode &mode : properties_.modes) {
		if (offered(mode))
			depths.insert(mode.bitDepth);
	}
	if (query->index >= depths.size())
		return -EINVAL;

	query->code = code(*std::next(depths.begin(), query->index));
	query->flags = 0;
	return 0;
}

int SensorDevice::enumFrameSize([[maybe_unused]] const v4l2::SubdeviceState &state,
				v4l2_subdev_frame_size_enum *size)
{
	uint32_t skip = size->index;

	for (const sensor::Mode &mode : properties_.modes) {
		if (size->code != code(mode.bitDepth) || !offered(mode) || skip--)
			continue;

		size->min_width = size->max_width = mode.width;
		size->min_height = size->max_height = mode.height;
		return 0;
	}

	return -EINVAL;
}

/* The mode of the nearest size, preferably with the bit depth asked for. */
unsigned int SensorDevice::nearestMode(const v4l2_mbus_framefmt &format) const
{
	const RawFormat *raw = rawFormatOfCode(format.code);
	unsigned int best = 0;
	uint64_t bestDistance = UINT64_MAX;

	for (unsigned int i = 0; i < properties_.modes.size(); i++) {
		const sensor::Mode &mode = properties_.modes[i];
		if (!offered(mode))
			continue;

		uint64_t distance = std::abs(int64_t{ mode.width } - format.width) +
				    std::abs(int64_t{ mode.height } - format.height);

		if (!raw || raw->bitDepth != mode.bitDepth)
			distance += 1ULL << 40;
		if (distance < bestDistance) {
			bestDistance = distance;
			best = i;
		}
	}

	return best;
}

int SensorDevice::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	unsigned int index = nearestMode(format->format);

	if (&state == &activeState()) {
		if (streaming())
			return -EBUSY;
		settings_.written().mode = index;
		applyMode();
	} else {
		fillState(&state, index);
	}

	format->format = state.pads[0].format;
	return 0;
}

int SensorDevice::getSelection(const v4l2::SubdeviceState &state,
			       v4l2_subdev_selection *selection)
{
	switch (selection->target) {
	case V4L2_SEL_TGT_CROP:
		selection->r = state.pads[0].crop;
		return 0;
	case V4L2_SEL_TGT_CROP_DEFAULT:
	case V4L2_SEL_TGT_CROP_BOUNDS:
		selection->r = toRect(properties_.activeArea);
		return 0;
	case V4L2_SEL_TGT_NATIVE_SIZE:
		selection->r = toRect(properties_.nativeArea);
		return 0;
	default:
		return -EINVAL;
	}
}

/* The crop belongs to the mode: any other is adjusted to it. */
int SensorDevice::setSelection(v4l2::SubdeviceState &state,
			       v4l2_subdev_selection *selection)
{
	if (selection->target != V4L2_SEL_TGT_CROP)
		return -EINVAL;

	return getSelection(state, selection);
}

/* Bring the active format and the controls in line with the active mode. */
void SensorDevice::applyMode()
{
	const sensor::Mode &current = mode();
	std::vector<int64_t> frequencies = linkFrequencies(properties_);
	auto it = std::find(frequencies.begin(), frequencies.end(),
			    static_cast<int64_t>(current.linkFrequency));

	fillState(&activeState(), settings_.written().mode);

	pixelRate_->modifyRange(current.pixelRate, current.pixelRate, 1, current.pixelRate);
	linkFrequency_->setValue(it - frequencies.begin());
	hblank_->modifyRange(current.hblank, current.hblank, 1, current.hblank);
	vblank_->modifyRange(current.vblankMin, current.vblankMax, 1, current.vblankDefault);
	vblank_->setValue(current.vblankDefault);
	settings_.written().vblank = vblank_->value();
	applyExposureRange();
}

/* The longest exposure ends exposureMargin lines before the frame does. */
void SensorDevice::applyExposureRange()
{
	int64_t lines = int64_t{ mode().height } + settings_.written().vblank;
	int64_t longest = std::max<int64_t>(lines - properties_.exposureMargin,
					    properties_.exposureMin);
	int64_t preset = std::clamp<int64_t>(properties_.exposureDefault,
					     properties_.exposureMin, longest);

	exposure_->modifyRange(properties_.exposureMin, longest, properties_.exposureStep,
			       preset);
}

/*
 * Another form of frames: the mode of its that shows most nearly what the last one did.
 */
void SensorDevice::applyForm(size_t form)
{
	const sensor::Mode &last = mode();

	form_ = form;
	v4l2_mbus_framefmt wanted = {};
	wanted.code = code(last.bitDepth);
	wanted.width = last.width;
	wanted.height = last.height / last.exposures * forms_[form_].exposures;
	settings_.written().mode = nearestMode(wanted);
	applyMode();
}

/* Flips change the Bayer order that is on the bus. */
void SensorDevice::applyLayout()
{
	activeState().pads[0].format.code = code(mode().bitDepth);
}

void SensorDevice::setFaults(std::shared_ptr<FaultTimeline> faults, unsigned int input)
{
	faults_ = std::move(faults);
	input_ = input;
}

int SensorDevice::setControl(const v4l2::Control &control, int64_t value)
{
	int ret = faults_ ? faults_->writeControl(input_, control.id()) : 0;
	if (ret)
		return ret;

	sensor::FrameSettings &written = settings_.written();

	switch (control.id()) {
	case V4L2_CID_EXPOSURE:
		written.exposure = value;
		break;
	case V4L2_CID_ANALOGUE_GAIN:
		written.analogueGain = value;
		break;
	case V4L2_CID_VBLANK:
		written.vblank = value;
		applyExposureRange();
		break;
	case V4L2_CID_HFLIP:
		written.hflip = value;
		applyLayout();
		break;
	case V4L2_CID_VFLIP:
		written.vflip = value;
		applyLayout();
		break;
	case V4L2_CID_HDR_SENSOR_MODE:
		applyForm(value);
		break;
	default:
		break;
	}

	return 0;
}

} /* namespace fovea::device */
