/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Places in the frame and on the sensor's array
 */

#pragma once

#include <optional>

#include <libcamera/geometry.h>

#include <libcamera/ipa/core_ipa_interface.h>

namespace libcamera {

namespace ipa::fovea {

struct ArrayPlace {
	double x;
	double y;
};

class FrameGeometry
{
public:
	FrameGeometry() = default;
	FrameGeometry(const IPACameraSensorInfo &info, bool hflip, bool vflip);

	const Size &size() const { return size_; }
	double binning() const { return scaleX_ * scaleY_; }
	double scaleX() const { return hflip_ ? -scaleX_ : scaleX_; }
	double scaleY() const { return vflip_ ? -scaleY_ : scaleY_; }

	ArrayPlace toArray(double x, double y) const;
	std::optional<Point> pixelOf(unsigned int x, unsigned int y) const;

	ArrayPlace centre() const;
	double halfDiagonal() const;

private:
	Size size_;
	Size activeArea_;
	Rectangle crop_;
	double scaleX_ = 1.0;
	double scaleY_ = 1.0;
	bool hflip_ = false;
	bool vflip_ = false;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
