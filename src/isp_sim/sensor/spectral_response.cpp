/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Spectral sensitivities of cameras, as databases publish them
 */

#include "isp_sim/sensor/spectral_response.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <math.h>

#include <fmt/format.h>

#include "isp_sim/sensor/config.h"

namespace fovea::sensor {

namespace {

/* The wavelengths that a file may have, nm. */
constexpr double kShortest = 200.0;
constexpr double kLongest = 2000.0;

constexpr size_t kMinimumRows = 8;
constexpr double kLargest = 1e6;

/* Red, green and blue at a wavelength. */
struct Sample {
	double wavelength;
	Vector3 values;
};

bool convert(std::string_view text, double *value)
{
	while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
		text.remove_prefix(1);
	while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
		text.remove_suffix(1);

	auto [last, status] = std::from_chars(text.data(), text.data() + text.size(), *value);
	return status == std::errc{} && last == text.data() + text.size() && isfinite(*value);
}

/* Four numbers between commas. */
bool convertLine(std::string_view line, std::array<double, 4> *numbers)
{
	for (size_t i = 0; i < numbers->size(); i++) {
		const size_t comma = line.find(',');
		if ((comma == std::string_view::npos) != (i == numbers->size() - 1) ||
		    !convert(line.substr(0, comma), &(*numbers)[i]))
			return false;
		line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
	}

	return true;
}

bool isHeader(std::string_view line)
{
	return std::any_of(line.begin(), line.end(), [](char c) {
		return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
	}) && line.find_first_of("0123456789") == std::string_view::npos;
}

/* Wavelengths rise, values are those of a sensitivity. */
bool checkSample(const Sample &sample, const std::vector<Sample> &before, std::string *error)
{
	if (!(sample.wavelength >= kShortest && sample.wavelength <= kLongest))
		*error = fmt::format("wavelength {}, expected {} to {} nm", sample.wavelength, kShortest, kLongest);
	else if (!before.empty() && sample.wavelength <= before.back().wavelength)
		*error = fmt::format("wavelength {}, expected more than the {} before", sample.wavelength,
				     before.back().wavelength);
	else if (std::any_of(sample.values.begin(), sample.values.end(),
			     [](double v) { return !(v >= -kLargest && v <= kLargest); }))
		*error = fmt::format("expected sensitivities of at most {}", kLargest);

	return error->empty();
}

bool parseCsv(std::string_view text, const std::string &fileName, std::vector<Sample> *samples,
	      std::string *error)
{
	unsigned int number = 0;

	while (!text.empty()) {
		const size_t end = std::min(text.find('\n'), text.size());
		const std::string_view line = text.substr(0, end);
		std::array<double, 4> v;
		std::string reason;
		number++;
		text.remove_prefix(std::min(end + 1, text.size()));

		if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#' ||
		    (samples->empty() && isHeader(line)))
			continue;

		if (!convertLine(line, &v)) {
			*error = fmt::format("{}:{}: expected four numbers: wavelength in nm, red, green, blue",
					     fileName, number);
			return false;
		}

		const Sample sample{ v[0], { v[1], v[2], v[3] } };
		if (!checkSample(sample, *samples, &reason)) {
			*error = fmt::format("{}:{}: {}", fileName, number, reason);
			return false;
		}
		samples->push_back(sample);
	}

	return true;
}

/* The JSON of rawtoaces: spectral_data.data.main has a list for each wavelength. */
bool readJson(const Config &config, std::vector<Sample> *samples)
{
	Config map = config;

	for (const char *key : { "spectral_data", "data", "main" }) {
		if (!map.isMap(key))
			return map.fail(key, "expected a map of fields");
		map = map.child(key);
	}

	for (int nm = kShortest; nm <= kLongest; nm++) {
		const std::string key = std::to_string(nm);
		Sample sample{ double(nm), {} };

		if (!map.has(key.c_str()))
			continue;
		if (!map.numbers(key.c_str(), 3, -kLargest, kLargest, sample.values.data()))
			return false;
		samples->push_back(sample);
	}

	return true;
}

/* Between samples on straight lines, nothing outside of them. */
double valueAt(const std::vector<Sample> &samples, double wavelength, size_t channel)
{
	auto next = std::lower_bound(samples.begin(), samples.end(), wavelength,
				     [](const Sample &s, double w) { return s.wavelength < w; });
	if (next == samples.end() || (next == samples.begin() && next->wavelength > wavelength))
		return 0.0;
	if (next->wavelength == wavelength)
		return next->values[channel];

	const Sample &before = next[-1];
	const double t = (wavelength - before.wavelength) / (next->wavelength - before.wavelength);
	return before.values[channel] + (next->values[channel] - before.values[channel]) * t;
}

} /* namespace */

/**
 * \brief Read the sensitivities of a camera's red, green and blue
 * \param[in] text Lines of wavelength in nm, red, green and blue, with or without a line
 * of names, comments behind #; or a JSON object as rawtoaces has it
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong: file, line and what is expected
 *
 * \return Sensitivities in the file's unit at the wavelengths of a Spectrum
 */
std::optional<std::array<Spectrum, 3>> parseSensitivities(std::string_view text,
							  const std::string &fileName,
							  std::string *error)
{
	const size_t first = text.find_first_not_of(" \t\r\n");
	const bool json = first != std::string_view::npos && text[first] == '{';
	std::vector<Sample> samples;

	error->clear();
	if (!(json ? Config::parse(text, fileName, error,
				   [&](const Config &config) { return readJson(config, &samples); })
		   : parseCsv(text, fileName, &samples, error)))
		return std::nullopt;

	if (samples.size() < kMinimumRows) {
		*error = fmt::format("{}: sensitivities at {} wavelengths, expected {} or more", fileName,
				     samples.size(), kMinimumRows);
		return std::nullopt;
	}

	std::array<Spectrum, 3> result;
	for (size_t i = 0; i < 3; i++) {
		double most = 0.0;
		result[i] = Spectrum([&](double nm) { return valueAt(samples, nm, i); });
		for (size_t k = 0; k < Spectrum::kSize; k++)
			most = std::max(most, result[i][k]);
		if (most <= 0.0) {
			static constexpr std::array<const char *, 3> kNames{ "red", "green", "blue" };
			*error = fmt::format("{}: {} sees nothing from {} to {} nm", fileName, kNames[i],
					     Spectrum::kFirst, Spectrum::wavelength(Spectrum::kSize - 1));
			return std::nullopt;
		}
	}

	return result;
}

/**
 * \brief Electrons per photon of sensitivities to energy
 * \param[in] sensitivities To energy, relative, as measured with monochromatic light of
 * known power; not all 0
 * \param[in] peak The largest value of the result
 *
 * A photon of twice the wavelength has half the energy.
 */
std::array<Spectrum, 3> responseOfSensitivities(const std::array<Spectrum, 3> &sensitivities,
						double peak)
{
	std::array<Spectrum, 3> response;
	double most = 0.0;

	for (size_t i = 0; i < 3; i++) {
		response[i] = sensitivities[i] * Spectrum([](double nm) { return 1.0 / nm; });
		for (size_t k = 0; k < Spectrum::kSize; k++)
			most = std::max(most, fabs(response[i][k]));
	}
	for (Spectrum &spectrum : response)
		spectrum = spectrum * (peak / most);

	return response;
}

/**
 * \brief Read the file of a model's response, if its response is in a file
 * \param[inout] model The model
 * \param[in] directories Where the file is looked for
 * \param[out] error What is wrong
 */
bool loadResponse(SensorModel *model, const std::vector<std::string> &directories,
		  std::string *error)
{
	PixelModel &pixel = model->pixel;
	if (pixel.responseFile.empty())
		return true;

	for (const std::string &directory : directories) {
		const std::string file = directory + "/" + pixel.responseFile;
		std::string text;

		if (!std::filesystem::exists(file))
			continue;
		if (!readTextFile(file, &text, error))
			return false;

		const auto sensitivities = parseSensitivities(text, file, error);
		if (!sensitivities)
			return false;
		pixel.response = responseOfSensitivities(*sensitivities, pixel.responsePeak);
		return true;
	}

	*error = fmt::format("{}: no such file, looked in {}", pixel.responseFile, fmt::join(directories, ", "));
	return false;
}

} /* namespace fovea::sensor */
