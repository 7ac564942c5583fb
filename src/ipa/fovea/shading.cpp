/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading as the tuning file describes it
 */

#include "shading.h"

#include <algorithm>
#include <cmath>
#include <errno.h>

#include "libcamera/internal/value_node.h"

/**
 * \file shading.h
 * \brief Lens shading as the tuning file describes it
 */

namespace libcamera {

namespace ipa::fovea {

namespace {

/* Kelvin to mired, in which the colours of thermal light are nearly evenly spaced. */
double mired(double temperature)
{
	return 1e6 / std::max(temperature, 1.0);
}

} /* namespace */

/**
 * \class Shading
 * \brief Gains that even out a flat field, by place, colour and colour temperature
 *
 * Each is 1 + c1 r^2 + c2 r^4 + ... with the distance r from the optical centre in
 * half diagonals of the active area. A lens that follows the law of cos^4 is such a
 * polynomial: 1 / cos^4 = (1 + (r / f)^2)^2.
 */

/**
 * \brief Read "centre" and "tables"
 * \return 0, or -EINVAL
 */
int Shading::init(const ValueNode &tuningData)
{
	static constexpr std::array kColours = { "r", "gr", "gb", "b" };

	tables_.clear();

	centre_.reset();
	auto centre = tuningData["centre"].get<std::vector<double>>();
	if (centre && centre->size() == 2)
		centre_ = ArrayPlace{ (*centre)[0], (*centre)[1] };

	for (const auto &entry : tuningData["tables"].asList()) {
		auto temperature = entry["ct"].get<double>();
		if (!temperature)
			return -EINVAL;

		Table table{ *temperature, {} };
		for (unsigned int i = 0; i < kMosaicColours; i++) {
			auto polynomial = entry[kColours[i]].get<std::vector<double>>();
			if (!polynomial)
				return -EINVAL;
			table.polynomials[i] = *polynomial;
		}
		tables_.push_back(table);
	}

	return tables_.empty() ? -EINVAL : 0;
}

/**
 * \brief The gain of a colour at a place
 * \param[in] table Index of the table
 * \param[in] colour 0 to 3: R, Gr, Gb, B
 * \param[in] geometry The mode, for the size of the active area
 * \param[in] place The place on the array
 */
double Shading::gain(size_t table, unsigned int colour, const FrameGeometry &geometry,
		     const ArrayPlace &place) const
{
	const ArrayPlace centre = centre_.value_or(geometry.centre());
	const double r = std::hypot(place.x - centre.x, place.y - centre.y) /
			 geometry.halfDiagonal();

	const Polynomial &polynomial = tables_[table].polynomials[colour];
	double gain = 0;
	for (auto c = polynomial.rbegin(); c != polynomial.rend(); c++)
		gain = (gain + *c) * r * r;

	return 1.0 + gain;
}

/**
 * \class ShadingGrid
 * \brief The gains of all colours at the points of a grid of one sensor mode
 *
 * They are computed for each table of the tuning file when the mode is set, and
 * interpolated by colour temperature (in mired) for a frame. Beyond the first and the
 * last table their gains hold.
 */

/** \brief Forget everything: there is no shading */
void ShadingGrid::clear()
{
	points_ = 0;
	tables_.clear();
	gains_.clear();
}

/**
 * \brief Compute the gains at all points
 * \param[in] shading The tuning
 * \param[in] geometry The mode
 * \param[in] columns, rows Points of the grid
 * \param[in] places The places of the points on the array
 */
void ShadingGrid::build(const Shading &shading, const FrameGeometry &geometry,
			unsigned int columns, unsigned int rows, const Places &places)
{
	clear();
	points_ = size_t{ columns } * rows;

	for (size_t table = 0; table < shading.tables(); table++) {
		std::vector<float> gains(kMosaicColours * points_);
		for (size_t point = 0; point < points_; point++) {
			const ArrayPlace place = places(point % columns, point / columns);
			for (unsigned int colour = 0; colour < kMosaicColours; colour++)
				gains[colour * points_ + point] =
					shading.gain(table, colour, geometry, place);
		}
		tables_.push_back({ mired(shading.temperature(table)), std::move(gains) });
	}

	if (!tables_.empty())
		gains_ = tables_.front().gains;
	temperature_ = 0;
}

/**
 * \brief The gains under light of a colour temperature; the grid must not be empty
 * \return Those of all points in R, then in Gr, Gb and B; they hold until the next
 * call
 */
const std::vector<float> &ShadingGrid::at(double temperature)
{
	if (temperature == temperature_)
		return gains_;
	temperature_ = temperature;

	/* The tables' temperatures grow, so their mired fall. */
	const double wanted = mired(temperature);
	auto next = std::find_if(tables_.begin(), tables_.end(), [wanted](const Table &table) {
		return table.mired <= wanted;
	});
	const Table &b = next == tables_.end() ? tables_.back() : *next;
	const Table &a = next == tables_.begin() ? b : *std::prev(next);
	const double range = a.mired - b.mired;
	const float part = range > 0 ? std::clamp((a.mired - wanted) / range, 0.0, 1.0) : 0.0;

	for (size_t i = 0; i < gains_.size(); i++)
		gains_[i] = a.gains[i] + (b.gains[i] - a.gains[i]) * part;

	return gains_;
}

/** \brief The gains of red, green (their mean) and blue at one point */
RGB<double> ShadingGrid::colour(double temperature, size_t point)
{
	const std::vector<float> &gains = at(temperature);

	return RGB<double>{ { gains[point],
			      (gains[points_ + point] + gains[2 * points_ + point]) / 2.0,
			      gains[3 * points_ + point] } };
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
