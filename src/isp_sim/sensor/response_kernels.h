/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Vector code of the response of recorded frames
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>
#include <vector>

namespace fovea::sensor {

/* The window of local moments: so many samples of one colour in each direction. */
inline constexpr int kResponseWindow = 5;

/* What becomes of each recorded code. Apart, so that what a step looks up stays in the cache. */
struct ResponseTable {
	std::vector<float> signal;	/* code above black at the wanted exposure */
	std::vector<float> deviation;	/* of the noise that is missing, codes */
	std::vector<float> variance;	/* of the recorded noise, codes^2 */
	std::vector<float> kept;	/* part of that which may stay, at most 1 */
};

/* What is the same for all samples of a frame. */
struct ResponseScale {
	float black;		/* code */
	float ratio;		/* of the exposures */
	float largest;		/* code that the table has */
	float structure;	/* times the noise: what has more variance is structure */
	float allOfIt;		/* an entry that keeps as much is left as it is */
};

void lookUpSignals(const ResponseTable &table, const uint16_t *in, size_t width, float *signals);
void quantiseSignals(const float *signals, float offset, float white, size_t width, uint16_t *out);
void addNoiseToSignals(const ResponseTable &table, const float *gaussian, uint16_t mask, const uint16_t *random,
		       const uint16_t *in, size_t width, float *signals);
void columnMoments(const std::array<const uint16_t *, kResponseWindow> &rows, size_t width, float black,
		   float *sums, float *squares);
void windowMoments(const float *sums, const float *squares, size_t width, float *means, float *variances);
void smoothSignals(const ResponseTable &table, const ResponseScale &scale, const uint16_t *in,
		   const float *means, const float *variances, size_t width, float *signals);

} /* namespace fovea::sensor */
