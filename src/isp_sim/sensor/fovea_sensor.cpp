/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-sensor: print what is known about sensors, scenes and recordings
 */

#include <array>
#include <charconv>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "isp_sim/sensor/calibration.h"
#include "isp_sim/sensor/rig.h"
#include "isp_sim/sensor/truth.h"

using namespace fovea::sensor;

namespace {

constexpr std::array<const char *, 4> kTableIlluminants{ "A", "D50", "D65", "F11" };

int usage()
{
	std::cerr << "Usage: fovea-sensor calibrate MODEL\n"
		     "       fovea-sensor colours MODEL...\n"
		     "       fovea-sensor truth MODEL SCENE [MODE]\n"
		     "       fovea-sensor render MODEL SCENE|RECORDING MODE EXPOSURE GAIN FILE\n"
		     "\n"
		     "calibrate  print neutral ratios and colour matrices as YAML\n"
		     "colours    print the mean CIEDE2000 of the chart that the best matrix gives\n"
		     "truth      print illuminant, patches and levels of a scene as JSON\n"
		     "render     write one raw frame: MODE is an index, EXPOSURE in lines,\n"
		     "           GAIN a code; prints size, bit depth and Bayer order\n";
	return 2;
}

int fail(const std::string &error)
{
	std::cerr << "fovea-sensor: " << error << "\n";
	return 1;
}

bool integer(std::string_view text, int *value)
{
	const char *end = text.data() + text.size();
	auto [last, status] = std::from_chars(text.data(), end, *value);

	return status == std::errc{} && last == end;
}

int calibrate(const std::vector<std::string> &args)
{
	std::string error;
	auto model = findSensorModel(args[0], SearchPath::fromEnvironment(), &error);
	if (!model)
		return fail(error);

	std::cout << computeCalibration(*model).toYaml();
	return 0;
}

int colours(const std::vector<std::string> &args)
{
	std::cout << "| sensor |";
	for (const char *name : kTableIlluminants)
		std::cout << " " << name << " |";
	std::cout << "\n|---|---|---|---|---|\n";

	for (const std::string &arg : args) {
		std::string error;
		auto model = findSensorModel(arg, SearchPath::fromEnvironment(), &error);
		if (!model)
			return fail(error);

		std::cout << "| " << model->properties.model << " |";
		for (const char *name : kTableIlluminants) {
			const Illuminant illuminant{ Illuminant::Kind::Named, 0.0, 500.0, name };
			std::cout << fmt::format(" {:.2f} |", calibrateColours(*model, illuminant).difference);
		}
		std::cout << "\n";
	}

	return 0;
}

int truth(const std::vector<std::string> &args)
{
	SearchPath search = SearchPath::fromEnvironment();
	std::string error;
	int mode = 0;

	auto model = findSensorModel(args[0], search, &error);
	if (!model)
		return fail(error);
	auto scene = findScene(args[1], search, &error);
	if (!scene)
		return fail(error);

	int last = model->properties.modes.size() - 1;
	if (args.size() > 2 && (!integer(args[2], &mode) || mode < 0 || mode > last))
		return fail("mode '" + args[2] + "', expected 0 to " + std::to_string(last));

	std::cout << sceneTruth(*model, *scene, mode, false, false).toJson();
	return 0;
}

int render(const std::vector<std::string> &args)
{
	SearchPath search = SearchPath::fromEnvironment();
	std::string error;
	int mode, exposure, gain;

	if (!integer(args[2], &mode) || !integer(args[3], &exposure) || !integer(args[4], &gain))
		return usage();

	SensorSlot slot{ args[0], args[1], "" };
	if (!findScene(args[1], search, &error))
		slot = { args[0], "", args[1] };

	auto sensor = makeSensor(slot, search, &error);
	if (!sensor)
		return fail(error);

	const Properties &properties = sensor->properties();
	if (mode < 0 || static_cast<size_t>(mode) >= properties.modes.size())
		return fail("mode '" + args[2] + "', expected 0 to " +
			    std::to_string(properties.modes.size() - 1));

	const Mode &m = properties.modes[mode];
	size_t stride = m.width * (m.bitDepth > 8 ? 2 : 1);
	std::vector<uint8_t> raw(stride * m.height);
	FrameSettings settings{ static_cast<unsigned int>(mode), exposure, gain,
				static_cast<int32_t>(m.vblankDefault), false, false };
	int ret = sensor->render(settings, 0, {}, raw, stride);
	if (ret < 0)
		return fail("cannot render: error " + std::to_string(-ret));

	std::ofstream file(args[5], std::ios::binary);
	file.write(reinterpret_cast<const char *>(raw.data()), raw.size());
	file.close();
	if (!file)
		return fail(args[5] + ": cannot write");

	std::cout << m.width << " " << m.height << " " << m.bitDepth << " "
		  << bayerOrderName(properties.order) << "\n";
	return 0;
}

} /* namespace */

int main(int argc, char **argv)
{
	std::vector<std::string> args(argv + 1, argv + argc);
	if (args.empty())
		return usage();

	std::string command = args.front();
	args.erase(args.begin());

	if (command == "calibrate" && args.size() == 1)
		return calibrate(args);
	if (command == "colours" && !args.empty())
		return colours(args);
	if (command == "truth" && (args.size() == 2 || args.size() == 3))
		return truth(args);
	if (command == "render" && args.size() == 6)
		return render(args);

	return usage();
}
