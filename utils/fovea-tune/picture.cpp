/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * 8-bit RGB picture: PNG files, comparison, hash
 */

#include "picture.h"

#include <algorithm>
#include <cmath>
#include <errno.h>
#include <limits>
#include <stdio.h>
#include <string.h>

#include <png.h>

namespace fovea::tune {

/**
 * \brief Convert a frame in DRM's XRGB8888 (bytes B, G, R, X) to a picture
 * \param[in] data The frame, at least \a stride * \a height bytes
 * \param[in] width Width in pixels
 * \param[in] height Height in lines
 * \param[in] stride Bytes from line to line
 */
Picture fromXrgb8888(std::span<const uint8_t> data, unsigned int width,
		     unsigned int height, size_t stride)
{
	Picture picture{ width, height, std::vector<uint8_t>(size_t{ 3 } * width * height) };
	uint8_t *out = picture.rgb.data();

	for (unsigned int y = 0; y < height; y++) {
		const uint8_t *in = data.data() + y * stride;
		for (unsigned int x = 0; x < width; x++, in += 4, out += 3) {
			out[0] = in[2];
			out[1] = in[1];
			out[2] = in[0];
		}
	}

	return picture;
}

/**
 * \brief Hash of size and pixels
 *
 * 64-bit FNV-1a (Fowler, Noll, Vo; IETF draft-eastlake-fnv) over width and
 * height as 32-bit little-endian words and the RGB bytes. It names pictures in
 * reports and golden files; it is no defence against forgery.
 */
uint64_t hash(const Picture &picture)
{
	constexpr uint64_t kOffsetBasis = 0xcbf29ce484222325;
	constexpr uint64_t kPrime = 0x100000001b3;
	uint64_t value = kOffsetBasis;

	auto add = [&value](uint8_t byte) {
		value = (value ^ byte) * kPrime;
	};

	for (unsigned int size : { picture.width, picture.height })
		for (unsigned int shift = 0; shift < 32; shift += 8)
			add(size >> shift);
	for (uint8_t byte : picture.rgb)
		add(byte);

	return value;
}

/**
 * \brief Compare two pictures of the same size
 *
 * The peak signal-to-noise ratio is 10 log10(255^2 / mean squared error) over
 * all channels, in dB, and infinite for equal pictures.
 */
Difference compare(const Picture &a, const Picture &b)
{
	Difference difference{ 0, 0, std::numeric_limits<double>::infinity() };
	uint64_t squares = 0;

	for (size_t i = 0; i < a.rgb.size(); i += 3) {
		bool changed = false;
		for (size_t c = i; c < i + 3; c++) {
			unsigned int delta = std::abs(a.rgb[c] - b.rgb[c]);
			squares += delta * delta;
			difference.largest = std::max(difference.largest, delta);
			changed |= delta != 0;
		}
		difference.changedPixels += changed;
	}

	if (squares)
		difference.psnr = 10 * std::log10(255.0 * 255.0 * a.rgb.size() / squares);

	return difference;
}

/**
 * \brief Picture of the difference of two pictures of the same size
 *
 * Mid grey (128) is no difference; differences are shown eight times enlarged
 * and clipped.
 */
Picture differencePicture(const Picture &a, const Picture &b)
{
	constexpr int kGain = 8;
	Picture picture{ a.width, a.height, std::vector<uint8_t>(a.rgb.size()) };

	for (size_t i = 0; i < a.rgb.size(); i++)
		picture.rgb[i] = std::clamp(128 + kGain * (a.rgb[i] - b.rgb[i]), 0, 255);

	return picture;
}

/**
 * \brief Write a PNG file, whole or not at all
 * \return 0, or a negative error code with \a error set
 *
 * The file is written beside its final name and renamed, so that a full disk
 * leaves neither a truncated picture nor a lost older one.
 */
int writePng(const std::string &path, const Picture &picture, std::string *error)
{
	const std::string partial = path + ".partial";
	png_image image = {};
	image.version = PNG_IMAGE_VERSION;
	image.width = picture.width;
	image.height = picture.height;
	image.format = PNG_FORMAT_RGB;
	image.flags = PNG_IMAGE_FLAG_FAST;

	errno = 0;
	if (!png_image_write_to_file(&image, partial.c_str(), 0, picture.rgb.data(),
				     0, nullptr)) {
		int err = errno ? errno : EIO;
		*error = "cannot write " + path + ": " + image.message + " (" +
			 strerror(err) + "); check the path and the free space";
		remove(partial.c_str());
		return -err;
	}

	if (rename(partial.c_str(), path.c_str())) {
		int err = errno;
		*error = "cannot rename " + partial + " to " + path + ": " + strerror(err);
		remove(partial.c_str());
		return -err;
	}

	return 0;
}

/**
 * \brief Read a PNG file as RGB
 * \return 0, or a negative error code with \a error set
 */
int readPng(const std::string &path, Picture *picture, std::string *error)
{
	png_image image = {};
	image.version = PNG_IMAGE_VERSION;

	if (!png_image_begin_read_from_file(&image, path.c_str())) {
		*error = "cannot read " + path + ": " + image.message;
		return -EINVAL;
	}

	image.format = PNG_FORMAT_RGB;
	picture->width = image.width;
	picture->height = image.height;
	picture->rgb.resize(PNG_IMAGE_SIZE(image));

	if (!png_image_finish_read(&image, nullptr, picture->rgb.data(), 0, nullptr)) {
		*error = "cannot read " + path + ": " + image.message;
		return -EINVAL;
	}

	return 0;
}

} /* namespace fovea::tune */
