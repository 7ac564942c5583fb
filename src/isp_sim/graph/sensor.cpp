/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Sensor with test patterns
 */

#include <errno.h>

#include <fmt/format.h>

#include <linux/v4l2-controls.h>

#include "subdevices.h"
#include "test_pattern.h"
#include "text.h"

namespace fovea::graph {

namespace {

enum TextMode {
	TextAll,
	TextCounters,
	TextNone,
};

/* Where the text starts, in pixels from the left and from the top. */
constexpr unsigned int kTextLeft = 16;
constexpr unsigned int kTextTop = 16;

struct Overlay {
	TextMode mode;
	uint64_t milliseconds;		/* since the stream started */
};

void drawOverlay(const PatternSettings &settings, const Overlay &overlay, const Image &image)
{
	unsigned int top = kTextTop;
	auto line = [&](const std::string &text) {
		drawText(image, kTextLeft, top, text);
		top += kTextHeight;
	};

	if (overlay.mode == TextAll) {
		line("white, yellow, cyan, green, magenta, red, blue, black");
		line(fmt::format("brightness {:3}, contrast {:3}, saturation {:3}, hue {} ",
				 settings.brightness, settings.contrast, settings.saturation,
				 settings.hue));
		line(fmt::format("sensor size: {}x{}", image.size.width, image.size.height));
	}

	if (overlay.mode != TextNone) {
		const uint64_t ms = overlay.milliseconds;
		line(fmt::format("{:02}:{:02}:{:02}:{:03}", ms / 3600000 % 24, ms / 60000 % 60,
				 ms / 1000 % 60, ms % 1000));
	}
}

} /* namespace */

/**
 * \class Sensor
 * \brief A sensor that takes any format and shows a test pattern
 */

Sensor::Sensor(v4l2::MediaDevice *media, const EntityConfig &config)
	: ElementSubdevice(media, config, MEDIA_ENT_F_CAM_SENSOR, { MEDIA_PAD_FL_SOURCE },
			   OpEnumMbusCode | OpEnumFrameSize | OpFormat | OpEvents | OpLogStatus)
{
	const int64_t lastPattern = patternNames().size() - 1;

	controls_.add({ kCidVimcClass, V4L2_CTRL_TYPE_CTRL_CLASS, "VIMC Controls", 0, 0, 0, 0,
			V4L2_CTRL_FLAG_READ_ONLY | V4L2_CTRL_FLAG_WRITE_ONLY });
	controls_.add({ kCidTestPattern, V4L2_CTRL_TYPE_MENU, "Test Pattern", 0, lastPattern, 1,
			config.pattern, 0, patternNames() });
	controls_.add({ kCidTextMode, V4L2_CTRL_TYPE_MENU, "Show Information", 0, TextNone, 1,
			TextAll, 0, { "All", "Counters Only", "None" } });
	controls_.addStandard(V4L2_CID_VFLIP, 0, 1, 1, 0);
	controls_.addStandard(V4L2_CID_HFLIP, 0, 1, 1, 0);
	controls_.addStandard(V4L2_CID_BRIGHTNESS, 0, 255, 1, 128);
	controls_.addStandard(V4L2_CID_CONTRAST, 0, 255, 1, 128);
	controls_.addStandard(V4L2_CID_HUE, -128, 127, 1, 0);
	controls_.addStandard(V4L2_CID_SATURATION, 0, 255, 1, 128);

	resetActiveState();
}

bool Sensor::takesCode([[maybe_unused]] unsigned int pad, uint32_t code) const
{
	return formatByCode(code);
}

uint32_t Sensor::codeAt([[maybe_unused]] unsigned int pad, unsigned int index) const
{
	return codeByIndex(index);
}

void Sensor::initState(v4l2::SubdeviceState *state)
{
	state->pads[0].format = defaultFormat(config_.code);
}

int Sensor::setFormat(v4l2::SubdeviceState &state, v4l2_subdev_format *format)
{
	if (busy(state))
		return -EBUSY;

	v4l2_mbus_framefmt &wanted = format->format;
	const Size size = limitSize(wanted.width, wanted.height);

	wanted.width = size.width;
	wanted.height = size.height;
	if (!formatByCode(wanted.code))
		wanted.code = config_.code;
	if (wanted.field == V4L2_FIELD_ANY || wanted.field == V4L2_FIELD_ALTERNATE)
		wanted.field = V4L2_FIELD_NONE;
	limitColorimetry(&wanted);

	state.pads[format->pad].format = wanted;
	return 0;
}

int32_t Sensor::control(uint32_t id) const
{
	return controls_.find(id)->value();
}

FrameStep Sensor::prepareFrame(const FrameTime &time)
{
	const v4l2_mbus_framefmt &format = activeState().pads[0].format;

	PatternSettings settings;
	settings.pattern = static_cast<Pattern>(control(kCidTestPattern));
	settings.horizontalFlip = control(V4L2_CID_HFLIP);
	settings.verticalFlip = control(V4L2_CID_VFLIP);
	settings.brightness = control(V4L2_CID_BRIGHTNESS);
	settings.contrast = control(V4L2_CID_CONTRAST);
	settings.saturation = control(V4L2_CID_SATURATION);
	settings.hue = control(V4L2_CID_HUE);
	const Overlay overlay = { static_cast<TextMode>(control(kCidTextMode)),
				  time.sinceStart / 1000000 };

	return { formatByCode(format.code), { format.width, format.height },
		 [settings, overlay, seed = time.sequence](const Image &, const Image &output) {
			 renderPattern(settings, seed, output);
			 drawOverlay(settings, overlay, output);
		 } };
}

} /* namespace fovea::graph */
