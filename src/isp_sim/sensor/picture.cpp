/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Still pictures as reflectances
 */

#include "isp_sim/sensor/picture.h"

#include <charconv>
#include <string.h>

#include <fmt/format.h>
#include <png.h>

#include "isp_sim/sensor/exact_math.h"

namespace fovea::sensor {

namespace {

constexpr unsigned int kMaximumSide = 4096;

/* The linear value of every code of an 8-bit picture. */
const std::array<float, 256> &linearTable()
{
	static const std::array<float, 256> table = [] {
		std::array<float, 256> t;
		for (size_t i = 0; i < t.size(); i++)
			t[i] = static_cast<float>(linearFromSrgb(i));
		return t;
	}();

	return table;
}

LinearPicture fromBytes(unsigned int width, unsigned int height, const uint8_t *rgb)
{
	const auto &linear = linearTable();
	LinearPicture picture{ width, height, {} };

	picture.pixels.resize(size_t{ width } * height);
	for (auto &pixel : picture.pixels) {
		pixel = { linear[rgb[0]], linear[rgb[1]], linear[rgb[2]] };
		rgb += 3;
	}

	return picture;
}

bool sizeIsGood(uint64_t width, uint64_t height)
{
	return width > 0 && height > 0 && width <= kMaximumSide && height <= kMaximumSide;
}

/* The next number of a PPM header, behind white space and comments. */
bool headerNumber(std::string_view *bytes, unsigned int *value)
{
	while (!bytes->empty()) {
		if (bytes->front() == '#')
			bytes->remove_prefix(std::min(bytes->find('\n'), bytes->size()));
		else if (strchr(" \t\r\n", bytes->front()) && bytes->front())
			bytes->remove_prefix(1);
		else
			break;
	}

	auto [last, status] = std::from_chars(bytes->data(), bytes->data() + bytes->size(), *value);
	bytes->remove_prefix(last - bytes->data());
	return status == std::errc{};
}

/* Binary PPM of 8 bits, which netpbm defines. */
std::optional<LinearPicture> parsePpm(std::string_view bytes, const std::string &fileName,
				      std::string *error)
{
	unsigned int width = 0, height = 0, maximum = 0;

	bytes.remove_prefix(2);
	if (!headerNumber(&bytes, &width) || !headerNumber(&bytes, &height) ||
	    !headerNumber(&bytes, &maximum) || bytes.empty() || maximum != 255 ||
	    !sizeIsGood(width, height)) {
		*error = fmt::format("{}: bad PPM header, expected P6, a size of at most {}x{} and 255",
				     fileName, kMaximumSide, kMaximumSide);
		return std::nullopt;
	}

	bytes.remove_prefix(1);
	const size_t needed = size_t{ 3 } * width * height;
	if (bytes.size() < needed) {
		*error = fmt::format("{}: truncated: {} bytes of pixels, expected {}", fileName,
				     bytes.size(), needed);
		return std::nullopt;
	}

	return fromBytes(width, height, reinterpret_cast<const uint8_t *>(bytes.data()));
}

std::optional<LinearPicture> parsePng(std::string_view bytes, const std::string &fileName,
				      std::string *error)
{
	png_image image = {};
	std::vector<uint8_t> rgb;

	image.version = PNG_IMAGE_VERSION;
	if (!png_image_begin_read_from_memory(&image, bytes.data(), bytes.size())) {
		*error = fmt::format("{}: not a good PNG file: {}", fileName, image.message);
		return std::nullopt;
	}
	if (!sizeIsGood(image.width, image.height)) {
		*error = fmt::format("{}: {}x{}, expected at most {}x{}", fileName, image.width,
				     image.height, kMaximumSide, kMaximumSide);
		png_image_free(&image);
		return std::nullopt;
	}

	const png_color black = { 0, 0, 0 };
	image.format = PNG_FORMAT_RGB;
	rgb.resize(PNG_IMAGE_SIZE(image));
	if (!png_image_finish_read(&image, &black, rgb.data(), 0, nullptr)) {
		*error = fmt::format("{}: not a good PNG file: {}", fileName, image.message);
		return std::nullopt;
	}

	return fromBytes(image.width, image.height, rgb.data());
}

} /* namespace */

/**
 * \brief Read a still picture
 * \param[in] bytes A PNG file, or a binary PPM file (P6) of 8 bits; taken as sRGB, of at
 * most 4096x4096 pixels
 * \param[in] fileName The name to give in errors
 * \param[out] error What is wrong
 */
std::optional<LinearPicture> parsePicture(std::string_view bytes, const std::string &fileName,
					  std::string *error)
{
	error->clear();
	if (bytes.starts_with("P6"))
		return parsePpm(bytes, fileName, error);
	if (bytes.starts_with("\x89PNG"))
		return parsePng(bytes, fileName, error);

	*error = fmt::format("{}: expected a PNG file or a binary PPM file (P6)", fileName);
	return std::nullopt;
}

/**
 * \brief Reflectances of the primaries of sRGB
 *
 * Three smooth spectra from 0 to 1 that add up to 1 at each wavelength and have the
 * colours of the primaries under D65, so that a picture whose values are from 0 to 1 has
 * reflectances from 0 to 1 and white is flat. The idea is that of Mallett and Yuksel,
 * "Spectral Primary Decomposition for Rendering with sRGB Reflectance", Eurographics
 * Symposium on Rendering 2019; the spectra are our own: shares of exponentials of
 * sums of cosines, fitted under daylightSpectrum(6504).
 */
std::array<Spectrum, 3> primaryReflectances()
{
	static constexpr std::array<double, 10> kRed{ 1.107, -5.830, -0.319, 1.476, 0.163,
						      -0.487, 0.060, 0.212, -0.142, -0.153 };
	static constexpr std::array<double, 10> kGreen{ 0.188, -1.683, -2.805, -1.535, 0.583,
							1.030, 0.226, -0.147, 0.016, -0.023 };
	constexpr double kPi = 0x1.921fb54442d18p+1;
	auto part = [&](const std::array<double, 10> &shape, double nm) {
		double sum = 0.0;
		for (size_t k = 0; k < shape.size(); k++)
			sum += shape[k] * exact::cos(kPi * k * (nm - 380.0) / 400.0);
		return exact::exp(sum);
	};

	std::array<Spectrum, 3> primaries;
	for (size_t i = 0; i < Spectrum::kSize; i++) {
		const double nm = Spectrum::wavelength(i);
		const double red = part(kRed, nm), green = part(kGreen, nm);
		primaries[0][i] = red / (red + green + 1.0);
		primaries[1][i] = green / (red + green + 1.0);
		primaries[2][i] = 1.0 / (red + green + 1.0);
	}

	return primaries;
}

} /* namespace fovea::sensor */
