/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Types, names and menus that the kernel gives to standard controls
 */

#include "standard_controls.h"

#include <linux/videodev2.h>

/**
 * \file standard_controls.h
 * \brief The controls of cameras: user, camera, flash, image source and processing
 *
 * The names are what applications show, and are documented in
 * Documentation/userspace-api/media/v4l/control.rst and its neighbours.
 */

namespace fovea::v4l2 {

namespace {

constexpr uint32_t kReadOnly = V4L2_CTRL_FLAG_READ_ONLY;
constexpr uint32_t kSlider = V4L2_CTRL_FLAG_SLIDER;

/* A write is an order of its own; there is nothing to read. */
constexpr uint32_t kOrder = V4L2_CTRL_FLAG_WRITE_ONLY | V4L2_CTRL_FLAG_EXECUTE_ON_WRITE;

constexpr uint32_t kInteger = V4L2_CTRL_TYPE_INTEGER;
constexpr uint32_t kBoolean = V4L2_CTRL_TYPE_BOOLEAN;
constexpr uint32_t kMenu = V4L2_CTRL_TYPE_MENU;
constexpr uint32_t kButton = V4L2_CTRL_TYPE_BUTTON;
constexpr uint32_t kClass = V4L2_CTRL_TYPE_CTRL_CLASS;
constexpr uint32_t kIntegerMenu = V4L2_CTRL_TYPE_INTEGER_MENU;
constexpr uint32_t kBitmask = V4L2_CTRL_TYPE_BITMASK;
constexpr uint32_t kInteger64 = V4L2_CTRL_TYPE_INTEGER64;

constexpr StandardControl kUserControls[] = {
	{ V4L2_CID_USER_CLASS, kClass, "User Controls", 0 },
	{ V4L2_CID_BRIGHTNESS, kInteger, "Brightness", kSlider },
	{ V4L2_CID_CONTRAST, kInteger, "Contrast", kSlider },
	{ V4L2_CID_SATURATION, kInteger, "Saturation", kSlider },
	{ V4L2_CID_HUE, kInteger, "Hue", kSlider },
	{ V4L2_CID_AUDIO_VOLUME, kInteger, "Volume", kSlider },
	{ V4L2_CID_AUDIO_MUTE, kBoolean, "Mute", 0 },
	{ V4L2_CID_AUTO_WHITE_BALANCE, kBoolean, "White Balance, Automatic", 0 },
	{ V4L2_CID_DO_WHITE_BALANCE, kButton, "Do White Balance", kOrder },
	{ V4L2_CID_RED_BALANCE, kInteger, "Red Balance", kSlider },
	{ V4L2_CID_BLUE_BALANCE, kInteger, "Blue Balance", kSlider },
	{ V4L2_CID_GAMMA, kInteger, "Gamma", kSlider },
	{ V4L2_CID_EXPOSURE, kInteger, "Exposure", 0 },
	{ V4L2_CID_AUTOGAIN, kBoolean, "Gain, Automatic", 0 },
	{ V4L2_CID_GAIN, kInteger, "Gain", 0 },
	{ V4L2_CID_HFLIP, kBoolean, "Horizontal Flip", 0 },
	{ V4L2_CID_VFLIP, kBoolean, "Vertical Flip", 0 },
	{ V4L2_CID_POWER_LINE_FREQUENCY, kMenu, "Power Line Frequency", 0 },
	{ V4L2_CID_HUE_AUTO, kBoolean, "Hue, Automatic", 0 },
	{ V4L2_CID_WHITE_BALANCE_TEMPERATURE, kInteger, "White Balance Temperature", 0 },
	{ V4L2_CID_SHARPNESS, kInteger, "Sharpness", kSlider },
	{ V4L2_CID_BACKLIGHT_COMPENSATION, kInteger, "Backlight Compensation", 0 },
	{ V4L2_CID_CHROMA_AGC, kBoolean, "Chroma AGC", 0 },
	{ V4L2_CID_CHROMA_GAIN, kInteger, "Chroma Gain", kSlider },
	{ V4L2_CID_COLOR_KILLER, kBoolean, "Color Killer", 0 },
	{ V4L2_CID_COLORFX, kMenu, "Color Effects", 0 },
	{ V4L2_CID_COLORFX_CBCR, kInteger, "Color Effects, CbCr", 0 },
	{ V4L2_CID_COLORFX_RGB, kInteger, "Color Effects, RGB", 0 },
	{ V4L2_CID_AUTOBRIGHTNESS, kBoolean, "Brightness, Automatic", 0 },
	{ V4L2_CID_BAND_STOP_FILTER, kInteger, "Band-Stop Filter", 0 },
	{ V4L2_CID_ROTATE, kInteger, "Rotate", V4L2_CTRL_FLAG_MODIFY_LAYOUT },
	{ V4L2_CID_BG_COLOR, kInteger, "Background Color", 0 },
	{ V4L2_CID_ILLUMINATORS_1, kBoolean, "Illuminator 1", 0 },
	{ V4L2_CID_ILLUMINATORS_2, kBoolean, "Illuminator 2", 0 },
	{ V4L2_CID_MIN_BUFFERS_FOR_CAPTURE, kInteger, "Min Number of Capture Buffers",
	  kReadOnly },
	{ V4L2_CID_MIN_BUFFERS_FOR_OUTPUT, kInteger, "Min Number of Output Buffers",
	  kReadOnly },
	{ V4L2_CID_ALPHA_COMPONENT, kInteger, "Alpha Component", 0 },
};

constexpr StandardControl kCameraControls[] = {
	{ V4L2_CID_CAMERA_CLASS, kClass, "Camera Controls", 0 },
	{ V4L2_CID_EXPOSURE_AUTO, kMenu, "Auto Exposure", 0 },
	{ V4L2_CID_EXPOSURE_ABSOLUTE, kInteger, "Exposure Time, Absolute", 0 },
	{ V4L2_CID_EXPOSURE_AUTO_PRIORITY, kBoolean, "Exposure, Dynamic Framerate", 0 },
	{ V4L2_CID_PAN_RELATIVE, kInteger, "Pan, Relative", kOrder },
	{ V4L2_CID_TILT_RELATIVE, kInteger, "Tilt, Relative", kOrder },
	{ V4L2_CID_PAN_RESET, kButton, "Pan, Reset", kOrder },
	{ V4L2_CID_TILT_RESET, kButton, "Tilt, Reset", kOrder },
	{ V4L2_CID_PAN_ABSOLUTE, kInteger, "Pan, Absolute", 0 },
	{ V4L2_CID_TILT_ABSOLUTE, kInteger, "Tilt, Absolute", 0 },
	{ V4L2_CID_FOCUS_ABSOLUTE, kInteger, "Focus, Absolute", 0 },
	{ V4L2_CID_FOCUS_RELATIVE, kInteger, "Focus, Relative", kOrder },
	{ V4L2_CID_FOCUS_AUTO, kBoolean, "Focus, Automatic Continuous", 0 },
	{ V4L2_CID_ZOOM_ABSOLUTE, kInteger, "Zoom, Absolute", 0 },
	{ V4L2_CID_ZOOM_RELATIVE, kInteger, "Zoom, Relative", kOrder },
	{ V4L2_CID_ZOOM_CONTINUOUS, kInteger, "Zoom, Continuous", 0 },
	{ V4L2_CID_PRIVACY, kBoolean, "Privacy", 0 },
	{ V4L2_CID_IRIS_ABSOLUTE, kInteger, "Iris, Absolute", 0 },
	{ V4L2_CID_IRIS_RELATIVE, kInteger, "Iris, Relative", kOrder },
	{ V4L2_CID_AUTO_EXPOSURE_BIAS, kIntegerMenu, "Auto Exposure, Bias", 0 },
	{ V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE, kMenu, "White Balance, Auto & Preset", 0 },
	{ V4L2_CID_WIDE_DYNAMIC_RANGE, kBoolean, "Wide Dynamic Range", 0 },
	{ V4L2_CID_IMAGE_STABILIZATION, kBoolean, "Image Stabilization", 0 },
	{ V4L2_CID_ISO_SENSITIVITY, kIntegerMenu, "ISO Sensitivity", 0 },
	{ V4L2_CID_ISO_SENSITIVITY_AUTO, kMenu, "ISO Sensitivity, Auto", 0 },
	{ V4L2_CID_EXPOSURE_METERING, kMenu, "Exposure, Metering Mode", 0 },
	{ V4L2_CID_SCENE_MODE, kMenu, "Scene Mode", 0 },
	{ V4L2_CID_3A_LOCK, kBitmask, "3A Lock", 0 },
	{ V4L2_CID_AUTO_FOCUS_START, kButton, "Auto Focus, Start", kOrder },
	{ V4L2_CID_AUTO_FOCUS_STOP, kButton, "Auto Focus, Stop", kOrder },
	{ V4L2_CID_AUTO_FOCUS_STATUS, kBitmask, "Auto Focus, Status", kReadOnly },
	{ V4L2_CID_AUTO_FOCUS_RANGE, kMenu, "Auto Focus, Range", 0 },
	{ V4L2_CID_PAN_SPEED, kInteger, "Pan, Speed", 0 },
	{ V4L2_CID_TILT_SPEED, kInteger, "Tilt, Speed", 0 },
	{ V4L2_CID_CAMERA_ORIENTATION, kMenu, "Camera Orientation", kReadOnly },
	{ V4L2_CID_CAMERA_SENSOR_ROTATION, kInteger, "Camera Sensor Rotation", kReadOnly },
	{ V4L2_CID_HDR_SENSOR_MODE, kMenu, "HDR Sensor Mode", 0 },
};

constexpr StandardControl kFlashControls[] = {
	{ V4L2_CID_FLASH_CLASS, kClass, "Flash Controls", 0 },
	{ V4L2_CID_FLASH_LED_MODE, kMenu, "LED Mode", 0 },
	{ V4L2_CID_FLASH_STROBE_SOURCE, kMenu, "Strobe Source", 0 },
	{ V4L2_CID_FLASH_STROBE, kButton, "Strobe", kOrder },
	{ V4L2_CID_FLASH_STROBE_STOP, kButton, "Stop Strobe", kOrder },
	{ V4L2_CID_FLASH_STROBE_STATUS, kBoolean, "Strobe Status", kReadOnly },
	{ V4L2_CID_FLASH_TIMEOUT, kInteger, "Strobe Timeout", 0 },
	{ V4L2_CID_FLASH_INTENSITY, kInteger, "Intensity, Flash Mode", 0 },
	{ V4L2_CID_FLASH_TORCH_INTENSITY, kInteger, "Intensity, Torch Mode", 0 },
	{ V4L2_CID_FLASH_INDICATOR_INTENSITY, kInteger, "Intensity, Indicator", 0 },
	{ V4L2_CID_FLASH_FAULT, kBitmask, "Faults", kReadOnly },
	{ V4L2_CID_FLASH_CHARGE, kBoolean, "Charge", 0 },
	{ V4L2_CID_FLASH_READY, kBoolean, "Ready to Strobe", kReadOnly },
};

constexpr StandardControl kImageControls[] = {
	{ V4L2_CID_IMAGE_SOURCE_CLASS, kClass, "Image Source Controls", 0 },
	{ V4L2_CID_VBLANK, kInteger, "Vertical Blanking", 0 },
	{ V4L2_CID_HBLANK, kInteger, "Horizontal Blanking", 0 },
	{ V4L2_CID_ANALOGUE_GAIN, kInteger, "Analogue Gain", 0 },
	{ V4L2_CID_TEST_PATTERN_RED, kInteger, "Red Pixel Value", 0 },
	{ V4L2_CID_TEST_PATTERN_GREENR, kInteger, "Green (Red) Pixel Value", 0 },
	{ V4L2_CID_TEST_PATTERN_BLUE, kInteger, "Blue Pixel Value", 0 },
	{ V4L2_CID_TEST_PATTERN_GREENB, kInteger, "Green (Blue) Pixel Value", 0 },
	{ V4L2_CID_UNIT_CELL_SIZE, V4L2_CTRL_TYPE_AREA, "Unit Cell Size", kReadOnly },
	{ V4L2_CID_NOTIFY_GAINS, kInteger, "Notify Gains", 0 },
	{ V4L2_CID_IMAGE_PROC_CLASS, kClass, "Image Processing Controls", 0 },
	{ V4L2_CID_LINK_FREQ, kIntegerMenu, "Link Frequency", 0 },
	{ V4L2_CID_PIXEL_RATE, kInteger64, "Pixel Rate", kReadOnly },
	{ V4L2_CID_TEST_PATTERN, kMenu, "Test Pattern", 0 },
	{ V4L2_CID_DEINTERLACING_MODE, kMenu, "Deinterlacing Mode", 0 },
	{ V4L2_CID_DIGITAL_GAIN, kInteger, "Digital Gain", 0 },
	{ V4L2_CID_DETECT_CLASS, kClass, "Detection Controls", 0 },
	{ V4L2_CID_DETECT_MD_MODE, kMenu, "Motion Detection Mode", 0 },
	{ V4L2_CID_DETECT_MD_GLOBAL_THRESHOLD, kInteger, "MD Global Threshold", kSlider },
	{ V4L2_CID_DETECT_MD_THRESHOLD_GRID, V4L2_CTRL_TYPE_U16, "MD Threshold Grid", 0 },
	{ V4L2_CID_DETECT_MD_REGION_GRID, V4L2_CTRL_TYPE_U8, "MD Region Grid", 0 },
};

template<size_t N>
const StandardControl *findIn(const StandardControl (&table)[N], uint32_t id)
{
	for (const StandardControl &control : table) {
		if (control.id == id)
			return &control;
	}

	return nullptr;
}

} /* namespace */

/**
 * \brief What is known of the standard control \a id
 * \return The entry, or nullptr for a control of the driver's own
 */
const StandardControl *standardControl(uint32_t id)
{
	const StandardControl *control = findIn(kUserControls, id);
	if (!control)
		control = findIn(kCameraControls, id);
	if (!control)
		control = findIn(kFlashControls, id);
	if (!control)
		control = findIn(kImageControls, id);

	return control;
}

/** \brief The entries of the standard menu \a id; none if there is no such menu */
std::vector<std::string> standardMenu(uint32_t id)
{
	switch (id) {
	case V4L2_CID_POWER_LINE_FREQUENCY:
		return { "Disabled", "50 Hz", "60 Hz", "Auto" };
	case V4L2_CID_COLORFX:
		return { "None", "Black & White", "Sepia", "Negative", "Emboss", "Sketch",
			 "Sky Blue", "Grass Green", "Skin Whiten", "Vivid", "Aqua",
			 "Art Freeze", "Silhouette", "Solarization", "Antique",
			 "Set Cb/Cr", "Set RGB" };
	case V4L2_CID_EXPOSURE_AUTO:
		return { "Auto Mode", "Manual Mode", "Shutter Priority Mode",
			 "Aperture Priority Mode" };
	case V4L2_CID_EXPOSURE_METERING:
		return { "Average", "Center Weighted", "Spot", "Matrix" };
	case V4L2_CID_AUTO_N_PRESET_WHITE_BALANCE:
		return { "Manual", "Auto", "Incandescent", "Fluorescent", "Fluorescent H",
			 "Horizon", "Daylight", "Flash", "Cloudy", "Shade", "Greyworld" };
	case V4L2_CID_ISO_SENSITIVITY_AUTO:
		return { "Manual", "Auto" };
	case V4L2_CID_SCENE_MODE:
		return { "None", "Backlight", "Beach/Snow", "Candle Light", "Dusk/Dawn",
			 "Fall Colors", "Fireworks", "Landscape", "Night", "Party/Indoor",
			 "Portrait", "Sports", "Sunset", "Text" };
	case V4L2_CID_AUTO_FOCUS_RANGE:
		return { "Auto", "Normal", "Macro", "Infinity" };
	case V4L2_CID_FLASH_LED_MODE:
		return { "Off", "Flash", "Torch" };
	case V4L2_CID_FLASH_STROBE_SOURCE:
		return { "Software", "External" };
	case V4L2_CID_CAMERA_ORIENTATION:
		return { "Front", "Back", "External" };
	case V4L2_CID_DETECT_MD_MODE:
		return { "Disabled", "Global", "Threshold Grid", "Region Grid" };
	default:
		return {};
	}
}

} /* namespace fovea::v4l2 */
