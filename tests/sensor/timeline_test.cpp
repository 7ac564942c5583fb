/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Values over time and their means over an exposure
 */

#include <functional>
#include <math.h>

#include <gtest/gtest.h>

#include "isp_sim/sensor/timeline.h"

using namespace fovea::sensor;

namespace {

/* The mean by samples. */
double sampled(const std::function<double(double)> &value, double from, double to)
{
	constexpr int kSamples = 20000;
	double sum = 0.0;

	for (int i = 0; i < kSamples; i++)
		sum += value(from + (to - from) * (i + 0.5) / kSamples);
	return sum / kSamples;
}

} /* namespace */

TEST(Track, HoldsItsEndsAndJumps)
{
	const Track track({ { 1.0, 2.0 }, { 3.0, 4.0 }, { 3.0, 10.0 }, { 4.0, 0.0 } });

	EXPECT_EQ(track.at(0.0), 2.0);
	EXPECT_EQ(track.at(2.0), 3.0);
	EXPECT_EQ(track.at(3.0), 10.0);
	EXPECT_EQ(track.at(3.5), 5.0);
	EXPECT_EQ(track.at(9.0), 0.0);
	EXPECT_EQ(track.minimum(), 0.0);
	EXPECT_EQ(track.maximum(), 10.0);
	EXPECT_FALSE(track.constant());
	EXPECT_TRUE(Track(3.0).constant());
}

TEST(Track, MeanIsTheIntegral)
{
	const Track track({ { 1.0, 2.0 }, { 3.0, 4.0 }, { 3.0, 10.0 }, { 4.0, 0.0 } });

	for (auto [from, to] : { std::pair{ 0.0, 0.5 }, { 0.0, 2.0 }, { 1.5, 1.6 }, { 2.5, 3.5 }, { -1.0, 6.0 },
				 { 5.0, 6.0 } })
		EXPECT_NEAR(track.mean(from, to), sampled([&](double t) { return track.at(t); }, from, to), 1e-3)
			<< from << " to " << to;
	EXPECT_EQ(track.mean(2.0, 2.0), 3.0);
	EXPECT_EQ(Track(7.0).mean(0.0, 1.0), 7.0);
}

TEST(Flicker, MeanIsTheIntegralOfTheWaveform)
{
	constexpr double kPi = 3.14159265358979;

	for (auto waveform : { Flicker::Waveform::Sine, Flicker::Waveform::Rectified, Flicker::Waveform::Pulse }) {
		const Flicker flicker{ waveform, 100.0, 0.6, 0.3, 0.2 };
		auto value = [&](double t) {
			const double phase = 100.0 * t + 0.2, part = phase - floor(phase);
			switch (waveform) {
			case Flicker::Waveform::Sine:
				return 1.0 - 0.6 * cos(2 * kPi * part);
			case Flicker::Waveform::Rectified:
				return 0.4 + 0.6 * kPi / 2 * sin(kPi * part);
			default:
				return 0.4 + 0.6 * (part < 0.3 ? 1.0 / 0.3 : 0.0);
			}
		};

		for (auto [from, to] : { std::pair{ 0.0, 0.001 }, { 0.0035, 0.0082 }, { 12.0011, 12.0312 }, { -0.004, 0.002 } })
			EXPECT_NEAR(flicker.mean(from, to), sampled(value, from, to), 1e-3) << from;
		/* Whole periods are steady. */
		EXPECT_NEAR(flicker.mean(0.0123, 0.0323), 1.0, 1e-9);
	}

	EXPECT_EQ(Flicker().mean(0.0, 1.0), 1.0);
}
