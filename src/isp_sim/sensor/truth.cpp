/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The truth about a synthetic frame, for tests
 */

#include "isp_sim/sensor/truth.h"

#include <algorithm>
#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/chart.h"

namespace fovea::sensor {

/* The Bayer order that flips of the readout make of \a order, for even sizes. */
BayerOrder flippedOrder(BayerOrder order, bool hflip, bool vflip)
{
	/* RGGB, GRBG, GBRG, BGGR: bit 0 swaps columns, bit 1 swaps rows. */
	unsigned int bits = static_cast<unsigned int>(order);

	return static_cast<BayerOrder>(bits ^ (hflip ? 1 : 0) ^ (vflip ? 2 : 0));
}

/* The colour of a pixel: 0 is red, 1 green, 2 blue. */
unsigned int channelAt(BayerOrder order, unsigned int x, unsigned int y)
{
	unsigned int bits = static_cast<unsigned int>(order);

	return ((x ^ bits) & 1) + ((y ^ (bits >> 1)) & 1);
}

const char *bayerOrderName(BayerOrder order)
{
	static const char *const names[] = { "RGGB", "GRBG", "GBRG", "BGGR" };

	return names[static_cast<unsigned int>(order)];
}

namespace {

/* Tests average over the middle of a patch, away from its edges. */
constexpr double kPatchInset = 0.2;

/* Where an area of the active array lies in a frame of \a mode; false if not inside. */
bool areaInFrame(const PatchArea &area, const Properties &properties, const Mode &mode,
		 unsigned int binning, bool hflip, bool vflip, Rectangle *result)
{
	const Rectangle &active = properties.activeArea;
	double originX = mode.analogCrop.left - active.left - active.width / 2.0;
	double originY = mode.analogCrop.top - active.top - active.height / 2.0;
	double height = mode.height / mode.exposures;
	double insetX = (area.right - area.left) * kPatchInset;
	double insetY = (area.bottom - area.top) * kPatchInset;
	double left = ceil((area.left + insetX - originX) / binning);
	double right = floor((area.right - insetX - originX) / binning);
	double top = ceil((area.top + insetY - originY) / binning);
	double bottom = floor((area.bottom - insetY - originY) / binning);

	if (hflip) {
		double old = left;
		left = mode.width - right;
		right = mode.width - old;
	}
	if (vflip) {
		double old = top;
		top = height - bottom;
		bottom = height - old;
	}
	if (left < 0 || top < 0 || right > mode.width || bottom > height)
		return false;

	*result = { static_cast<int>(left), static_cast<int>(top),
		    static_cast<unsigned int>(right - left), static_cast<unsigned int>(bottom - top) };
	return true;
}

/* The shading at the centre of an area of the active array. */
Vector3 illuminationOf(const SensorModel &model, const PatchArea &area)
{
	const Rectangle &active = model.properties.activeArea;
	const double x = (area.left + area.right + active.width) / 2.0;
	const double y = (area.top + area.bottom + active.height) / 2.0;
	Vector3 illumination;

	for (size_t i = 0; i < 3; i++)
		illumination[i] = model.shading[i].at(x, y, active.width, active.height);

	return illumination;
}

std::vector<Defect> frameDefects(const SensorModel &model, unsigned int mode, bool hflip, bool vflip)
{
	const ArrayWindow window(model.properties.modes[mode], model.readouts[mode]);
	std::vector<Defect> defects = windowDefects(model, window);

	for (Defect &defect : defects) {
		if (hflip)
			defect.x = window.width - 1 - defect.x;
		if (vflip)
			defect.y = window.height - 1 - defect.y;
	}
	std::sort(defects.begin(), defects.end(), [](const Defect &a, const Defect &b) {
		return a.y != b.y ? a.y < b.y : a.x < b.x;
	});

	return defects;
}

std::string json(const Vector3 &v)
{
	return fmt::format("[{:.6g}, {:.6g}, {:.6g}]", v[0], v[1], v[2]);
}

std::string json(const Rectangle &r)
{
	return fmt::format("[{}, {}, {}, {}]", r.left, r.top, r.width, r.height);
}

} /* namespace */

/**
 * \brief What is known about the frames of a scene
 * \param[in] mode Index of the mode in the model's properties; must exist
 *
 * PatchTruth::linearSrgb is the chart's nominal colour under D65: what a camera
 * that adapts fully to the illuminant shows, up to a common factor for exposure.
 * Signals include the crosstalk of a uniform area. Places are those of one exposure.
 */
Truth sceneTruth(const SensorModel &model, const Scene &scene, unsigned int mode,
		 bool hflip, bool vflip)
{
	const Properties &properties = model.properties;
	const PixelModel &pixel = model.pixel;
	const Mode &m = properties.modes[mode];
	const Readout &readout = model.readouts[mode];

	Truth truth{};
	truth.model = properties.model;
	truth.scene = scene.name;
	truth.illuminant = scene.illuminant;
	truth.mode = m;
	truth.order = flippedOrder(properties.order, hflip, vflip);
	truth.blackLevel = readout.companding.empty() ? pixel.blackLevel >> (pixel.bitDepth - m.bitDepth)
						      : readout.compand(pixel.blackLevel);
	truth.whiteLevel = (1u << m.bitDepth) - 1;
	truth.defects = frameDefects(model, mode, hflip, vflip);

	if (scene.kind == Scene::Kind::Dark) {
		truth.illuminant.illuminance = 0.0;
		return truth;
	}

	Spectrum light = scene.illuminant.irradiance();
	auto signal = [&](const Spectrum &reflectance) {
		return pixel.withCrosstalk(electronsPerSecond(pixel, scene.lens, light, reflectance));
	};

	std::vector<Spectrum> reflectances = chartReflectances(scene.reflectance);
	truth.white = signal(Spectrum([](double) { return 1.0; }));
	truth.wall = signal(reflectances[Wall]);

	if (scene.kind != Scene::Kind::Chart)
		return truth;

	for (size_t i = 0; i < kPatchCount; i++) {
		const ChartPatch &patch = kChartPatches[i];
		Rectangle area;

		if (areaInFrame(patchArea(i), properties, m, model.readouts[mode].binning, hflip, vflip, &area))
			truth.patches.push_back({ patch.name, area, patch.linearSrgb(),
						  signal(reflectances[i]),
						  illuminationOf(model, patchArea(i)), i >= kFirstNeutralPatch });
	}

	return truth;
}

/* The truth as JSON; areas are [left, top, width, height] in pixels of the frame. */
std::string Truth::toJson() const
{
	std::string text = "{\n";

	text += fmt::format("  \"model\": \"{}\",\n  \"scene\": \"{}\",\n", model, scene);
	text += fmt::format("  \"illuminant\": {{ \"kind\": \"{}\", \"temperature\": {}, \"lux\": {} }},\n",
			    illuminant.kindName(),
			    illuminant.temperature, illuminant.illuminance);
	text += fmt::format("  \"size\": [{}, {}],\n  \"bit_depth\": {},\n  \"bayer_order\": \"{}\",\n",
			    mode.width, mode.height / mode.exposures, mode.bitDepth, bayerOrderName(order));
	text += fmt::format("  \"black_level\": {},\n  \"white_level\": {},\n", blackLevel, whiteLevel);
	text += fmt::format("  \"white_electrons_per_second\": {},\n", json(white));
	text += fmt::format("  \"wall_electrons_per_second\": {},\n  \"patches\": [", json(wall));

	for (const PatchTruth &patch : patches) {
		text += fmt::format("{}\n    {{ \"name\": \"{}\", \"neutral\": {}, \"area\": {}, "
				    "\"linear_srgb\": {}, \"electrons_per_second\": {}, \"illumination\": {} }}",
				    &patch == &patches.front() ? "" : ",", patch.name, patch.neutral,
				    json(patch.area), json(patch.linearSrgb), json(patch.signal),
				    json(patch.illumination));
	}

	text += patches.empty() ? "],\n  \"defects\": [" : "\n  ],\n  \"defects\": [";
	for (const Defect &defect : defects)
		text += fmt::format("{}\n    {{ \"kind\": \"{}\", \"x\": {}, \"y\": {}, \"value\": {:.6g} }}",
				    &defect == &defects.front() ? "" : ",", defectName(defect.kind), defect.x,
				    defect.y, defect.value);

	return text + (defects.empty() ? "]\n}\n" : "\n  ]\n}\n");
}

} /* namespace fovea::sensor */
