/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Lens shading as the tuning file describes it
 */

#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "libcamera/internal/vector.h"

#include "frame_geometry.h"

namespace libcamera {

class ValueNode;

namespace ipa::fovea {

/* Colours of the mosaic in the order R, Gr, Gb, B. */
inline constexpr unsigned int kMosaicColours = 4;

class Shading
{
public:
	int init(const ValueNode &tuningData);

	size_t tables() const { return tables_.size(); }
	double temperature(size_t table) const { return tables_[table].temperature; }
	double gain(size_t table, unsigned int colour, const FrameGeometry &geometry,
		    const ArrayPlace &place) const;

private:
	using Polynomial = std::vector<double>;

	struct Table {
		double temperature;
		std::array<Polynomial, kMosaicColours> polynomials;
	};

	std::optional<ArrayPlace> centre_;
	std::vector<Table> tables_;
};

class ShadingGrid
{
public:
	using Places = std::function<ArrayPlace(unsigned int column, unsigned int row)>;

	void clear();
	void build(const Shading &shading, const FrameGeometry &geometry,
		   unsigned int columns, unsigned int rows, const Places &places);

	bool empty() const { return tables_.empty(); }
	size_t points() const { return points_; }
	const std::vector<float> &at(double temperature);
	RGB<double> colour(double temperature, size_t point);

private:
	struct Table {
		double mired;
		std::vector<float> gains;
	};

	size_t points_ = 0;
	std::vector<Table> tables_;
	double temperature_ = 0;
	std::vector<float> gains_;
};

} /* namespace ipa::fovea */

} /* namespace libcamera */
