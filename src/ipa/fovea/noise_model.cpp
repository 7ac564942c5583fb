/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The noise of a sensor and what becomes of it in the picture
 */

#include "noise_model.h"

#include <algorithm>
#include <cmath>

#include "libcamera/internal/value_node.h"

#include "ipa_context.h"

/**
 * \file noise_model.h
 * \brief The noise of a sensor and what becomes of it in the picture
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

/*
 * What is assumed of a sensor that nothing is known of: a small pixel, full well 5600
 * electrons, read noise 2.2 electrons, converter noise half a code of 10 bits.
 */
constexpr double kTypicalShot = 1.76e-4;
constexpr double kTypicalRead = 1.5e-7;
constexpr double kTypicalConverter = 2.4e-7;

/* The linear level of the picture at which its noise is estimated, and grey's slope. */
constexpr double kReferenceLevel = 0.1;

/* Largest value behind gamma (12 bits). */
constexpr double kMaxOutput = 4095.0;

/* Luma and the scales of Cb and Cr, ITU-R BT.601-7 section 2.5. */
constexpr double kLuma[] = { 0.299, 0.587, 0.114 };
constexpr double kCbScale = 1.772;
constexpr double kCrScale = 1.402;

/* Samples of each colour in a quad. */
constexpr double kSamples[] = { 1, 2, 1 };

/* Derivative of the sRGB curve above its linear part, IEC 61966-2-1. */
double srgbSlope(double linear)
{
	return 1.055 / 2.4 * std::pow(linear, 1 / 2.4 - 1);
}

} /* namespace */

/**
 * \class NoiseModel
 * \brief The noise of the samples of a sensor
 *
 * The variance of a sample is gain * shot * signal + gain^2 * read + converter, all in
 * squares of the sensor's range: photons arrive by chance, so that their variance is
 * their number, noise in front of the amplifier is amplified with the signal, and the
 * converter adds its own (the linear model of EMVA Standard 1288). Rounding to codes
 * adds 1/12 of a code's square. Averaging pixels divides the rest by their number.
 */

NoiseModel::NoiseModel()
	: shot_(kTypicalShot), read_(kTypicalRead), converter_(kTypicalConverter)
{
}

/**
 * \brief Take over the node "noise" of the sensor in the tuning file
 *
 * What it does not have is that of a typical small pixel.
 */
void NoiseModel::init(const ValueNode &tuning)
{
	shot_ = tuning["shot"].get<double>(kTypicalShot);
	read_ = tuning["read"].get<double>(kTypicalRead);
	converter_ = tuning["converter"].get<double>(kTypicalConverter);
}

/**
 * \param[in] bitDepth Bits of a sample
 * \param[in] binning Pixels that a sample is the mean of
 */
void NoiseModel::configure(unsigned int bitDepth, double binning)
{
	pixels_ = std::max(binning, 1.0);
	quantisation_ = std::exp2(-2.0 * bitDepth) / 12;
}

/**
 * \brief Variance of a sample, 1.0 is the square of the sensor's range
 * \param[in] signal The signal above the black level, 1.0 is the sensor's range
 * \param[in] gain The analogue gain
 */
double NoiseModel::variance(double signal, double gain) const
{
	const double pixel = gain * shot_ * std::max(signal, 0.0) + gain * gain * read_ + converter_;
	return pixel / pixels_ + quantisation_;
}

/** \brief Standard deviation of a sample, in units of the sensor's range */
double NoiseModel::deviation(double signal, double gain) const
{
	return std::sqrt(variance(signal, gain));
}

/**
 * \struct PictureNoise
 *
 * \a luma of a pixel, \a quadLuma of the mean of a quad of 2x2 pixels, \a chroma the
 * larger one of Cb and Cr.
 */

/**
 * \brief Estimate the noise of a grey behind gamma
 * \param[in] model The sensor
 * \param[in] frameContext The frame: its gains, its colour matrix, and what is left of
 * the noise behind the noise reduction of the mosaic
 *
 * At a tenth of the range. Shot noise grows with the square root of the signal, and the
 * slope of the curve of sRGB falls with its power of -0.58, so that the result holds
 * for most of the range; deep shadows are noisier by what the read noise adds.
 */
PictureNoise pictureNoise(const NoiseModel &model, const IPAFrameContext &frameContext)
{
	const auto &applied = frameContext.applied;
	double luma = 0, quadLuma = 0, cb = 0, cr = 0;

	for (unsigned int j = 0; j < 3; j++) {
		const double gain = std::max(applied.gains[j], 1e-3);
		const double variance = gain * gain *
					model.variance(kReferenceLevel / gain,
						       frameContext.sensorGain);
		double y = 0;
		for (unsigned int i = 0; i < 3; i++)
			y += kLuma[i] * applied.ccm[i][j];

		luma += y * y * variance;
		quadLuma += y * y * variance / kSamples[j];
		cb += std::pow((applied.ccm[2][j] - y) / kCbScale, 2) * variance / kSamples[j];
		cr += std::pow((applied.ccm[0][j] - y) / kCrScale, 2) * variance / kSamples[j];
	}

	const double scale = kMaxOutput * srgbSlope(kReferenceLevel) * applied.rawNoise;

	return { scale * std::sqrt(luma), scale * std::sqrt(quadLuma),
		 scale * std::sqrt(std::max(cb, cr)) };
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
