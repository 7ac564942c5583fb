/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * One raw frame as an importer finds it
 */

#include "raw_image.h"

#include <algorithm>
#include <ctype.h>
#include <math.h>

namespace fovea::tune {

/**
 * \brief The name of a sensor model, of what a file says of its camera
 *
 * At most 20 of a-z, 0-9 and -, which is what a recording allows; "camera" where
 * nothing is left. A model that repeats its make has it once.
 */
std::string modelName(const std::string &make, const std::string &model)
{
	constexpr size_t kLongest = 20;
	const std::string text = model.starts_with(make) || make.empty() ? model : make + " " + model;
	std::string name;

	for (unsigned char c : text) {
		if (isalnum(c) && c < 0x80)
			name += static_cast<char>(tolower(c));
		else if (!name.empty() && name.back() != '-')
			name += '-';
	}

	name.resize(std::min(name.size(), kLongest));
	while (!name.empty() && name.back() == '-')
		name.pop_back();

	return name.empty() ? "camera" : name;
}

/** \brief The bit depth of a recording, 8 to 16 and even, that has room for \a bits */
unsigned int evenDepth(unsigned int bits)
{
	return std::clamp((bits + 1) / 2 * 2, 8u, 16u);
}

/** \brief Set the camera's white, scaled so that its largest component is 1 */
void setNeutral(const double (&neutral)[3], sensor::FrameInfo *info)
{
	const double largest = *std::max_element(std::begin(neutral), std::end(neutral));
	const bool valid = std::all_of(std::begin(neutral), std::end(neutral),
				       [](double v) { return isfinite(v) && v > 0.0; });

	for (size_t i = 0; i < info->neutral.size(); i++)
		info->neutral[i] = valid ? neutral[i] / largest : 0.0;
}

} /* namespace fovea::tune */
