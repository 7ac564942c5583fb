/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Noise: a Gaussian table and a counter-based random generator
 */

#pragma once

#include <array>
#include <stddef.h>
#include <stdint.h>

namespace fovea::sensor {

constexpr unsigned int kGaussianBits = 12;
constexpr unsigned int kGaussianFraction = 10;

using GaussianTable = std::array<int16_t, size_t{ 1 } << kGaussianBits>;

const GaussianTable &gaussianTable();

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): bijective, well mixed. */
constexpr uint64_t mix64(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;

	return x ^ (x >> 31);
}

/* The increment of splitmix64. */
constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ull;

} /* namespace fovea::sensor */
