/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A sensor that looks at a synthetic scene
 */

#include "isp_sim/sensor/chart_sensor.h"

#include <errno.h>
#include <mutex>
#include <vector>

#include "isp_sim/sensor/pixel_array.h"
#include "isp_sim/sensor/scene_renderer.h"

namespace fovea::sensor {

namespace {

class ChartSensor : public Sensor
{
public:
	ChartSensor(const SensorModel &model, const Scene &scene, const std::optional<Track> &focus)
		: properties_(model.properties), renderer_(model, scene, focus), pixels_(model)
	{
	}

	const Properties &properties() const override { return properties_; }

	int prepare(unsigned int mode) override;
	int render(const FrameSettings &settings, uint32_t sequence,
		   std::chrono::nanoseconds time,
		   std::span<uint8_t> raw, size_t stride) override;

private:
	const Properties properties_;
	SceneRenderer renderer_;
	PixelArray pixels_;

	/* Kept from frame to frame to save allocations. */
	std::mutex mutex_;
	std::vector<SignalLayer> layers_;
};

int ChartSensor::prepare(unsigned int mode)
{
	if (mode >= properties_.modes.size())
		return -EINVAL;

	renderer_.prepare(mode);
	pixels_.prepare(mode);
	return 0;
}

int ChartSensor::render(const FrameSettings &settings, uint32_t sequence,
			std::chrono::nanoseconds time, std::span<uint8_t> raw, size_t stride)
{
	if (settings.mode >= properties_.modes.size())
		return -EINVAL;

	const Mode &mode = properties_.modes[settings.mode];
	size_t bytes = mode.width * (mode.bitDepth > 8 ? 2 : 1);
	if (stride < bytes || raw.size() < stride * (mode.height - 1) + bytes)
		return -EINVAL;

	const double rowTime = static_cast<double>(mode.width + mode.hblank) / mode.pixelRate;
	std::scoped_lock lock(mutex_);

	for (unsigned int i = 0; i < mode.exposures; i++) {
		Moment moment{ time, pixels_.exposureTime(settings, i), rowTime,
			       settings.vflip && properties_.flips, settings.lensPosition };
		renderer_.render(settings.mode, moment, &layers_);
		pixels_.expose(settings, sequence, i, layers_, raw, stride);
	}

	return 0;
}

} /* namespace */

/* Create a sensor that looks at a synthetic scene; see PixelArray and SceneRenderer. */
std::unique_ptr<Sensor> createChartSensor(const SensorModel &model, const Scene &scene,
					  const std::optional<Track> &focus)
{
	return std::make_unique<ChartSensor>(model, scene, focus);
}

} /* namespace fovea::sensor */
