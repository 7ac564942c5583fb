/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What changes in a scene over time
 */

#include "isp_sim/sensor/timeline.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

/**
 * \class Track
 * \brief A value over time, and its mean over an exposure
 */

/** \param[in] keys At least one; their times must not fall */
Track::Track(std::vector<Key> keys)
	: keys_(std::move(keys))
{
	integrals_.resize(keys_.size(), 0.0);
	for (size_t i = 1; i < keys_.size(); i++)
		integrals_[i] = integrals_[i - 1] + (keys_[i].time - keys_[i - 1].time) *
							    (keys_[i].value + keys_[i - 1].value) / 2.0;
}

bool Track::constant() const
{
	return minimum() == maximum();
}

double Track::minimum() const
{
	return std::min_element(keys_.begin(), keys_.end(), [](const Key &a, const Key &b) {
		       return a.value < b.value;
	       })->value;
}

double Track::maximum() const
{
	return std::max_element(keys_.begin(), keys_.end(), [](const Key &a, const Key &b) {
		       return a.value < b.value;
	       })->value;
}

/** \brief The value at \a time, in seconds */
double Track::at(double time) const
{
	const auto after = std::find_if(keys_.begin(), keys_.end(),
					[&](const Key &key) { return key.time > time; });

	if (after == keys_.begin())
		return keys_.front().value;
	if (after == keys_.end())
		return keys_.back().value;

	const Key &a = *(after - 1), &b = *after;
	return a.value + (b.value - a.value) * (time - a.time) / (b.time - a.time);
}

/* The integral from the first key to \a time; negative before it. */
double Track::integral(double time) const
{
	const auto after = std::find_if(keys_.begin(), keys_.end(),
					[&](const Key &key) { return key.time > time; });

	if (after == keys_.begin())
		return (time - keys_.front().time) * keys_.front().value;

	const size_t i = after - keys_.begin() - 1;
	return integrals_[i] + (time - keys_[i].time) * (keys_[i].value + at(time)) / 2.0;
}

/** \brief The mean value from one time to another; the value itself if they are equal */
double Track::mean(double from, double to) const
{
	if (keys_.size() == 1 || !(to > from))
		return at(to);

	return (integral(to) - integral(from)) / (to - from);
}

namespace {

constexpr double kPi = 0x1.921fb54442d18p+1;

/* Integrals of the waveforms from phase 0 to \a phase, in periods; mean 1 over a period. */

double sineIntegral(double phase, double depth)
{
	/* 1 - depth cos(2 pi p); sin x is cos(x - pi / 2). */
	const double within = phase - floor(phase);

	return phase - depth * exact::cos(2.0 * kPi * within - kPi / 2.0) / (2.0 * kPi);
}

double rectifiedIntegral(double phase)
{
	/* pi / 2 |sin(pi p)|. */
	const double whole = floor(phase);

	return whole + (1.0 - exact::cos(kPi * (phase - whole))) / 2.0;
}

double pulseIntegral(double phase, double duty)
{
	const double whole = floor(phase);

	return whole + std::min((phase - whole) / duty, 1.0);
}

} /* namespace */

/**
 * \brief The mean of the light over an exposure, relative to that over all time
 * \param[in] from, to Seconds
 *
 * The waveform's share is depth; the rest of the light is steady.
 */
double Flicker::mean(double from, double to) const
{
	/* Shorter than that it is a sample. */
	constexpr double kShortest = 1e-6;

	if (frequency <= 0.0 || depth <= 0.0)
		return 1.0;
	if (to - from < kShortest)
		from = to - kShortest;

	const double a = from * frequency + phase, b = to * frequency + phase;
	switch (waveform) {
	case Waveform::Sine:
		return (sineIntegral(b, depth) - sineIntegral(a, depth)) / (b - a);
	case Waveform::Rectified:
		return 1.0 - depth + depth * (rectifiedIntegral(b) - rectifiedIntegral(a)) / (b - a);
	case Waveform::Pulse:
		break;
	}

	return 1.0 - depth + depth * (pulseIntegral(b, duty) - pulseIntegral(a, duty)) / (b - a);
}

} /* namespace fovea::sensor */
