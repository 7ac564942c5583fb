/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rigs: which sensors look at what
 */

#include "isp_sim/sensor/rig.h"

#include <algorithm>
#include <errno.h>

namespace fovea::sensor {

namespace {

/* A flat field in the default mode of an imx219. */
class FlatSensor : public Sensor
{
public:
	FlatSensor()
	{
		properties_.model = "imx219";
		properties_.order = BayerOrder::RGGB;
		properties_.nativeArea = { 0, 0, 3296, 2480 };
		properties_.activeArea = { 8, 8, 3280, 2464 };
		properties_.modes.push_back({ 1920, 1080, 10, { 688, 700, 1920, 1080 },
					      182400000, 456000000, 3448 - 1920, 4,
					      65535 - 1080, 1763 - 1080 });
		properties_.analogueGain = { 0, 232, 1, 0 };
		properties_.exposureMin = 4;
		properties_.exposureMargin = 4;
		properties_.exposureStep = 1;
		properties_.exposureDefault = 1600;
		properties_.delays = { 2, 1, 2 };
		properties_.flips = true;
	}

	const Properties &properties() const override { return properties_; }

	int render(const FrameSettings &settings, uint32_t, std::chrono::nanoseconds,
		   std::span<uint8_t> raw, size_t stride) override
	{
		if (settings.mode >= properties_.modes.size())
			return -EINVAL;

		const Mode &mode = properties_.modes[settings.mode];
		if (stride < mode.width * 2 || raw.size() < stride * mode.height)
			return -EINVAL;

		int64_t code = 64 + settings.exposure * 256 / (256 - settings.analogueGain) / 4;
		uint16_t sample = std::min<int64_t>(code, 1023);
		for (unsigned int y = 0; y < mode.height; y++) {
			for (unsigned int x = 0; x < mode.width; x++) {
				raw[y * stride + 2 * x] = sample & 0xff;
				raw[y * stride + 2 * x + 1] = sample >> 8;
			}
		}

		return 0;
	}

private:
	Properties properties_;
};

} /* namespace */

SearchPath SearchPath::fromEnvironment()
{
	return {};
}

std::optional<Rig> loadRig([[maybe_unused]] const std::string &nameOrFile,
			   [[maybe_unused]] const SearchPath &search,
			   [[maybe_unused]] std::string *error)
{
	return Rig{ "default", "", Clock::RealTime, { { "imx219", "chart-6500k", "" } } };
}

std::optional<Rig> parseRig([[maybe_unused]] std::string_view text,
			    [[maybe_unused]] const std::string &fileName,
			    [[maybe_unused]] std::string *error)
{
	return Rig{ "default", "", Clock::RealTime, { { "imx219", "chart-6500k", "" } } };
}

std::unique_ptr<Sensor> makeSensor([[maybe_unused]] const SensorSlot &slot,
				   [[maybe_unused]] const SearchPath &search,
				   [[maybe_unused]] std::string *error)
{
	return std::make_unique<FlatSensor>();
}

} /* namespace fovea::sensor */
