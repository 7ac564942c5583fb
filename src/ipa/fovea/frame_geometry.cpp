/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Places in the frame and on the sensor's array
 */

#include "frame_geometry.h"

#include <cmath>

/**
 * \file frame_geometry.h
 * \brief Places in the frame and on the sensor's array
 */

namespace libcamera {

namespace ipa::fovea {

/**
 * \struct ArrayPlace
 * \brief A place on the sensor, in its unbinned pixels from the upper left corner
 * of the active area
 *
 * Pixel i covers i to i + 1.
 */

/**
 * \class FrameGeometry
 * \brief Crop, binning and flips of the sensor's mode
 *
 * What belongs to the lens or to single pixels is tuned in places of the array,
 * and is brought with this to the frame of each mode.
 */

/**
 * \param[in] info The sensor's mode
 * \param[in] hflip The sensor reads its columns from right to left
 * \param[in] vflip The sensor reads its rows from bottom to top
 *
 * A mode that tells no crop is taken to show the active area's upper left corner
 * pixel by pixel.
 */
FrameGeometry::FrameGeometry(const IPACameraSensorInfo &info, bool hflip, bool vflip)
	: size_(info.outputSize), activeArea_(info.activeAreaSize), crop_(info.analogCrop),
	  hflip_(hflip), vflip_(vflip)
{
	if (crop_.isNull())
		crop_ = Rectangle(size_);
	if (activeArea_.isNull())
		activeArea_ = crop_.size();

	scaleX_ = static_cast<double>(crop_.width) / size_.width;
	scaleY_ = static_cast<double>(crop_.height) / size_.height;
}

/**
 * \fn FrameGeometry::binning()
 * \brief Pixels of the array that one sample of the frame is made of
 */

/**
 * \fn FrameGeometry::scaleX()
 * \brief Columns of the array from a pixel of the frame to the next, negative where
 * the frame is flipped
 */

/**
 * \brief The place on the array of a place in the frame
 * \param[in] x, y In pixels of the frame, pixel i covers i to i + 1
 */
ArrayPlace FrameGeometry::toArray(double x, double y) const
{
	if (hflip_)
		x = size_.width - x;
	if (vflip_)
		y = size_.height - y;

	return { crop_.x + x * scaleX_, crop_.y + y * scaleY_ };
}

/* The sample of a mosaic that a pixel becomes, where @scale of its colour are binned. */
static unsigned int binned(unsigned int position, double scale)
{
	return 2 * static_cast<unsigned int>(position / (2 * scale)) + position % 2;
}

/**
 * \brief The pixel of the frame that shows a pixel of the array
 * \param[in] x, y Column and row from the upper left corner of the active area
 *
 * Binning adds pixels of the same colour, so that a pixel is found in the quad that
 * covers it, at the position of its colour.
 *
 * \return The pixel, or nothing if the mode does not show it
 */
std::optional<Point> FrameGeometry::pixelOf(unsigned int x, unsigned int y) const
{
	const int left = static_cast<int>(x) - crop_.x;
	const int top = static_cast<int>(y) - crop_.y;
	if (left < 0 || top < 0)
		return {};

	unsigned int column = binned(left, scaleX_);
	unsigned int row = binned(top, scaleY_);
	if (column >= size_.width || row >= size_.height)
		return {};

	if (hflip_)
		column = size_.width - 1 - column;
	if (vflip_)
		row = size_.height - 1 - row;

	return Point(column, row);
}

/** \brief The middle of the active area */
ArrayPlace FrameGeometry::centre() const
{
	return { activeArea_.width / 2.0, activeArea_.height / 2.0 };
}

/** \brief From the middle of the active area to its corners, in pixels of the array */
double FrameGeometry::halfDiagonal() const
{
	return std::hypot(activeArea_.width, activeArea_.height) / 2.0;
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
