/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A flash as a V4L2 sub-device
 */

#include "flash_device.h"

#include <errno.h>

#include <fmt/core.h>

namespace fovea::device {

namespace {

/* Strobe times in microseconds, in the steps that the register of an LM3560 has. */
constexpr int kTimeoutMin = 32000;
constexpr int kTimeoutStep = 32000;
constexpr int kTimeoutMax = 1024000;

constexpr int kIntensityStep = sensor::kFlashCurrentStep;

} /* namespace */

/**
 * \class FlashDevice
 * \brief The driver of a white LED with torch and flash
 *
 * The controls are those of the V4L2 flash class. A strobe lasts until its
 * timeout or until it is stopped. Scenes of this hardware are not lit by it.
 */

/**
 * \param[in] media The media device
 * \param[in] input Number of the sensor input, which is that of the I2C bus too
 * \param[in] flash Model and currents
 * \param[in] time The time now, by the clock of the sensor's frames
 */
FlashDevice::FlashDevice(v4l2::MediaDevice *media, unsigned int input,
			 const sensor::FlashModel &flash, Time time)
	: Subdevice(media, fmt::format("{} {}-0053", flash.model, input), MEDIA_ENT_F_FLASH, {},
		    OpEvents),
	  time_(std::move(time)), strobeEnd_(0)
{
	controls_.setOperations(this);
	addControls(flash);
}

void FlashDevice::addControls(const sensor::FlashModel &flash)
{
	mode_ = controls_.addMenu(V4L2_CID_FLASH_LED_MODE, { "Off", "Flash", "Torch" },
				  V4L2_FLASH_LED_MODE_NONE);
	source_ = controls_.addMenu(V4L2_CID_FLASH_STROBE_SOURCE, { "Software", "External" },
				    V4L2_FLASH_STROBE_SOURCE_SOFTWARE);
	strobe_ = controls_.addStandard(V4L2_CID_FLASH_STROBE, 0, 0, 0, 0,
					V4L2_CTRL_FLAG_INACTIVE);
	controls_.addStandard(V4L2_CID_FLASH_STROBE_STOP, 0, 0, 0, 0);
	controls_.addStandard(V4L2_CID_FLASH_STROBE_STATUS, 0, 1, 1, 0, V4L2_CTRL_FLAG_VOLATILE);
	timeout_ = controls_.addStandard(V4L2_CID_FLASH_TIMEOUT, kTimeoutMin, kTimeoutMax,
					 kTimeoutStep, kTimeoutMax);
	controls_.addStandard(V4L2_CID_FLASH_INTENSITY, kIntensityStep, flash.flashCurrent,
			      kIntensityStep, flash.flashCurrent);
	controls_.addStandard(V4L2_CID_FLASH_TORCH_INTENSITY, kIntensityStep, flash.torchCurrent,
			      kIntensityStep, flash.torchCurrent);
	controls_.addStandard(V4L2_CID_FLASH_FAULT, 0, V4L2_FLASH_FAULT_TIMEOUT, 0, 0);
}

void FlashDevice::initState([[maybe_unused]] v4l2::SubdeviceState *state)
{
}

/* A strobe by software needs flash mode and software as its source. */
bool FlashDevice::canStrobe() const
{
	return mode_->value() == V4L2_FLASH_LED_MODE_FLASH &&
	       source_->value() == V4L2_FLASH_STROBE_SOURCE_SOFTWARE;
}

/* As for any inactive control, a write that does not apply does nothing. */
void FlashDevice::strobe()
{
	if (canStrobe())
		strobeEnd_ = time_() + std::chrono::microseconds(timeout_->value());
}

bool FlashDevice::strobes() const
{
	return time_() < strobeEnd_;
}

int FlashDevice::setControl(const v4l2::Control &control, [[maybe_unused]] int64_t value)
{
	switch (control.id()) {
	case V4L2_CID_FLASH_STROBE:
		strobe();
		break;
	case V4L2_CID_FLASH_LED_MODE:
	case V4L2_CID_FLASH_STROBE_STOP:
		/* A new mode ends what the old one did. */
		strobeEnd_ = {};
		[[fallthrough]];
	case V4L2_CID_FLASH_STROBE_SOURCE:
		strobe_->activate(canStrobe());
		break;
	default:
		break;
	}

	return 0;
}

int FlashDevice::getVolatile(const v4l2::Control &control, int64_t *value)
{
	if (control.id() == V4L2_CID_FLASH_STROBE_STATUS)
		*value = strobes();

	return 0;
}

} /* namespace fovea::device */
