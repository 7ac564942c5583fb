/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A recorded frame at another exposure and gain, with the noise of that
 */

#pragma once

#include <array>
#include <optional>
#include <span>
#include <stdint.h>
#include <vector>

#include "isp_sim/sensor/recording.h"
#include "isp_sim/sensor/response_kernels.h"

namespace fovea::sensor {

/* Exposure time in any unit, and gain. */
struct Shot {
	double time;
	double gain;

	bool operator==(const Shot &other) const = default;
};

class Response
{
public:
	struct Format {
		unsigned int width;	/* even */
		unsigned int height;	/* even */
		unsigned int bitDepth;
		double blackLevel;	/* code */
		unsigned int whiteLevel;
		std::optional<NoiseModel> noise;
	};

	explicit Response(const Format &format);

	void set(const Shot &recorded, const Shot &wanted);

	/* Two lines from the even line \a y on. */
	void render(std::span<const uint16_t> frame, unsigned int y, uint64_t seed,
		    std::span<uint16_t> out);

private:
	double variance(double signal, double gain) const;
	void makeTable();
	void localMoments(std::span<const uint16_t> frame, unsigned int y);
	void smooth(const uint16_t *in);
	void addNoise(const uint16_t *in, uint64_t seed);
	void keepClipped(const uint16_t *in, std::span<uint16_t> out) const;

	Format format_;
	Shot recorded_{ 0.0, 0.0 };
	Shot wanted_{ 0.0, 0.0 };
	double ratio_ = 1.0;
	bool smooths_ = false;
	bool addsNoise_ = false;
	std::vector<uint16_t> curve_;
	ResponseTable table_;

	/* Of one line. */
	std::vector<float> columnSums_;
	std::vector<float> columnSquares_;
	std::vector<float> means_;
	std::vector<float> variances_;
	std::vector<float> signals_;
	std::vector<uint16_t> random_;
};

} /* namespace fovea::sensor */
