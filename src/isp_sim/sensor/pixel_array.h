/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The pixels and converters of a sensor: from signals to codes
 */

#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/pixel_pattern.h"
#include "isp_sim/sensor/pixel_row.h"
#include "isp_sim/sensor/signal_map.h"

namespace fovea::sensor {

class PixelArray
{
public:
	explicit PixelArray(const SensorModel &model);

	void prepare(unsigned int mode);
	double exposureTime(const FrameSettings &settings, unsigned int exposure) const;
	void expose(const FrameSettings &settings, uint32_t sequence, unsigned int exposure,
		    std::span<const SignalLayer> layers, std::span<uint8_t> raw, size_t stride);

private:
	struct CachedPattern {
		ArrayWindow window;
		PixelPattern pattern;
	};

	/* A map with crosstalk, and the one that it was made of. */
	struct CachedMap {
		std::shared_ptr<const SignalMap> source;
		SignalMap result;
	};

	const PixelPattern &pattern(unsigned int mode);
	const SignalMap &withCrosstalk(size_t slot, const std::shared_ptr<const SignalMap> &map);
	RowExposure makeExposure(const FrameSettings &settings, double time) const;
	void makeColumns(const PixelPattern &pattern, const RowExposure &exposure, uint64_t seed,
			 unsigned int binning);
	void makeLight(std::span<const SignalMap *const> maps, std::span<const SignalLayer> layers,
		       unsigned int y, double time);
	void addDefects(const PixelPattern &pattern, unsigned int y, double time, double share,
			const RowPattern &rowPattern, const RowExposure &row);
	const std::vector<uint16_t> &curve(unsigned int mode);
	void storeRow(const Mode &mode, const std::vector<uint16_t> &table, bool hflip, uint8_t *out);

	const SensorModel model_;

	/* Caches of what depends on the arguments of expose() only, and rows in work. */
	std::mutex mutex_;
	std::vector<std::unique_ptr<CachedPattern>> patterns_;
	std::vector<std::unique_ptr<CachedMap>> maps_;
	std::vector<std::vector<uint16_t>> curves_;	/* of each mode */
	std::vector<const SignalMap *> mosaics_;
	std::array<std::vector<float>, 3> squares_;
	std::vector<float> light_;
	std::vector<float> columns_;
	std::vector<int32_t> codes_;
	std::vector<uint16_t> samples_;
};

} /* namespace fovea::sensor */
