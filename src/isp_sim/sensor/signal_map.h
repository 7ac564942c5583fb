/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What falls on the pixels: from the scene to the pixel array
 */

#pragma once

#include <chrono>
#include <memory>
#include <stdint.h>
#include <vector>

namespace fovea::sensor {

/* Indices of the companded signal: 16 bits. */
constexpr unsigned int kSignalMax = 65535;

/*
 * The signal of every pixel of one readout geometry, without flips, row by row: the
 * index i means (i / kSignalMax)^2 of the largest signal. The square root makes the
 * steps follow the shot noise: at every level they are 2 sqrt(e) / kSignalMax of it where
 * the largest signal brings e electrons, a thirtieth for a million of them, 20 bits. Signals are of a
 * perfect array behind a perfect lens: without shading, crosstalk, non-uniformity.
 */
struct SignalMap {
	unsigned int width;
	unsigned int height;
	double largest;			/* electrons per second */
	std::vector<uint16_t> index;	/* width * height */
};

/*
 * One group of lights of a scene. A pixel's signal is the sum of all layers' signals,
 * each times the layer's factor of the pixel's row.
 */
struct SignalLayer {
	std::shared_ptr<const SignalMap> map;	/* equal pointers have equal contents */
	std::vector<double> rowFactors;		/* of each row of the map; empty means all 1 */
};

/* When the rows of a frame see the scene. */
struct Moment {
	std::chrono::nanoseconds time;	/* since the start of the stream; the first row is read */
	double exposureTime;		/* seconds, up to the time at which a row is read */
	double rowTime;			/* seconds from row to row */
	bool upwards;			/* the last row of the map is the first to be read */
	int32_t lensPosition;
};

} /* namespace fovea::sensor */
