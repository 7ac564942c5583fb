/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The truth about every pixel of a synthetic frame, as files
 */

#include "isp_sim/sensor/truth_maps.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "isp_sim/sensor/scene_renderer.h"

namespace fovea::sensor {

namespace {

/* lm / W at 555 nm; a diffuse surface sends 1 / pi of what it reflects to each steradian. */
constexpr double kLuminousEfficacy = 683.002;
constexpr double kPi = 0x1.921fb54442d18p+1;

/* CIE XYZ of a diffuse surface; Y is its luminance in cd / m^2. */
Vector3 xyzOf(const Spectrum &irradiance, const Spectrum &reflectance)
{
	return Observer::standard().tristimulus(irradiance * reflectance * (kLuminousEfficacy / kPi));
}

/* What one pixel gets at one moment. */
class PointTruth
{
public:
	PointTruth(const Scene &scene)
		: lights_(scene.allLights()), layers_(scene.allLayers()),
		  sampler_(lights_, layers_, scene.lens, xyzOf)
	{
		const Spectrum white([](double) { return 1.0; });
		for (const Light &light : lights_)
			whites_.push_back(xyzOf(light.illuminant.irradiance(), white));
	}

	/* \a factors are of the lights, in this row. */
	void put(double x, double y, double time, const std::vector<double> &factors, float *xyz,
		 float *illuminant, float *distance) const;

	const std::vector<Light> &lights() const { return lights_; }

private:
	const std::vector<Light> lights_;
	const std::vector<Layer> layers_;
	const SceneSampler sampler_;
	std::vector<Vector3> whites_;
};

void PointTruth::put(double x, double y, double time, const std::vector<double> &factors, float *xyz,
		     float *illuminant, float *distance) const
{
	size_t i = layers_.size() - 1;
	double px = 0.0, py = 0.0;
	for (;; i--) {
		px = x - layers_[i].motion[0].at(time);
		py = y - layers_[i].motion[1].at(time);
		if (i == 0 || layers_[i].shape.covers(px, py))
			break;
	}

	const Layer &layer = layers_[i];
	Vector3 colour{}, white{};
	for (size_t k = 0; k < lights_.size(); k++) {
		const Vector3 v = sampler_.at(px, py, k, i, i + 1);
		const bool falls = layer.lights.empty() ||
				   std::find(layer.lights.begin(), layer.lights.end(), k) != layer.lights.end();
		const double share = falls ? (lights_[k].gradient ? lights_[k].gradient->at(px, py) : 1.0) : 0.0;
		for (size_t c = 0; c < 3; c++) {
			colour[c] += v[c] * factors[k];
			white[c] += whites_[k][c] * share * factors[k];
		}
	}

	const double sum = white[0] + white[1] + white[2];
	for (size_t c = 0; c < 3; c++)
		xyz[c] = static_cast<float>(colour[c]);
	illuminant[0] = sum > 0.0 ? static_cast<float>(white[0] / sum) : 0.0f;
	illuminant[1] = sum > 0.0 ? static_cast<float>(white[1] / sum) : 0.0f;
	*distance = static_cast<float>(layer.distance);
}

/* An array of 32-bit floats in the format of NumPy, version 1.0. */
bool writeNpy(const std::filesystem::path &path, const std::string &shape, const std::vector<float> &values,
	      std::string *error)
{
	constexpr size_t kAlignment = 64;
	constexpr size_t kPrelude = 10;
	std::string header = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);

	header.append(kAlignment - 1 - (kPrelude + header.size()) % kAlignment, ' ');
	header += '\n';

	std::ofstream file(path, std::ios::binary);
	file.write("\x93NUMPY\x01\x00", 8);
	file.put(static_cast<char>(header.size() & 0xff));
	file.put(static_cast<char>(header.size() >> 8));
	file.write(header.data(), header.size());
	file.write(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float));
	file.close();
	if (!file)
		*error = fmt::format("{}: cannot write", path.string());

	return file.good();
}

} /* namespace */

/**
 * \brief What is true of each pixel of a frame
 * \param[in] model The sensor
 * \param[in] scene The scene
 * \param[in] focus Dioptres over the position of the lens, if it has any
 * \param[in] mode Index of the mode; must exist
 * \param[in] moment When and through which lens the frame is taken
 *
 * Colour, light and distance are those at the pixel's centre, as a perfect lens shows them;
 * the electrons are those that the lens and the mosaic give, before any noise and before what the array
 * adds (shading, crosstalk, non-uniformity).
 */
TruthMaps truthMaps(const SensorModel &model, const Scene &scene, const std::optional<Track> &focus,
		    unsigned int mode, const Moment &moment)
{
	SceneRenderer renderer(model, scene, focus);
	std::vector<SignalLayer> signals;
	renderer.render(mode, moment, &signals);

	const SignalMap &first = *signals.front().map;
	const size_t pixels = size_t{ first.width } * first.height;
	TruthMaps maps{ first.width, first.height, std::vector<float>(3 * pixels), std::vector<float>(2 * pixels),
			std::vector<float>(pixels), std::vector<float>(pixels) };

	const PointTruth truth(scene);
	const Grid grid = renderer.grid(mode);
	std::vector<double> factors(truth.lights().size());
	for (unsigned int y = 0; y < maps.height; y++) {
		const unsigned int before = moment.upwards ? maps.height - 1 - y : y;
		const double end = std::chrono::duration<double>(moment.time).count() + before * moment.rowTime;
		for (size_t i = 0; i < factors.size(); i++)
			factors[i] = truth.lights()[i].level.mean(end - moment.exposureTime, end) *
				     truth.lights()[i].flicker.mean(end - moment.exposureTime, end);

		for (unsigned int x = 0; x < maps.width; x++) {
			const size_t at = size_t{ y } * maps.width + x;
			truth.put(grid.originX + (x + 0.5) * grid.pixel, grid.originY + (y + 0.5) * grid.pixel,
				  end - moment.exposureTime / 2.0, factors, &maps.xyz[3 * at],
				  &maps.illuminant[2 * at], &maps.distance[at]);

			double electrons = 0.0;
			for (const SignalLayer &layer : signals) {
				const double root = layer.map->index[at] / double(kSignalMax);
				electrons += root * root * layer.map->largest *
					     (layer.rowFactors.empty() ? 1.0 : layer.rowFactors[y]);
			}
			maps.electrons[at] = static_cast<float>(electrons * moment.exposureTime);
		}
	}

	return maps;
}

/**
 * \brief Write xyz.npy, illuminant.npy, distance.npy and electrons.npy
 * \param[in] maps The truth
 * \param[in] directory Where; must exist
 * \param[out] error What went wrong
 */
bool writeTruthMaps(const TruthMaps &maps, const std::string &directory, std::string *error)
{
	const std::filesystem::path path(directory);
	const std::string size = fmt::format("{}, {}", maps.height, maps.width);

	return writeNpy(path / "xyz.npy", size + ", 3", maps.xyz, error) &&
	       writeNpy(path / "illuminant.npy", size + ", 2", maps.illuminant, error) &&
	       writeNpy(path / "distance.npy", size, maps.distance, error) &&
	       writeNpy(path / "electrons.npy", size, maps.electrons, error);
}

} /* namespace fovea::sensor */
