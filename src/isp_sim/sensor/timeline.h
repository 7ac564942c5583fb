/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What changes in a scene over time
 */

#pragma once

#include <array>
#include <stddef.h>
#include <vector>

namespace fovea::sensor {

/* A value at a time. Of two keys with one time, the second is in effect from then on. */
struct Key {
	double time;			/* seconds since the start of the stream */
	double value;
};

/* Straight lines between keys, constant before the first and behind the last. */
class Track
{
public:
	explicit Track(double constant = 0.0)
		: keys_{ { 0.0, constant } }
	{
	}

	explicit Track(std::vector<Key> keys);

	bool constant() const;
	double minimum() const;
	double maximum() const;

	double at(double time) const;
	double mean(double from, double to) const;

private:
	double integral(double time) const;

	std::vector<Key> keys_;
	std::vector<double> integrals_;	/* from the first key to each */
};

/* How lamps on the mains pulse. The mean is 1. */
struct Flicker {
	enum class Waveform {
		Sine,			/* a filament */
		Rectified,		/* |sin|: a lamp behind a rectifier */
		Pulse,			/* on and off: an LED that is dimmed */
	};

	Waveform waveform = Waveform::Sine;
	double frequency = 0.0;		/* of the light, Hz: 100 or 120; 0 is none */
	double depth = 0.0;		/* (largest - smallest) / (largest + smallest) of a sine; share of the waveform of others */
	double duty = 0.5;		/* of a pulse */
	double phase = 0.0;		/* periods at time 0 */

	double mean(double from, double to) const;
};

} /* namespace fovea::sensor */
