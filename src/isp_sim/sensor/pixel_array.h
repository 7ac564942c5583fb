/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The pixels and converters of a sensor: from signals to codes
 */

#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/signal_map.h"

namespace fovea::sensor {

class PixelArray
{
public:
	explicit PixelArray(const SensorModel &model);

	void expose(const FrameSettings &settings, uint32_t sequence,
		    std::span<const SignalLayer> layers, std::span<uint8_t> raw, size_t stride);

private:
	/* Mean and standard deviation of the code of one signal level, fixed point. */
	struct Level {
		int32_t mean;
		int32_t deviation;
	};

	using Levels = std::vector<Level>;

	struct Exposure {
		int64_t pixels;		/* exposure time in periods of the pixel rate */
		uint64_t pixelRate;
		int32_t gainCode;
		unsigned int binning;
		double largest;		/* electrons / s */

		bool operator==(const Exposure &) const = default;
	};

	std::shared_ptr<const Levels> levels(const Exposure &exposure);
	Levels makeLevels(const Exposure &exposure) const;
	static void renderLine(const uint16_t *index, unsigned int width, const Level *levels,
			       uint64_t seed, unsigned int white, unsigned int shift,
			       uint16_t *out);

	const SensorModel model_;

	/* A cache of what depends on the arguments of expose() only. */
	std::mutex mutex_;
	Exposure cachedExposure_{};
	std::shared_ptr<const Levels> cachedLevels_;
};

} /* namespace fovea::sensor */
