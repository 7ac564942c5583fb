/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The noise of a sensor and what becomes of it in the picture
 */

#pragma once

namespace libcamera {

class ValueNode;

namespace ipa::fovea {

struct IPAFrameContext;

class NoiseModel
{
public:
	NoiseModel();

	void init(const ValueNode &tuning);
	void configure(unsigned int bitDepth, double binning);

	double variance(double signal, double gain) const;
	double deviation(double signal, double gain) const;

private:
	double shot_;
	double read_;
	double converter_;

	double quantisation_ = 0;
	double pixels_ = 1;
};

/* Standard deviations behind gamma, 12-bit units. */
struct PictureNoise {
	double luma;
	double quadLuma;
	double chroma;
};

PictureNoise pictureNoise(const NoiseModel &model, const IPAFrameContext &frameContext);

} /* namespace ipa::fovea */

} /* namespace libcamera */
