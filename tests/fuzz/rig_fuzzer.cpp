/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary text as a rig of either kind, a scene with its files, and a sensor model
 */

#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <string_view>

#include "isp_sim/graph/hardware.h"
#include "isp_sim/sensor/pixel_pattern.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/spectral_response.h"

using namespace fovea;
using namespace fovea::sensor;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

void require(bool condition)
{
	if (!condition)
		abort();
}

/* The defects of an array, unless they are so many that it takes long. */
std::vector<Defect> sampleDefects(const SensorModel &model)
{
	const Rectangle &active = model.properties.activeArea;
	const double pixels = double(active.width) * active.height;
	const Defects &d = model.pixel.defects;

	return pixels * (d.hot + d.dead + d.stuck) < 1e4 ? arrayDefects(model) : std::vector<Defect>();
}

void checkModel(const SensorModel &model)
{
	const Properties &p = model.properties;

	require(!p.modes.empty() && model.readouts.size() == p.modes.size());
	for (const Mode &mode : p.modes) {
		require(mode.width % 2 == 0 && mode.height % 2 == 0);
		require(mode.pixelRate > 0 && mode.exposures >= 1 && mode.height % (2 * mode.exposures) == 0);
		require(mode.vblankMin <= mode.vblankDefault && mode.vblankDefault <= mode.vblankMax);
	}
	for (size_t i = 0; i < p.modes.size(); i++) {
		const Readout &readout = model.readouts[i];
		const uint32_t white = readout.linearWhite(model.pixel.bitDepth);
		require(readout.companding.empty() == !p.modes[i].companded);
		require(readout.companding.empty() || readout.companding.back().linear == white);
		if (!readout.companding.empty())
			require(readout.compand(white) < 1u << p.modes[i].bitDepth &&
				readout.compand(white / 2) <= readout.compand(white));
	}
	for (const Defect &defect : sampleDefects(model))
		require(defect.x >= unsigned(p.activeArea.left) && defect.y >= unsigned(p.activeArea.top) &&
			defect.x < p.activeArea.left + p.activeArea.width &&
			defect.y < p.activeArea.top + p.activeArea.height);
	for (int32_t code = p.analogueGain.min; code <= p.analogueGain.max; code++)
		require(model.gain.gain(code) > 0.0);
}

/* Whatever the reader accepts can be built, with all its links. */
void checkGraph(const graph::GraphRig &rig)
{
	v4l2::EventLoop loop;
	const auto hardware = graph::createHardware(&loop, rig, true);

	require(hardware.size() == rig.devices.size());
	for (size_t i = 0; i < hardware.size(); i++)
		require(hardware[i]->nodes().size() > rig.devices[i].entities.size());
}

void checkScene(const Scene &scene)
{
	require(scene.illuminant.illuminance > 0.0 && scene.lens.fNumber > 0.0);
	require(scene.lights.size() <= 8 && !scene.layers.empty() && scene.layers.size() <= 16);
	require(scene.layers.front().shape.kind == Shape::Kind::Everywhere);

	for (const Layer &layer : scene.layers) {
		require(layer.distance >= 0.0 && layer.content.reflectance > 0.0);
		require(layer.motion[0].maximum() - layer.motion[0].minimum() <= 8192.0);
		for (size_t light : layer.lights)
			require(light < scene.lights.size());
	}

	for (const Light &light : scene.allLights()) {
		const double factor = light.level.mean(0.9, 1.0) * light.flicker.mean(0.9, 1.0);
		require(factor >= 0.0 && factor <= 1e6);
	}
}

void checkFault(const Fault &fault)
{
	require(!fault.count || *fault.count > 0);
	require(!fault.duration || fault.duration->count() >= 0);
	require(fault.time.count() >= 0 && fault.delay.count() >= 0 && fault.error <= 0);
	require(!(fault.count && fault.duration));
}

} /* namespace */

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	std::string_view text(reinterpret_cast<const char *>(data), size);
	std::string error;

	auto rig = parseRig(text, "input", &error);
	require(rig.has_value() == error.empty());
	/* The hardware has two sensor inputs. */
	require(!rig || rig->sensors.size() == 1 || rig->sensors.size() == 2);

	auto graphRig = graph::parseGraphRig(text, "input", &error);
	require(graphRig.has_value() == error.empty());
	if (graphRig)
		checkGraph(*graphRig);

	auto faults = parseFaults(text, "input", &error);
	require(faults.has_value() == error.empty());
	for (const Fault &fault : faults.value_or(std::vector<Fault>()))
		checkFault(fault);

	auto scene = parseScene(text, "input", &error);
	require(scene.has_value() == error.empty());
	if (scene)
		checkScene(*scene);

	const auto spectrum = parseSpectrum(text, "input", &error);
	require(spectrum.has_value() == error.empty());
	const auto picture = parsePicture(text, "input", &error);
	require(picture.has_value() == error.empty());
	require(!picture || picture->pixels.size() == size_t{ picture->width } * picture->height);

	auto sensitivities = parseSensitivities(text, "input", &error);
	require(sensitivities.has_value() == error.empty());

	auto model = parseSensorModel(text, "input", &error);
	require(model.has_value() == error.empty());
	if (model)
		checkModel(*model);

	return 0;
}
