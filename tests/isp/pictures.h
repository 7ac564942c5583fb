/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Generated pictures and what measures a demosaic on them
 */

#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "isp_sim/isp/plane.h"

namespace fovea::isp::test {

/* Colours, 0 to 1, at a place of the picture plane in pixels. */
using Picture = std::function<void(double x, double y, double *rgb)>;

struct NamedPicture {
	const char *name;
	Picture picture;
};

inline constexpr unsigned int kPictureWidth = 256;
inline constexpr unsigned int kPictureHeight = 192;

/* Test patterns and, for what photographs are like, natural spectra and dead leaves. */
const std::vector<NamedPicture> &testPictures();

Planes render(const Picture &picture);
Plane sampleMosaic(const Planes &planes, BayerOrder order);

/*
 * @mosaic with the noise of a small sensor in dim light: a full well of 1500 electrons
 * and 6 electrons of read noise.
 */
Plane addNoise(const Plane &mosaic, uint32_t seed);

double cpsnr(const Planes &truth, const Planes &result);

Planes malvarHeCutler(const Plane &mosaic, BayerOrder order);

using DemosaicFunction = std::function<Planes(const Plane &mosaic, BayerOrder order)>;

/* Mean over all pictures in dB; what is reproduced exactly counts as 60. */
double meanCpsnr(const DemosaicFunction &demosaic);

/* The same of the photographs; nothing where there are none. */
std::optional<double> meanPhotographCpsnr(const DemosaicFunction &demosaic);

} /* namespace fovea::isp::test */
